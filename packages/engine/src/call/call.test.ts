import { MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { Dice } from '../testing/schedule.ts'
import { Call } from './call.ts'

/** The calls that one made, newest first. */
function children(call: Call): Call[] {
  const list: Call[] = []
  for (let child = call.firstChild; child !== undefined; child = child.nextSibling) list.push(child)
  return list
}

test('a call that leaves the tree leaves its parent and lets go of its children', () => {
  const [parent, middle, child] = [new Call(), new Call(), new Call()]
  parent.number = 7
  parent.adopt(middle)
  middle.adopt(child)
  middle.leaveTree()
  expect(children(parent)).toEqual([])
  expect([middle.parent, child.parent, middle.firstChild]).toEqual([undefined, undefined, undefined])
  expect(middle.parentNumber).toBe(7)
})

test.each([1, 2, 3])('the tree is what a model says, for thousands of random moves (seed %i)', (seed) => {
  const dice = new Dice(seed)
  const calls = Array.from({ length: 30 }, () => new Call())
  const parents = new Map<Call, Call>()
  for (let move = 0; move < 4_000; move += 1) {
    const call = dice.pick(calls)
    const parent = dice.pick(calls)
    if (dice.once(3)) {
      call.leaveTree()
      parents.delete(call)
      for (const [child, above] of parents) if (above === call) parents.delete(child)
    } else if (parent !== call && !parents.has(call)) {
      parent.adopt(call)
      parents.set(call, parent)
    }
    for (const one of calls) {
      expect(one.parent).toBe(parents.get(one))
      expect(new Set(children(one))).toEqual(new Set(calls.filter((other) => parents.get(other) === one)))
    }
  }
})

test.each([0, 1, 64, 65, 960])('keeps the first %i bytes of an input, and they outlive the message', (length) => {
  const bytes = new Uint8Array(2 * MESSAGE_BYTES)
  const writer = new MessageWriter(bytes).moveTo(MESSAGE_BYTES).begin(MessageType.INVOKE)
  writer.copyBody(new Uint8Array(length).fill(5), 0, length)
  writer.end(length, 960)
  const call = new Call()
  call.keep(new MessageView(bytes).moveTo(MESSAGE_BYTES))
  bytes.fill(9)
  expect(call.bodyLength).toBe(length)
  expect(call.body.subarray(0, length).every((byte) => byte === 5)).toBe(true)
  expect(call.body.subarray(length).every((byte) => byte === 0)).toBe(true)
})
