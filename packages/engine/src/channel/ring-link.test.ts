import {
  MESSAGE_BYTES,
  MessageType,
  MessageWriter,
  RING_CELLS_MIN,
  RingConsumer,
  RingProducer,
  SEGMENT_OFFSET,
  Segment,
  segmentBytes,
  type Verdict,
} from '@millrace/protocol'
import { expect, test } from 'vitest'
import { KeepingSink } from '../testing/check-pipe.ts'
import { MemoryPipe } from '../testing/memory-pipe.ts'
import { RingLink } from './ring-link.ts'
import { RingPoller } from './ring-poller.ts'

const CELLS = RING_CELLS_MIN

/** One message of a type, its call id telling its place. */
function message(type: number, callId = 0): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  new MessageWriter(bytes).begin(type).callId = callId
  return bytes
}

const ATTACHED = message(MessageType.ATTACHED)
const WAKE = message(MessageType.WAKE)

class Sink extends KeepingSink {
  readonly breaches: Verdict[] = []
  /** Messages that each delivery brought. */
  readonly deliveries: number[] = []
  /** Called once, within the next delivery. */
  meanwhile: (() => void) | undefined

  override onBytes(bytes: Uint8Array, length: number): void {
    super.onBytes(bytes, length)
    this.deliveries.push(length / MESSAGE_BYTES)
    const { meanwhile } = this
    this.meanwhile = undefined
    meanwhile?.()
  }

  onBreach(broken: Verdict): void {
    this.breaches.push(broken)
  }

  /** Type and call id of each message that came. */
  get messages(): string[] {
    const { bytes } = this
    const view = new MessageWriter(bytes)
    return Array.from({ length: bytes.length / MESSAGE_BYTES }, (_, i) => {
      const { type, callId } = view.moveTo(i * MESSAGE_BYTES)
      return `${type}:${callId}`
    })
  }
}

/** A link in a world of its own, and the worker's side of it. */
function stage(cells = CELLS) {
  const turns: (() => void)[] = []
  const soon = (turn: () => void): void => void turns.push(turn)
  const fromWorker = new MemoryPipe((run) => run())
  const toWorker = new MemoryPipe((run) => run(), { capacityBytes: 4 * MESSAGE_BYTES })
  const segment = new Segment(new ArrayBuffer(segmentBytes(cells)))
  segment.format(cells)
  let released = 0
  const memory = {
    segment,
    cells,
    release: () => {
      released += 1
    },
  }
  const poller = new RingPoller({ nowUs: () => 0, soon, processors: 1 }, 'park')
  const link = new RingLink(fromWorker.reader, toWorker.writer, memory, poller)
  const sink = new Sink()
  link.output.start(sink)
  const pipeOfWorker = new Sink()
  return {
    link,
    segment,
    sink,
    toWorker,
    released: () => released,
    /** What the worker writes to OUT. */
    say: (...bytes: Uint8Array[]) => {
      const all = Buffer.concat(bytes)
      fromWorker.write(all, 0, all.length)
    },
    ring: new RingProducer(segment, 'out', cells),
    taker: new RingConsumer(segment, 'in', cells),
    /** Begins to read IN as the worker. */
    read: () => {
      toWorker.reader.start(pipeOfWorker)
      return pipeOfWorker
    },
    run: () => {
      for (let taken = 0; turns.length > 0; taken += 1) {
        expect(taken).toBeLessThan(1_000)
        turns.shift()!()
      }
    },
    end: () => fromWorker.closeWriter(),
  }
}

const word = (name: keyof typeof SEGMENT_OFFSET): number => SEGMENT_OFFSET[name] >> 2
const put = (ring: RingProducer, ...messages: Uint8Array[]): number => {
  const all = Buffer.concat(messages)
  return ring.put(all, 0, all.length)
}

test('bytes pass as in a pipe up to ATTACHED, cut anywhere, and from then on come from the ring', () => {
  for (const cut of [1, 100, 1_023, 1_024, 1_025, 2_000, 2_047, 2_048]) {
    const { sink, say, ring, run } = stage()
    put(ring, message(MessageType.PING, 3))
    const all = Buffer.concat([message(MessageType.HELLO), ATTACHED])
    say(all.subarray(0, cut))
    run()
    expect(sink.length).toBe(cut === 2_048 ? 3_072 : cut) // Nothing of the ring before ATTACHED is whole.
    say(all.subarray(cut))
    run()
    expect(sink.messages).toEqual([`${MessageType.HELLO}:0`, `${MessageType.ATTACHED}:0`, `${MessageType.PING}:3`])
  }
})

test('a message in the ring is taken after WAKE, and one published while the link is awake without it', () => {
  const { segment, sink, say, ring, run } = stage()
  say(ATTACHED)
  run()
  expect(segment.words[word('out_consumer_sleeping')]).toBe(1)
  put(ring, message(MessageType.PING, 5))
  expect(ring.mustWake()).toBe(true)
  sink.meanwhile = () => {
    put(ring, message(MessageType.PING, 7))
    expect(ring.mustWake()).toBe(false)
  }
  say(WAKE)
  run()
  expect(sink.messages.slice(1)).toEqual([`${MessageType.PING}:5`, `${MessageType.PING}:7`])
  expect(segment.words[word('out_consumer_sleeping')]).toBe(1)
})

test('a look takes a part of a full ring, and the next ones the rest in order', () => {
  const { sink, say, ring, run } = stage(64)
  const sent = Array.from({ length: 64 }, (_, at) => message(MessageType.PING, at))
  put(ring, ...sent)
  say(ATTACHED)
  run()
  expect(sink.deliveries).toEqual([1, 16, 16, 16, 16])
  expect(sink.messages.slice(1)).toEqual(sent.map((_, at) => `${MessageType.PING}:${at}`))
})

test('100 WAKEs that tell of nothing change nothing', () => {
  const { sink, say, run } = stage()
  say(ATTACHED, ...Array.from({ length: 50 }, () => WAKE))
  for (let i = 0; i < 50; i += 1) say(WAKE)
  run()
  expect([sink.length, sink.breaches, sink.ends]).toEqual([MESSAGE_BYTES, [], []])
})

test.each([
  ['PING', message(MessageType.PING, 0), 'ring-only', /^PING came on the pipe after ATTACHED/],
  ['a second ATTACHED', ATTACHED, 'ring-only', /^ATTACHED came on the pipe/],
  ['rubbish', new Uint8Array(MESSAGE_BYTES).fill(0xee), 'ring-only', /^type 238 came/],
  ['a WAKE with a body', Uint8Array.from(WAKE, (byte, i) => (i === 2 ? 1 : byte)), 'message-body-none', /WAKE/],
])('%s on the pipe after ATTACHED is told as a breach, once', async (_, bytes, rule, text) => {
  const { sink, say, ring, run } = stage()
  say(ATTACHED)
  say(bytes, bytes)
  put(ring, message(MessageType.PING, 5))
  run()
  await Promise.resolve()
  expect(sink.breaches).toHaveLength(1)
  expect(sink.breaches[0]).toMatchObject({ rule, message: expect.stringMatching(text) })
  expect(sink.length).toBe(MESSAGE_BYTES) // Nothing is taken after it.
})

test.each([CELLS + 1, 0x7fff_ffff, 0xffff_ffff])('a tail of %i is told as a breach of ring-indices', async (tail) => {
  const { segment, sink, say, run } = stage()
  say(ATTACHED)
  run()
  Atomics.store(segment.words, word('out_tail'), tail | 0)
  say(WAKE)
  run()
  await Promise.resolve()
  expect(sink.breaches).toMatchObject([{ rule: 'ring-indices' }])
})

test('a head beyond what was published is told as a breach at the next write that needs room, and the write is dropped', async () => {
  const { link, segment, sink, say, run } = stage()
  say(ATTACHED)
  run()
  link.input.switchAfter(0)
  Atomics.store(segment.words, word('in_head'), 5)
  const many = new Uint8Array((CELLS + 1) * MESSAGE_BYTES)
  expect(link.input.write(many, 0, many.length)).toBe(many.length)
  await Promise.resolve()
  expect(sink.breaches).toMatchObject([{ rule: 'ring-indices' }])
})

test('writes go by the pipe up to the switch, though it falls inside one of them, then by the ring', () => {
  const { link, taker, read } = stage()
  const pipe = read()
  link.input.switchAfter(2 * MESSAGE_BYTES)
  const all = Buffer.concat([message(MessageType.WELCOME), ATTACHED, message(MessageType.INVOKE, 2)])
  expect(link.input.write(all, 0, all.length)).toBe(all.length)
  expect(pipe.messages).toEqual([`${MessageType.WELCOME}:0`, `${MessageType.ATTACHED}:0`])
  expect(taker.look()).toBe(1)
})

test('a sleeping worker gets one WAKE with what was published, and one that is awake gets none', () => {
  const { link, taker, read } = stage()
  const pipe = read()
  link.input.switchAfter(0)
  link.input.write(message(MessageType.INVOKE, 2), 0, MESSAGE_BYTES)
  expect(pipe.messages).toEqual([])
  taker.take(new Uint8Array(MESSAGE_BYTES), 1)
  expect(taker.sleeps()).toBe(true)
  link.input.write(message(MessageType.INVOKE, 4), 0, MESSAGE_BYTES)
  link.input.write(message(MessageType.INVOKE, 6), 0, MESSAGE_BYTES)
  expect(pipe.messages).toEqual([`${MessageType.WAKE}:0`])
})

test('a full ring takes no more, says so in its flag, and is written to again after WAKE', () => {
  const { link, segment, taker, say, run } = stage()
  say(ATTACHED)
  run()
  link.input.switchAfter(0)
  let writable = 0
  link.input.onWritable = () => {
    writable += 1
  }
  const many = new Uint8Array((CELLS + 3) * MESSAGE_BYTES)
  expect(link.input.write(many, 0, many.length)).toBe(CELLS * MESSAGE_BYTES)
  expect(segment.words[word('in_producer_waiting')]).toBe(1)
  say(WAKE)
  expect(writable).toBe(0) // It told of nothing.
  taker.take(new Uint8Array(2 * MESSAGE_BYTES), 2)
  expect(taker.mustWake()).toBe(true)
  say(WAKE)
  expect(writable).toBe(1)
  expect(link.input.write(many, 0, 3 * MESSAGE_BYTES)).toBe(2 * MESSAGE_BYTES)
})

test('a worker that waits for room gets WAKE when the engine has taken messages', () => {
  const { link, ring, say, run, read } = stage()
  const pipe = read()
  link.input.switchAfter(0)
  const many = Array.from({ length: CELLS }, (_, i) => message(MessageType.PING, i))
  put(ring, ...many)
  expect(ring.waits()).toBe(true)
  say(ATTACHED)
  run()
  expect(pipe.messages).toEqual([`${MessageType.WAKE}:0`])
  expect(ring.look()).toBe(CELLS)
})

test('a WAKE for which the pipe has no room follows when it has, once for all', () => {
  const { link, taker, toWorker, read } = stage()
  link.input.switchAfter(0)
  const filler = new Uint8Array(4 * MESSAGE_BYTES)
  toWorker.write(filler, 0, filler.length)
  expect(taker.sleeps()).toBe(true)
  link.input.write(message(MessageType.INVOKE, 2), 0, MESSAGE_BYTES)
  const pipe = read()
  expect(pipe.messages.filter((one) => one === `${MessageType.WAKE}:0`)).toHaveLength(1)
})

test('the end of the pipe comes after everything in the ring, which holds no more than its cells', () => {
  const { sink, say, ring, run, end } = stage()
  say(ATTACHED)
  run()
  put(ring, ...Array.from({ length: CELLS }, (_, i) => message(MessageType.PING, i)))
  end()
  expect(sink.messages).toHaveLength(1 + CELLS)
  expect(sink.ends).toEqual([undefined])
})

test('a message that was written into its cell and not published is not taken', () => {
  const { segment, sink, say, run, end } = stage()
  say(ATTACHED)
  run()
  segment.bytes.set(message(MessageType.PING, 9), 4_096 + CELLS * MESSAGE_BYTES)
  end()
  expect(sink.messages).toEqual([`${MessageType.ATTACHED}:0`])
})

test('the memory is released once, when both directions are closed', () => {
  const { link, released } = stage()
  link.input.close()
  expect(released()).toBe(0)
  link.output.close()
  link.input.close()
  link.output.close()
  expect(released()).toBe(1)
  expect(link.input.write(WAKE, 0, MESSAGE_BYTES)).toBe(MESSAGE_BYTES)
})
