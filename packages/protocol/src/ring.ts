/**
 * The two halves of a ring in shared memory: a producer, a consumer. No I/O: memory comes as a buffer, and WAKE is the
 * caller's to send. What comes out of the buffer is never trusted: an index that cannot be is told as `NONSENSE`.
 *
 * Atomic operations of JavaScript are sequentially consistent, as strong as the rules `ring-sleep` and `ring-wake` need.
 */
import {
  MESSAGE_BYTES,
  RING_CELLS_MAX,
  RING_CELLS_MIN,
  SEGMENT_CELLS_AT,
  SEGMENT_LAYOUT,
  SEGMENT_MAGIC,
  SEGMENT_OFFSET,
} from './generated/layout.ts'

/** What a look says when the other side has written an index that breaks the rule `ring-indices`. */
export const NONSENSE = -1

/** Bytes of a segment with that many cells in each ring. */
export function segmentBytes(cells: number): number {
  return SEGMENT_CELLS_AT + 2 * cells * MESSAGE_BYTES
}

/** Whether a ring may have that many cells. */
export function isCellCount(cells: number): boolean {
  return cells >= RING_CELLS_MIN && cells <= RING_CELLS_MAX && (cells & (cells - 1)) === 0
}

/** The memory of one channel, of any buffer. All numbers are little-endian, as every host that Millrace runs on. */
export class Segment {
  readonly bytes: Uint8Array
  readonly words: Int32Array

  constructor(buffer: ArrayBufferLike, byteOffset = 0, length = buffer.byteLength - byteOffset) {
    this.bytes = new Uint8Array(buffer, byteOffset, length)
    this.words = new Int32Array(buffer, byteOffset, length >> 2)
  }

  /** Fills in what the rule `ring-segment-layout` asks. The rest must be zero. */
  format(cells: number): void {
    for (let i = 0; i < SEGMENT_MAGIC.length; i += 1) this.bytes[i] = SEGMENT_MAGIC.charCodeAt(i)
    this.words[SEGMENT_OFFSET.layout >> 2] = SEGMENT_LAYOUT
    this.words[SEGMENT_OFFSET.cells >> 2] = cells
  }

  /** Cells of each ring; undefined when this is no segment (rule `ring-offer`). */
  cells(): number | undefined {
    if (this.bytes.length < SEGMENT_CELLS_AT) return undefined
    for (let i = 0; i < SEGMENT_MAGIC.length; i += 1) {
      if (this.bytes[i] !== SEGMENT_MAGIC.charCodeAt(i)) return undefined
    }
    const cells = this.words[SEGMENT_OFFSET.cells >> 2]! >>> 0
    const isRight = this.words[SEGMENT_OFFSET.layout >> 2] === SEGMENT_LAYOUT && isCellCount(cells)
    return isRight && this.bytes.length === segmentBytes(cells) ? cells : undefined
  }

  /** For how long the worker should poll, in microseconds, as the engine says now. */
  get pollUs(): number {
    return Atomics.load(this.words, SEGMENT_OFFSET.poll_us >> 2) >>> 0
  }

  set pollUs(us: number) {
    Atomics.store(this.words, SEGMENT_OFFSET.poll_us >> 2, us)
  }
}

/** Which of the two rings: from the engine to the worker, or back. */
export type RingName = 'in' | 'out'

/** Where the fields of one ring lie, as indices of words; and its cells, in bytes. */
interface Places {
  readonly tail: number
  readonly head: number
  readonly consumerSleeping: number
  readonly producerWaiting: number
  readonly cellsAt: number
}

function placesOf(ring: RingName, cells: number): Places {
  return {
    tail: SEGMENT_OFFSET[`${ring}_tail`] >> 2,
    head: SEGMENT_OFFSET[`${ring}_head`] >> 2,
    consumerSleeping: SEGMENT_OFFSET[`${ring}_consumer_sleeping`] >> 2,
    producerWaiting: SEGMENT_OFFSET[`${ring}_producer_waiting`] >> 2,
    cellsAt: SEGMENT_CELLS_AT + (ring === 'in' ? 0 : cells * MESSAGE_BYTES),
  }
}

/** The sending half. One for each ring. */
export class RingProducer {
  readonly #segment: Segment
  readonly #places: Places
  readonly #cells: number
  /** Published in all, modulo 2^32: never read back from the segment. */
  #tail = 0
  /** Room at the last look, in cells. */
  #room: number

  constructor(segment: Segment, ring: RingName, cells: number) {
    this.#segment = segment
    this.#places = placesOf(ring, cells)
    this.#cells = cells
    this.#room = cells
  }

  /** Free cells, or NONSENSE. */
  look(): number {
    const used = (this.#tail - Atomics.load(this.#segment.words, this.#places.head)) >>> 0
    this.#room = used > this.#cells ? 0 : this.#cells - used
    return used > this.#cells ? NONSENSE : this.#room
  }

  /**
   * Publishes the whole messages in `bytes[from, to)`, as many as there is room for. Returns the bytes taken, a multiple of
   * 1,024 from 0 on, or NONSENSE. When it is above 0 the caller asks `mustWake`.
   */
  put(bytes: Uint8Array, from: number, to: number): number {
    const wanted = Math.floor((to - from) / MESSAGE_BYTES)
    if (wanted > this.#room && this.look() === NONSENSE) return NONSENSE
    const count = Math.min(wanted, this.#room)
    if (count === 0) return 0
    const first = this.#tail & (this.#cells - 1)
    const straight = Math.min(count, this.#cells - first)
    const middle = from + straight * MESSAGE_BYTES
    const end = from + count * MESSAGE_BYTES
    this.#segment.bytes.set(bytes.subarray(from, middle), this.#places.cellsAt + first * MESSAGE_BYTES)
    if (straight < count) this.#segment.bytes.set(bytes.subarray(middle, end), this.#places.cellsAt)
    this.#tail = (this.#tail + count) >>> 0
    this.#room -= count
    Atomics.store(this.#segment.words, this.#places.tail, this.#tail | 0)
    return end - from
  }

  /** Whether the consumer sleeps and must get WAKE now. Rule `ring-wake`. */
  mustWake(): boolean {
    return exchanged(this.#segment.words, this.#places.consumerSleeping)
  }

  /** Says that it waits for room; then, looking once more, whether it has to. Rule `ring-full`. */
  waits(): boolean {
    Atomics.store(this.#segment.words, this.#places.producerWaiting, 1)
    if (this.look() === 0) return true
    Atomics.store(this.#segment.words, this.#places.producerWaiting, 0)
    return false
  }

  /** Whether the other side is awake, as far as it says. */
  get consumerAwake(): boolean {
    return Atomics.load(this.#segment.words, this.#places.consumerSleeping) === 0
  }
}

/** The receiving half. One for each ring. */
export class RingConsumer {
  readonly #segment: Segment
  readonly #places: Places
  readonly #cells: number
  /** Taken in all, modulo 2^32: never read back from the segment. */
  #head = 0

  constructor(segment: Segment, ring: RingName, cells: number) {
    this.#segment = segment
    this.#places = placesOf(ring, cells)
    this.#cells = cells
  }

  /** Messages that are there, or NONSENSE. */
  look(): number {
    const there = (Atomics.load(this.#segment.words, this.#places.tail) - this.#head) >>> 0
    return there > this.#cells ? NONSENSE : there
  }

  /**
   * Copies `count` messages, no more than the last look said and than `into` holds, to the front of `into`, and frees their
   * cells. Afterwards the caller asks `mustWake`. Rule `ring-copied-once`.
   */
  take(into: Uint8Array, count: number): void {
    const first = this.#head & (this.#cells - 1)
    const straight = Math.min(count, this.#cells - first)
    const { bytes } = this.#segment
    const { cellsAt } = this.#places
    const at = cellsAt + first * MESSAGE_BYTES
    into.set(bytes.subarray(at, at + straight * MESSAGE_BYTES))
    if (straight < count) {
      into.set(bytes.subarray(cellsAt, cellsAt + (count - straight) * MESSAGE_BYTES), straight * MESSAGE_BYTES)
    }
    this.#head = (this.#head + count) >>> 0
    Atomics.store(this.#segment.words, this.#places.head, this.#head | 0)
  }

  /** Whether the producer waits for room and must get WAKE now. Rule `ring-room`. */
  mustWake(): boolean {
    return exchanged(this.#segment.words, this.#places.producerWaiting)
  }

  /** Says that it sleeps; then, looking once more, whether it may. Rule `ring-sleep`. */
  sleeps(): boolean {
    Atomics.store(this.#segment.words, this.#places.consumerSleeping, 1)
    if (this.look() === 0) return true
    this.wakes()
    return false
  }

  /** It sleeps no longer: what comes needs no WAKE. */
  wakes(): void {
    Atomics.store(this.#segment.words, this.#places.consumerSleeping, 0)
  }
}

/** Whether a flag was set; it is not afterwards. A flag that is not set costs a load and no write. */
function exchanged(words: Int32Array, at: number): boolean {
  return Atomics.load(words, at) !== 0 && Atomics.exchange(words, at, 0) !== 0
}
