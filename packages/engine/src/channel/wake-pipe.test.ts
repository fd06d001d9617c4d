/** WAKE that is duplicated from a pipe, into FIFOs as between an engine and its workers. */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDirectCalls } from './direct-calls.ts'
import { FdPipeWriter } from './pipe-writer.ts'
import { WAKE, WakePipe } from './wake-pipe.ts'

const MESSAGE_BYTES = 1_024

let directory = ''
let wakes: WakePipe
let ends: { readFd: number; writeFd: number }

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-wake-'))
  wakes = opened()
  const path = join(directory, 'fifo')
  spawnSync('mkfifo', ['-m', '600', path])
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  ends = { readFd, writeFd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) }
})

afterEach(() => {
  wakes.close()
  rmSync(directory, { recursive: true, force: true })
})

function opened(): WakePipe {
  const pipe = WakePipe.open()
  if (pipe === undefined) throw new Error('this host has no tee, or koffi is missing: npm ci')
  return pipe
}

/** What lies in the pipe, in messages; each is given by its first byte once all of it was seen to be right. */
function messages(): number[] {
  const into = Buffer.alloc(65_536)
  const seen: number[] = []
  for (;;) {
    let length: number
    try {
      length = readSync(ends.readFd, into)
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN')
      return seen
    }
    if (length === 0) return seen
    expect(length % MESSAGE_BYTES).toBe(0)
    for (let at = 0; at < length; at += MESSAGE_BYTES) {
      const one = into.subarray(at, at + MESSAGE_BYTES)
      const expected = one[0] === WAKE[0] ? WAKE : Buffer.alloc(MESSAGE_BYTES, one[0])
      expect(one.equals(expected)).toBe(true)
      seen.push(one[0]!)
    }
  }
}

test('any number are sent from one, in order with what is written', () => {
  for (let i = 0; i < 100; i += 1) {
    expect(wakes.send(ends.writeFd)).toBe(true)
    writeSync(ends.writeFd, Buffer.alloc(MESSAGE_BYTES, 0xaa))
    expect(wakes.send(ends.writeFd)).toBe(true)
    expect(messages()).toEqual([WAKE[0], 0xaa, WAKE[0]])
  }
})

test('a pipe that is full gets nothing of it, and takes it when it was read', () => {
  let sent = 0
  while (wakes.send(ends.writeFd)) {
    sent += 1
    expect(sent).toBeLessThanOrEqual(64)
  }
  expect(messages()).toHaveLength(sent)
  expect(wakes.send(ends.writeFd)).toBe(true)
  expect(messages()).toEqual([WAKE[0]])
})

test('a descriptor that is no pipe, one that nobody reads, and a closed source give false', () => {
  const file = openSync(join(directory, 'file'), 'w')
  expect(wakes.send(file)).toBe(false)
  closeSync(file)
  const closed = wakes
  closed.close()
  wakes = opened() // Has the descriptors that the closed one had.
  closed.close()
  expect(closed.send(ends.writeFd)).toBe(false)
  expect(messages()).toEqual([])
  expect(wakes.send(ends.writeFd)).toBe(true)
  closeSync(ends.readFd)
  expect(wakes.send(ends.writeFd)).toBe(false) // And no SIGPIPE ends the process.
})

test('who polls pipes is told of a WAKE as of a write', () => {
  let told = 0
  const calls = openDirectCalls()
  if (typeof calls === 'string') throw new Error(calls)
  const wrote = (): void => {
    told += 1
  }
  const writer = new FdPipeWriter(ends.writeFd, { calls, wrote }, wakes)
  expect(writer.writeWake()).toBe(MESSAGE_BYTES)
  expect(told).toBe(1)
  writer.close()
})

test.each([
  ['sent', () => wakes],
  ['written where there is nothing to send it by', () => undefined],
])('a writer’s WAKE is %s, waits for a chunk before it, and is dropped when nobody reads', async (_, source) => {
  const writer = new FdPipeWriter(ends.writeFd, undefined, source())
  expect(writer.writeWake()).toBe(MESSAGE_BYTES)
  expect(messages()).toEqual([WAKE[0]])
  // A full pipe: a chunk is with the event loop, and WAKE may not overtake it.
  const much = Buffer.alloc(256 * MESSAGE_BYTES, 0xaa)
  const taken = writer.write(much, 0, much.length)
  expect(taken).toBeLessThan(much.length)
  const writable = new Promise<void>((resolve) => {
    writer.onWritable = resolve
  })
  const first = messages()
  expect(writer.writeWake()).toBe(0) // There is room now.
  await writable
  expect([...first, ...messages()]).toEqual(Array.from({ length: taken / MESSAGE_BYTES }, () => 0xaa))
  expect(writer.writeWake()).toBe(MESSAGE_BYTES)
  expect(messages()).toEqual([WAKE[0]])
  closeSync(ends.readFd)
  expect(writer.writeWake()).toBe(MESSAGE_BYTES)
  writer.close()
  expect(writer.writeWake()).toBe(MESSAGE_BYTES)
})
