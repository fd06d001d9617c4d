import { readFileSync, truncateSync } from 'node:fs'
import { RING_CELLS_MIN, segmentBytes } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { SharedMemory } from './shared-memory.ts'

function open(): SharedMemory {
  const memory = SharedMemory.open(RING_CELLS_MIN)
  if (typeof memory === 'string') throw new Error(memory)
  return memory
}

test('a segment can be made neither shorter nor longer, by whoever has its descriptor', () => {
  const one = open().make()
  for (const length of [0, segmentBytes(RING_CELLS_MIN) - 1, segmentBytes(RING_CELLS_MIN) + 1]) {
    expect(() => truncateSync(`/proc/self/fd/${one.fd}`, length)).toThrow(/EPERM/)
  }
  expect(one.segment.cells()).toBe(RING_CELLS_MIN)
  one.started()
  one.release()
})

test('what is written into it is in the file that the worker gets, and two of them have nothing in common', () => {
  const memory = open()
  const one = memory.make()
  const other = memory.make()
  one.segment.bytes.set([1, 2, 3], 5_000)
  const file = readFileSync(`/proc/self/fd/${one.fd}`)
  expect(file.length).toBe(segmentBytes(RING_CELLS_MIN))
  expect([...file.subarray(5_000, 5_003)]).toEqual([1, 2, 3])
  expect(other.segment.bytes[5_000]).toBe(0)
  for (const each of [one, other]) {
    each.started()
    each.started()
    each.release()
  }
})

test('memory that was released can be touched without harm, and never shows in the segment that takes its place', () => {
  const memory = open()
  const first = memory.make()
  first.started()
  first.segment.bytes[5_000] = 9
  first.release()
  expect(first.segment.bytes[5_000]).toBe(0)
  first.segment.bytes[5_000] = 8
  const second = memory.make()
  second.started()
  expect(second.segment.bytes.byteOffset).toBe(first.segment.bytes.byteOffset)
  expect(second.segment.bytes[5_000]).toBe(0)
  expect(second.segment.cells()).toBe(RING_CELLS_MIN)
  first.release() // Again: it must not take away what the second one has.
  expect(second.segment.cells()).toBe(RING_CELLS_MIN)
  second.release()
})
