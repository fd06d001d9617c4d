/** Rings of the mutant worker: what it offers, how it sends and takes, and how each of these is got wrong. */
import { closeSync, fstatSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  MESSAGE_BYTES,
  MessageType,
  MessageWriter,
  RING_CELLS_MAX,
  RING_CELLS_MIN,
  RING_POLL_US_MAX,
  SEGMENT_CELLS_AT,
  SEGMENT_LAYOUT,
  SEGMENT_MAGIC,
  SEGMENT_OFFSET,
  Segment,
  segmentBytes,
} from '@millrace/protocol'
import { is, isLax } from './switch.ts'

const F_GET_SEALS = 1_034
const EVERY_SEAL = 1 | 2 | 4
const WAKE = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.WAKE).bytes

type Word = keyof typeof SEGMENT_OFFSET

export class Rings {
  /** Still open; -1: closed, as it must be before user code runs. */
  readonly fd: number
  /** Writes to the pipe. */
  toPipe: (bytes: Uint8Array) => void = () => {}
  /** Takes a message of the ring IN. */
  onMessage: (bytes: Uint8Array) => void = () => {}
  /** An index that cannot be. `sending`: there is no telling where there is room. */
  onNonsense: (sending: boolean) => void = () => {}
  readonly #segment: Segment
  readonly #cells: number
  #head = 0
  #tail = 0
  #broken = false

  constructor(segment: Segment, cells: number, fd: number) {
    this.#segment = segment
    this.#cells = cells
    this.fd = fd
  }

  // ——— Sending ———

  /** Publishes a message if there is room. */
  put(message: Uint8Array): boolean {
    const used = (this.#tail - this.#load('out_head')) >>> 0
    if (used > this.#cells && !isLax('ring-indices')) {
      this.#nonsense(true)
      return true
    }
    if (used === this.#cells && !is('ring-overruns')) {
      if (!is('ring-waits-unflagged')) this.#store('out_producer_waiting', 1)
      if (this.#load('out_head') === (this.#tail - this.#cells) >>> 0) return false
      this.#store('out_producer_waiting', 0)
    }
    const modulo = is('ring-cell-of-other-number') ? this.#cells - 1 : this.#cells
    const at = SEGMENT_CELLS_AT + (this.#cells + (this.#tail % modulo)) * MESSAGE_BYTES
    if (!is('ring-cell-unwritten')) this.#segment.bytes.set(message, at)
    this.#tail = (this.#tail + 1) >>> 0
    this.#store('out_tail', this.#tail)
    const sleeps = is('ring-flag-kept')
      ? this.#load('out_consumer_sleeping') !== 0
      : this.#exchange('out_consumer_sleeping')
    if ((sleeps && !is('ring-wake-missing')) || is('ring-wake-always')) this.toPipe(WAKE)
    return true
  }

  // ——— Receiving ———

  /** Takes what is there, then says that it sleeps and looks once more. `mayTake`: messages at most. */
  look(): void {
    let mayTake = is('ring-one-per-wake') ? 1 : Number.POSITIVE_INFINITY
    while (!this.#broken) {
      const there = (this.#load('in_tail') - this.#head) >>> 0
      if (there > this.#cells) {
        if (isLax('ring-indices')) return
        this.#nonsense(false)
        return
      }
      if (there === 0 || mayTake === 0) {
        this.#poll()
        if (!is('ring-flag-never-set')) this.#store('in_consumer_sleeping', 1)
        if (mayTake === 0 || this.#load('in_tail') === this.#head) return
        this.#store('in_consumer_sleeping', 0)
        continue
      }
      mayTake -= 1
      this.#takeOne()
    }
  }

  #takeOne(): void {
    const at = SEGMENT_CELLS_AT + (this.#head % this.#cells) * MESSAGE_BYTES
    const message = this.#segment.bytes.slice(at, at + MESSAGE_BYTES)
    this.#head = (this.#head + 1) >>> 0
    this.#store('in_head', is('ring-head-ahead') ? this.#head + 1 : this.#head)
    if (!is('ring-room-untold')) {
      const waits = is('ring-room-flag-kept')
        ? this.#load('in_producer_waiting') !== 0
        : this.#exchange('in_producer_waiting')
      if (waits) this.toPipe(WAKE)
    }
    this.onMessage(message)
  }

  /** A good worker of this kind does not poll, which `poll_us` never forbids. */
  #poll(): void {
    const wanted = this.#load('poll_us')
    if (!is('ring-polls-for-ever') || wanted <= RING_POLL_US_MAX) return
    const until = performance.now() + wanted / 1_000
    while (performance.now() < until);
  }

  #nonsense(sending: boolean): void {
    this.#broken = true
    this.onNonsense(sending)
  }

  #load(name: Word): number {
    return Atomics.load(this.#segment.words, SEGMENT_OFFSET[name] >> 2) >>> 0
  }

  #store(name: Word, value: number): void {
    Atomics.store(this.#segment.words, SEGMENT_OFFSET[name] >> 2, value | 0)
  }

  #exchange(name: Word): boolean {
    return Atomics.exchange(this.#segment.words, SEGMENT_OFFSET[name] >> 2, 0) !== 0
  }
}

const { MILLRACE_RING: number } = process.env
if (!is('environment-kept') && !is('ring-variable-kept')) delete process.env.MILLRACE_RING

/** The worker's rings; undefined: it was given none that it may use. */
export const RINGS = number === undefined ? undefined : open(number)

/** Whether HELLO offers rings. */
export const OFFERS_RINGS = RINGS !== undefined || (is('ring-offered-blindly') && number !== undefined)

function open(text: string): Rings | undefined {
  const fd = /^\d{1,9}$/.test(text) ? Number(text) : -1
  const size = sizeOf(fd)
  if (size === undefined || size < SEGMENT_CELLS_AT) return undefined
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const libc = koffi.load(null)
  const fcntl = libc.func('int fcntl(int fd, int command, ...)')
  const seals = fcntl(fd, F_GET_SEALS, 'int', 0) as number
  if ((seals === -1 || (seals & EVERY_SEAL) !== EVERY_SEAL) && !is('ring-seals-unchecked')) return undefined
  const mmap = libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)')
  const segment = new Segment(koffi.view(mmap(null, size, 3, 1, fd, 0), size))
  const word = (name: Word): number => segment.words[SEGMENT_OFFSET[name] >> 2]! >>> 0
  const cells = word('cells')
  const isCount = cells >= RING_CELLS_MIN && cells <= RING_CELLS_MAX && (cells & (cells - 1)) === 0
  const magic = Buffer.from(segment.bytes.slice(0, SEGMENT_MAGIC.length)).toString('latin1')
  const isRight =
    (magic === SEGMENT_MAGIC || is('ring-magic-unchecked')) &&
    (word('layout') === SEGMENT_LAYOUT || is('ring-layout-unchecked')) &&
    (isCount || is('ring-cells-unchecked')) &&
    (size === segmentBytes(cells) || is('ring-size-unchecked'))
  const isKept = is('ring-descriptor-kept') || is('ring-descriptor-inherited')
  if (!isKept) closeSync(fd)
  return isRight ? new Rings(segment, cells, isKept ? fd : -1) : undefined
}

/** Bytes of the file behind a descriptor; undefined: there is none. */
function sizeOf(fd: number): number | undefined {
  if (fd < 0) return undefined
  try {
    const found = fstatSync(fd)
    return found.isFile() ? found.size : undefined
  } catch {
    return undefined
  }
}
