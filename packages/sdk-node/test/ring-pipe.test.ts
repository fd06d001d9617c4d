import { MESSAGE_BYTES, MessageType, MessageView, type Verdict } from '@millrace/protocol'
import { expect, test } from 'vitest'
import type { ByteSink } from '../src/world.ts'
import { ATTACHED, CELLS, RingStage, WAKE } from './ring-stage.ts'
import { message } from './scripted-engine.ts'

const ping = (nonce: number): Uint8Array => message(MessageType.PING, { nonce })
const pong = (nonce: number): Uint8Array => message(MessageType.PONG, { nonce })

/** What a channel does with the change, and all that it was given. */
class Sink implements ByteSink {
  readonly breaches: Verdict[] = []
  readonly ends: (string | undefined)[] = []
  bytes = Buffer.alloc(0)
  /** Called once, within the next delivery. */
  meanwhile: (() => void) | undefined
  /** Bytes before which ATTACHED ends. */
  attachedAt = Number.POSITIVE_INFINITY
  attached: () => void = () => {}

  onBytes(bytes: Uint8Array, length: number): void {
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(0, length)])
    if (this.bytes.length === this.attachedAt) this.attached()
    const { meanwhile } = this
    this.meanwhile = undefined
    meanwhile?.()
  }

  onEnd(error: string | undefined): void {
    this.ends.push(error)
  }

  onBreach(broken: Verdict): void {
    this.breaches.push(broken)
  }

  /** Types of the whole messages that came, with their nonces. */
  get messages(): string[] {
    return described(this.bytes)
  }
}

function described(bytes: Uint8Array): string[] {
  const view = new MessageView(bytes)
  return Array.from({ length: Math.floor(bytes.length / MESSAGE_BYTES) }, (_, i) => {
    const { type, nonce } = view.moveTo(i * MESSAGE_BYTES)
    return `${type}:${nonce}`
  })
}

const words = (views: readonly MessageView[]): string[] => views.map(({ type, nonce }) => `${type}:${nonce}`)

/** A pipe that has said HELLO, whose sink knows ATTACHED after so many bytes. */
function stage(attachedAt = MESSAGE_BYTES) {
  const it = new RingStage()
  const sink = new Sink()
  sink.attachedAt = attachedAt
  sink.attached = () => it.pipe.switchIn()
  it.pipe.start(sink)
  return { it, sink }
}

/** Both directions go by the rings, and the worker sleeps. */
function attached() {
  const { it, sink } = stage()
  it.pipe.switchOutAfter(0)
  it.fifo.give(ATTACHED)
  it.run()
  sink.bytes = Buffer.alloc(0)
  return { it, sink, write: (bytes: Uint8Array) => it.pipe.write(bytes, 0, bytes.length) }
}

const many = (count: number): Uint8Array => Buffer.concat(Array.from({ length: count }, (_, i) => pong(i)))

test.each([1, 100, 1_023, 1_024, 1_025, 2_000, 2_047, 2_048, 2_049, 3_071, 3_072])(
  'bytes that are cut after %i pass as in a pipe up to ATTACHED, and from then on messages come from the ring',
  (cut) => {
    const { it, sink } = stage(2 * MESSAGE_BYTES)
    it.publish(ping(3))
    const all = Buffer.concat([message(MessageType.WELCOME, {}), ATTACHED, WAKE])
    it.fifo.give(all.subarray(0, cut))
    it.run()
    expect(sink.messages).not.toContain(cut < 2_048 ? `${MessageType.PING}:3` : '')
    it.fifo.give(all.subarray(cut))
    it.run()
    const expected = [`${MessageType.WELCOME}:0`, `${MessageType.ATTACHED}:0`, `${MessageType.PING}:3`]
    expect([sink.messages, sink.breaches]).toEqual([expected, []])
  },
)

test('rings that WELCOME did not accept stay unused in both directions', () => {
  const { it, sink } = stage()
  it.pipe.decline()
  it.publish(ping(3))
  it.fifo.give(Buffer.concat([ping(1), ping(2)]))
  it.pipe.write(pong(1), 0, MESSAGE_BYTES)
  it.run()
  expect(sink.messages).toEqual([`${MessageType.PING}:1`, `${MessageType.PING}:2`])
  expect([words(it.piped), it.taken()]).toEqual([[`${MessageType.PONG}:1`], []])
})

test('a message in the ring is taken after WAKE, and one published while the worker is awake without it', () => {
  const { it, sink } = attached()
  expect(it.word('in_consumer_sleeping')).toBe(1)
  it.publish(ping(5))
  expect(it.mustWake()).toBe(true)
  sink.meanwhile = () => {
    it.publish(ping(7))
    expect(it.mustWake()).toBe(false)
  }
  it.fifo.give(WAKE)
  it.run()
  expect(sink.messages).toEqual([`${MessageType.PING}:5`, `${MessageType.PING}:7`])
  expect(it.word('in_consumer_sleeping')).toBe(1)
})

test('what the worker sends by itself makes it look for the answer without WAKE', () => {
  const { it, sink, write } = attached()
  it.segment.pollUs = 50
  write(pong(1))
  expect(it.turn()).toBe(true)
  it.publish(ping(9))
  expect([it.mustWake(), it.turn(), sink.messages]).toEqual([false, true, [`${MessageType.PING}:9`]])
})

test('100 WAKEs that tell of nothing change nothing', () => {
  const { it, sink } = attached()
  for (let i = 0; i < 100; i += 1) it.fifo.give(WAKE)
  it.run()
  expect([sink.messages, sink.breaches, sink.ends]).toEqual([[], [], []])
})

test.each([
  ['PING', ping(0), 'ring-only', /^PING came on the pipe after ATTACHED/],
  ['a second ATTACHED', ATTACHED, 'ring-only', /^ATTACHED came on the pipe/],
  ['rubbish', new Uint8Array(MESSAGE_BYTES).fill(0xee), 'ring-only', /^type 238 came/],
  ['a WAKE with a body', Uint8Array.from(WAKE, (byte, i) => (i === 2 ? 1 : byte)), 'message-body-none', /WAKE/],
])('%s on the pipe after ATTACHED is told as a breach, once, and nothing is taken after it', (_, bytes, rule, text) => {
  const { it, sink, write } = attached()
  it.fifo.give(Buffer.concat([bytes, bytes]))
  it.publish(ping(5))
  it.fifo.give(WAKE)
  it.run()
  expect(sink.breaches).toHaveLength(1)
  expect(sink.breaches[0]).toMatchObject({ rule, message: expect.stringMatching(text) })
  expect(sink.messages).toEqual([])
  write(pong(1)) // GOODBYE still goes.
  expect(words(it.taken())).toEqual([`${MessageType.PONG}:1`])
  it.fifo.end()
  expect([sink.messages, sink.ends]).toEqual([[], [undefined]])
})

test.each([CELLS + 1, 0x7fff_ffff, 0xffff_ffff])(
  'a tail of %i is told as a breach of ring-indices, and nothing else after it',
  async (tail) => {
    const { it, sink, write } = attached()
    it.setWord('in_tail', tail)
    it.fifo.give(WAKE)
    it.run()
    expect([sink.breaches[0]?.rule, sink.breaches.length, sink.messages]).toEqual(['ring-indices', 1, []])
    it.setWord('out_head', 5)
    write(many(CELLS + 1))
    await Promise.resolve()
    expect(sink.breaches).toHaveLength(1)
  },
)

test('a head beyond what was published is told as a breach at the next write that needs room, and the write is dropped', async () => {
  const { it, sink, write } = attached()
  it.setWord('out_head', 5)
  expect(write(many(CELLS + 1))).toBe((CELLS + 1) * MESSAGE_BYTES)
  expect(sink.breaches).toEqual([]) // Not within a send.
  await Promise.resolve()
  expect(sink.breaches).toMatchObject([{ rule: 'ring-indices' }])
  it.setWord('out_head', 0) // Too late: nothing is published any more.
  expect(write(pong(1))).toBe(MESSAGE_BYTES)
  expect(it.word('out_tail')).toBe(0)
})

test('writes go by the pipe up to the switch, though it falls inside one of them, then by the ring', () => {
  const { it } = stage()
  it.pipe.switchOutAfter(2 * MESSAGE_BYTES)
  const all = Buffer.concat([pong(1), ATTACHED, pong(2)])
  expect(it.pipe.write(all, 0, all.length)).toBe(all.length)
  expect(words(it.piped)).toEqual([`${MessageType.PONG}:1`, `${MessageType.ATTACHED}:0`])
  expect(words(it.taken())).toEqual([`${MessageType.PONG}:2`])
})

test('a pipe that is full before the switch is waited for, and cuts nothing', () => {
  const { it } = stage()
  const all = Buffer.concat([pong(1), ATTACHED, pong(2)])
  let at = 0
  it.pipe.onWritable = () => {
    at += it.pipe.write(all, at, all.length)
  }
  it.pipe.switchOutAfter(2 * MESSAGE_BYTES)
  it.fifo.room = 100
  it.pipe.onWritable()
  expect(at).toBe(100)
  it.fifo.makeRoom(MESSAGE_BYTES)
  expect([at, words(it.taken())]).toEqual([100 + MESSAGE_BYTES, []])
  it.fifo.makeRoom()
  expect([at, words(it.taken())]).toEqual([all.length, [`${MessageType.PONG}:2`]])
  expect(words(it.piped)).toEqual([`${MessageType.PONG}:1`, `${MessageType.ATTACHED}:0`])
})

test('a WAKE that is due before ATTACHED has gone follows it', () => {
  const { it, sink } = stage()
  it.pipe.switchOutAfter(MESSAGE_BYTES)
  it.fifo.give(ATTACHED)
  it.publish(...Array.from({ length: CELLS }, (_, i) => ping(i)))
  it.setWord('in_producer_waiting', 1)
  it.run()
  expect([sink.messages.length, it.piped]).toEqual([1 + CELLS, []])
  it.pipe.write(ATTACHED, 0, MESSAGE_BYTES)
  expect(it.piped.map(({ type }) => type)).toEqual([MessageType.ATTACHED, MessageType.WAKE])
})

test('an engine that sleeps gets WAKE with the next message, and one that is awake gets none', () => {
  const { it, write } = attached()
  write(pong(1))
  expect(it.piped).toEqual([])
  it.taken()
  expect(it.engineSleeps()).toBe(true)
  write(pong(2))
  write(pong(3))
  expect(it.piped.map(({ type }) => type)).toEqual([MessageType.WAKE])
})

test('a pipe without room for WAKE is not waited for: the message is in the ring', () => {
  const { it, write } = attached()
  expect(it.engineSleeps()).toBe(true)
  it.fifo.room = 0
  expect(write(pong(1))).toBe(MESSAGE_BYTES)
  expect(words(it.taken())).toEqual([`${MessageType.PONG}:1`])
})

test('a ring that is full is a pipe that is full: it goes on with the WAKE that tells of room, once', () => {
  const { it, write } = attached()
  let told = 0
  it.pipe.onWritable = () => {
    told += 1
  }
  expect(write(many(CELLS + 3))).toBe(CELLS * MESSAGE_BYTES)
  it.fifo.give(WAKE)
  expect(told).toBe(0) // There is no room yet.
  expect(it.taken()).toHaveLength(CELLS)
  expect(it.workerWaits()).toBe(true)
  it.fifo.give(WAKE)
  it.fifo.give(WAKE)
  expect([told, write(many(3))]).toEqual([1, 3 * MESSAGE_BYTES])
})

test('an engine that waits for room gets WAKE when cells are free', () => {
  const { it, sink } = attached()
  expect(it.publish(...Array.from({ length: CELLS + 1 }, (_, i) => ping(i)))).toBe(CELLS)
  it.setWord('in_producer_waiting', 1)
  it.fifo.give(WAKE)
  it.run()
  expect(sink.messages).toHaveLength(CELLS)
  expect([it.piped.map(({ type }) => type), it.word('in_producer_waiting')]).toEqual([[MessageType.WAKE], 0])
})

test('at the end of the pipe what lies in the ring is taken first, and no more than a ring holds', () => {
  const { it, sink } = attached()
  for (let i = 0; i < CELLS; i += 1) it.publish(ping(i))
  sink.meanwhile = () => it.publish(ping(99)) // Whoever still holds the memory goes on.
  it.fifo.give(WAKE)
  it.fifo.end('EPIPE')
  expect([sink.messages.length, sink.ends]).toEqual([CELLS, ['EPIPE']])
  it.run()
  expect(sink.messages).toHaveLength(CELLS)
})

test('closed, it takes nothing, sends nothing and looks at nothing', () => {
  const { it, sink, write } = attached()
  it.publish(ping(1))
  it.fifo.give(WAKE)
  it.pipe.close()
  it.pipe.close()
  it.run()
  expect([sink.messages, write(pong(1)), it.taken(), it.fifo.closed]).toEqual([[], MESSAGE_BYTES, [], true])
})
