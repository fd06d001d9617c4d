import { BODY_BYTES, MESSAGE_BYTES, MessageType, MessageView } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { OUTBOX_MESSAGES_INITIAL, OUTBOX_MESSAGES_KEPT } from '../base/limits.ts'
import { Dice } from '../testing/schedule.ts'
import type { PipeWriter } from '../world.ts'
import { Answers, Outbox } from './outbox.ts'

/** A pipe that takes as many bytes as `takes` says, and keeps them. */
class Taker implements PipeWriter {
  readonly parts: Uint8Array[] = []
  takes: (offered: number) => number
  onWritable = (): void => {}

  constructor(takes: (offered: number) => number = (offered) => offered) {
    this.takes = takes
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    const length = this.takes(to - from)
    this.parts.push(bytes.slice(from, from + length))
    return length
  }

  close(): void {}

  get bytes(): Uint8Array {
    return Buffer.concat(this.parts)
  }
}

/** Puts one DATA with `length` bytes of `fill`; its call id tells its place. */
function put(
  outbox: Outbox,
  callId: number,
  length: number,
  fill: number,
  answers: Answers = Answers.nothing,
): boolean {
  const slot = outbox.claim(MessageType.DATA)
  if (slot === undefined) return false
  slot.callId = callId
  slot.copyBody(new Uint8Array(length).fill(fill), 0, length)
  outbox.commit(length, answers)
  return true
}

/** Checks that `bytes` are whole messages 1, 2, 3 ... of the given lengths, with a zero tail each. */
function check(bytes: Uint8Array, lengths: readonly number[]): void {
  expect(bytes.length).toBe(lengths.length * MESSAGE_BYTES)
  const view = new MessageView(bytes)
  for (const [i, length] of lengths.entries()) {
    view.moveTo(i * MESSAGE_BYTES)
    expect(view.callId).toBe(i + 1)
    expect(view.bodyLength).toBe(length)
    const body = bytes.subarray(view.at + 64, view.at + MESSAGE_BYTES)
    expect(body.subarray(0, length).every((byte) => byte === ((i + 1) & 0xff || 1))).toBe(true)
    expect(body.subarray(length).every((byte) => byte === 0)).toBe(true)
  }
}

test('a message written at any offset of a partial write comes out whole', () => {
  for (let cut = 0; cut <= 2 * MESSAGE_BYTES; cut += 1) {
    const outbox = new Outbox(64)
    const pipe = new Taker((offered) => Math.min(offered, cut))
    put(outbox, 1, 100, 1)
    put(outbox, 2, BODY_BYTES, 2)
    expect(outbox.flush(pipe)).toBe(cut === 2 * MESSAGE_BYTES)
    expect(outbox.waiting).toBe(Math.ceil((2 * MESSAGE_BYTES - cut) / MESSAGE_BYTES))
    pipe.takes = (offered) => offered
    expect(outbox.flush(pipe)).toBe(true)
    check(pipe.bytes, [100, BODY_BYTES])
  }
})

test('a slot that is used again shows no byte of the message before it', () => {
  const outbox = new Outbox(64)
  const pipe = new Taker()
  put(outbox, 1, BODY_BYTES, 1)
  outbox.flush(pipe)
  put(outbox, 2, 3, 2)
  outbox.flush(pipe)
  check(pipe.bytes, [BODY_BYTES, 3])
})

test('it takes as many messages as its bound, says so for the next one, and takes again when some are written', () => {
  const max = 3 * OUTBOX_MESSAGES_INITIAL
  const outbox = new Outbox(max)
  let sent = 0
  while (put(outbox, sent + 1, 1, (sent + 1) & 0xff || 1)) sent += 1
  expect(sent).toBe(max)
  expect(outbox.claim(MessageType.PING)).toBeUndefined()
  const pipe = new Taker(() => Math.ceil(max / 2) * MESSAGE_BYTES)
  outbox.flush(pipe)
  expect(put(outbox, sent + 1, 1, (sent + 1) & 0xff || 1)).toBe(true)
  pipe.takes = (offered) => offered
  expect(outbox.flush(pipe)).toBe(true)
  check(
    pipe.bytes,
    Array.from({ length: sent + 1 }, () => 1),
  )
})

test('a place among the answers frees only when the last byte of its message is written', () => {
  const outbox = new Outbox(64)
  put(outbox, 1, 0, 1, Answers.invoke)
  put(outbox, 2, 0, 2, Answers.ping)
  const pipe = new Taker(() => MESSAGE_BYTES - 1)
  outbox.flush(pipe)
  expect([outbox.unwritten[Answers.invoke], outbox.unwritten[Answers.ping]]).toEqual([1, 1])
  pipe.takes = () => 1
  outbox.flush(pipe)
  expect([outbox.unwritten[Answers.invoke], outbox.unwritten[Answers.ping]]).toEqual([0, 1])
  pipe.takes = (offered) => offered
  outbox.flush(pipe)
  expect(outbox.unwritten[Answers.ping]).toBe(0)
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'random messages, bounds and cuts come out in order and whole (seed %i)',
  (seed) => {
    const dice = new Dice(seed)
    const outbox = new Outbox(OUTBOX_MESSAGES_INITIAL + dice.below(2 * OUTBOX_MESSAGES_KEPT))
    const pipe = new Taker((offered) => Math.min(offered, dice.once(3) ? dice.below(5_000) : offered))
    const lengths: number[] = []
    const answers: Answers[] = []
    for (let move = 0; move < 3_000; move += 1) {
      const id = lengths.length + 1
      const length = dice.once(2) ? dice.below(BODY_BYTES + 1) : dice.below(40)
      const kind = dice.pick(Object.values(Answers))
      if (put(outbox, id, length, id & 0xff || 1, kind)) {
        lengths.push(length)
        answers.push(kind)
      }
      if (dice.once(1 + dice.below(60))) outbox.flush(pipe)
      const written = Math.floor(pipe.parts.reduce((sum, part) => sum + part.length, 0) / MESSAGE_BYTES)
      if (move % 50 === 0) {
        for (const one of Object.values(Answers)) {
          expect(outbox.unwritten[one]).toBe(answers.slice(written).filter((other) => other === one).length)
        }
      }
    }
    pipe.takes = (offered) => offered
    outbox.flush(pipe)
    check(pipe.bytes, lengths)
    expect([...outbox.unwritten]).toEqual([0, 0, 0, 0])
  },
)
