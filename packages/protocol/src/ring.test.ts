import { describe, expect, test } from 'vitest'
import { MESSAGE_BYTES, RING_CELLS_MIN, SEGMENT_CELLS_AT, SEGMENT_OFFSET } from './generated/layout.ts'
import { Random } from './random.ts'
import { isCellCount, NONSENSE, RingConsumer, RingProducer, Segment, segmentBytes } from './ring.ts'

const CELLS = RING_CELLS_MIN

function ends(): { segment: Segment; producer: RingProducer; consumer: RingConsumer } {
  const segment = new Segment(new ArrayBuffer(segmentBytes(CELLS)))
  segment.format(CELLS)
  const producer = new RingProducer(segment, 'in', CELLS)
  return { segment, producer, consumer: new RingConsumer(segment, 'in', CELLS) }
}

/** Messages whose every byte tells their number. */
function numbered(from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * MESSAGE_BYTES)
  for (let i = 0; i < count; i += 1) bytes.fill((from + i) % 251, i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES)
  return bytes
}

const word = (name: keyof typeof SEGMENT_OFFSET): number => SEGMENT_OFFSET[name] >> 2

describe('a segment', () => {
  test('says how many cells it has once it is formatted, and is none with any of its facts changed', () => {
    const { segment } = ends()
    expect(segment.cells()).toBe(CELLS)
    for (const at of [0, 7, SEGMENT_OFFSET.layout, SEGMENT_OFFSET.cells, SEGMENT_OFFSET.cells + 3]) {
      const wrong = segment.bytes.slice()
      wrong[at]! ^= 1
      expect(new Segment(wrong.buffer).cells()).toBeUndefined()
    }
    expect(new Segment(segment.bytes.slice(0, -4).buffer).cells()).toBeUndefined()
    expect(new Segment(new ArrayBuffer(8)).cells()).toBeUndefined()
  })

  test.each([[8], [15], [24], [2_048], [0]])('has no ring of %i cells', (cells) => {
    expect(isCellCount(cells)).toBe(false)
  })
})

describe('a ring', () => {
  test('takes as many messages as it has cells, and one more for each that was taken', () => {
    const { producer, consumer } = ends()
    const all = numbered(0, CELLS + 1)
    expect(producer.put(all, 0, all.length)).toBe(CELLS * MESSAGE_BYTES)
    expect(producer.put(all, 0, all.length)).toBe(0)
    const into = new Uint8Array(MESSAGE_BYTES)
    consumer.take(into, 1)
    expect(producer.put(all, CELLS * MESSAGE_BYTES, all.length)).toBe(MESSAGE_BYTES)
    expect(consumer.look()).toBe(CELLS)
  })

  test('does not publish a part of a message', () => {
    const { producer, consumer } = ends()
    expect(producer.put(numbered(0, 2), 0, 2 * MESSAGE_BYTES - 1)).toBe(MESSAGE_BYTES)
    expect(consumer.look()).toBe(1)
  })

  test.each([1, 2, 3, 4, 5, 6])('gives every message whole and in order over many turns (seed %i)', (seed) => {
    const { producer, consumer } = ends()
    const dice = new Random(seed)
    const into = new Uint8Array(CELLS * MESSAGE_BYTES)
    let sent = 0
    let taken = 0
    for (let move = 0; move < 2_000; move += 1) {
      const count = dice.below(CELLS + 2)
      sent += producer.put(numbered(sent, count), 0, count * MESSAGE_BYTES) / MESSAGE_BYTES
      const there = consumer.look()
      expect(there).toBe(sent - taken)
      const some = dice.below(there + 1)
      consumer.take(into, some)
      expect(Buffer.compare(into.subarray(0, some * MESSAGE_BYTES), numbered(taken, some))).toBe(0)
      taken += some
    }
  })

  test('asks for WAKE once for each time that the other side set its flag', () => {
    const { producer, consumer } = ends()
    expect(producer.mustWake()).toBe(false)
    expect(consumer.sleeps()).toBe(true)
    producer.put(numbered(0, 1), 0, MESSAGE_BYTES)
    expect([producer.mustWake(), producer.mustWake()]).toEqual([true, false])
    producer.put(numbered(1, CELLS), 0, CELLS * MESSAGE_BYTES)
    expect(producer.waits()).toBe(true)
    consumer.take(new Uint8Array(MESSAGE_BYTES), 1)
    expect([consumer.mustWake(), consumer.mustWake()]).toEqual([true, false])
  })

  test('does not let a side sleep that would miss what came before its flag was set', () => {
    const { segment, producer, consumer } = ends()
    producer.put(numbered(0, CELLS), 0, CELLS * MESSAGE_BYTES)
    expect(consumer.sleeps()).toBe(false)
    expect(segment.words[word('in_consumer_sleeping')]).toBe(0)
    consumer.take(new Uint8Array(MESSAGE_BYTES), 1)
    expect(producer.waits()).toBe(false)
    expect(segment.words[word('in_producer_waiting')]).toBe(0)
  })
})

describe('what a hostile side writes', () => {
  test('is NONSENSE for a tail one beyond the ring, and for a head beyond what was published', () => {
    const { segment, producer, consumer } = ends()
    Atomics.store(segment.words, word('in_tail'), CELLS + 1)
    expect(consumer.look()).toBe(NONSENSE)
    expect(consumer.sleeps()).toBe(false)
    Atomics.store(segment.words, word('in_head'), 1)
    expect(producer.look()).toBe(NONSENSE)
    const more = numbered(0, CELLS + 1)
    expect(producer.put(more, 0, more.length)).toBe(NONSENSE)
    expect(producer.waits()).toBe(false)
  })

  test('never makes a side leave its ring, nor believe its own index from the segment', () => {
    const { segment, producer, consumer } = ends()
    const into = new Uint8Array(CELLS * MESSAGE_BYTES)
    const before = segment.bytes.slice(SEGMENT_CELLS_AT + CELLS * MESSAGE_BYTES)
    const dice = new Random(7)
    for (let move = 0; move < 5_000; move += 1) {
      for (const name of ['in_tail', 'in_head', 'in_consumer_sleeping', 'in_producer_waiting'] as const) {
        if (dice.below(2) === 0)
          Atomics.store(segment.words, word(name), dice.below(3) === 0 ? dice.below(0xffff_ffff) : dice.below(40))
      }
      const there = consumer.look()
      expect(there).toBeGreaterThanOrEqual(NONSENSE)
      expect(there).toBeLessThanOrEqual(CELLS)
      if (there > 0) consumer.take(into, there)
      const room = producer.put(numbered(move, 3), 0, 3 * MESSAGE_BYTES)
      expect([NONSENSE, 0, 1, 2, 3]).toContain(room === NONSENSE ? room : room / MESSAGE_BYTES)
      producer.mustWake()
      consumer.mustWake()
    }
    // The other ring's cells are untouched.
    expect(Buffer.compare(segment.bytes.slice(SEGMENT_CELLS_AT + CELLS * MESSAGE_BYTES), before)).toBe(0)
  })
})
