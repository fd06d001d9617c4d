/**
 * The two rings beside the runner's end of a channel, as engine or as worker: the suite's own, so that it shares with no
 * side under test how to sleep and wake. It never polls: without a WAKE that is due it sees nothing. Does no I/O.
 */
import {
  MESSAGE_BYTES,
  MessageType,
  MessageView,
  MessageWriter,
  NONSENSE,
  RingConsumer,
  type RingName,
  RingProducer,
  SEGMENT_CELLS_AT,
  SEGMENT_OFFSET,
  type Sender,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import type { Random } from './random.ts'
import type { MappedSegment } from './segment-file.ts'

const WAKE = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.WAKE).bytes

/** A word of the segment. */
export type WordName = keyof typeof SEGMENT_OFFSET
export type Words = Readonly<Record<WordName, number>>

/** Whether WAKE follows what is published: as the rules want it, or against them. */
export type WakeMode = 'due' | 'never' | 'always'

export interface RingListener {
  /** One message that was taken from the ring, as a copy. */
  onRingMessage(view: MessageView): void
  onBreach(broken: Verdict): void
  /** Writes to the pipe. */
  writePipe(bytes: Uint8Array): void
}

export class Rings {
  /** WAKEs that have come. */
  wakes = 0
  /** Changes what a case sees of the segment, for mutants. */
  seen: ((words: Words) => Words) | undefined
  /** Called when the ring has room for what did not fit. */
  onWritable: () => void = () => {}
  readonly #memory: MappedSegment
  /** The ring that the runner sends by. */
  readonly #own: RingName
  readonly #producer: RingProducer
  readonly #consumer: RingConsumer
  readonly #listener: RingListener
  /** ATTACHED of the other side has come. */
  #attached = false
  #held = false
  #over = false
  #mode: WakeMode = 'due'
  /** What the other side had written is no longer there to be judged. */
  #spoilt = false
  /** Messages that the runner has published. */
  #published = 0

  constructor(memory: MappedSegment, role: Sender, listener: RingListener) {
    this.#memory = memory
    this.#own = role === 'engine' ? 'in' : 'out'
    this.#producer = new RingProducer(memory.segment, this.#own, memory.cells)
    this.#consumer = new RingConsumer(memory.segment, this.#own === 'in' ? 'out' : 'in', memory.cells)
    this.#listener = listener
  }

  get attached(): boolean {
    return this.#attached
  }

  // ——— Sending ———

  /** As `PipeWriter.write`: publishes what fits of whole messages. */
  write(bytes: Uint8Array, from: number, to: number): number {
    if ((to - from) % MESSAGE_BYTES !== 0) throw new Error('a ring takes whole messages: the case is about a pipe')
    let at = from
    do {
      if (!this.judge()) return to - from
      const put = this.#producer.put(bytes, at, to)
      if (put === NONSENSE) return to - from
      at += put
      this.#published += put / MESSAGE_BYTES
      if (put > 0) this.#wake()
    } while (at < to && !this.#producer.waits())
    return at - from
  }

  /** How WAKE follows from now on. */
  setMode(mode: WakeMode): void {
    this.#mode = mode
  }

  #wake(): void {
    if (this.#mode === 'never') return
    if (this.#producer.mustWake() || this.#mode === 'always') this.#listener.writePipe(WAKE)
  }

  // ——— Receiving ———

  /** What came on the pipe after ATTACHED. */
  onPipeMessage(view: MessageView, verdict: Verdict | undefined): void {
    if (view.type !== MessageType.WAKE) {
      const name = TYPES[view.type]?.name ?? `type ${view.type}`
      this.#listener.onBreach({ rule: 'ring-only', message: `${name} came on the pipe after ATTACHED` })
      return
    }
    if (verdict !== undefined) this.#listener.onBreach(verdict)
    this.wakes += 1
    if (!this.#held) this.#consumer.wakes()
    this.look()
    this.onWritable()
  }

  /** ATTACHED came. */
  attach(): void {
    this.#attached = true
    this.look()
  }

  /** Takes nothing from the ring, and does not sleep, until `resume`. */
  pause(): void {
    this.#held = true
    this.#consumer.wakes()
  }

  resume(): void {
    this.#held = false
    this.look()
  }

  /** Takes all that is there, then sets the flag and looks once more. */
  look(): void {
    if (!this.#attached || this.#held || this.#spoilt) return
    do this.#takeAll()
    while (!this.#over && !this.#consumer.sleeps() && this.judge())
  }

  /** The end of the pipe, or of the process: takes what was published, and nothing afterwards. */
  drain(): void {
    if (this.#attached && !this.#spoilt) this.#takeAll()
    this.#over = true
  }

  #takeAll(): void {
    if (this.#over || !this.judge()) return
    const there = this.#consumer.look()
    if (there <= 0) return
    const bytes = new Uint8Array(there * MESSAGE_BYTES)
    this.#consumer.take(bytes, there)
    if (this.#consumer.mustWake()) this.#listener.writePipe(WAKE)
    for (let at = 0; at < bytes.length && !this.#over; at += MESSAGE_BYTES) {
      this.#listener.onRingMessage(new MessageView(bytes.slice(at, at + MESSAGE_BYTES)))
    }
  }

  // ——— The segment ———

  /** Whether the other side's indices can be (rule `ring-indices`); it is told when they cannot. */
  judge(): boolean {
    if (this.#spoilt) return true
    const tail = this.#consumer.look() === NONSENSE
    const { [`${this.#own}_head` as const]: head } = this.#rawWords()
    const used = (this.#published - head) >>> 0
    if (!tail && used <= this.#memory.cells) return true
    this.#over = true
    const what = tail ? 'its tail is above its head by more than the ring has cells' : 'its head is above what was sent'
    this.#listener.onBreach({ rule: 'ring-indices', message: `of a ring ${what}` })
    return false
  }

  /** All words as they are now. */
  words(): Words {
    const words = this.#rawWords()
    return this.seen?.(words) ?? words
  }

  #rawWords(): Words {
    const { words } = this.#memory.segment
    const entries = Object.entries(SEGMENT_OFFSET).map(([name, at]) => [name, Atomics.load(words, at >> 2) >>> 0])
    return Object.fromEntries(entries) as Words
  }

  set(name: WordName, value: number): void {
    Atomics.store(this.#memory.segment.words, SEGMENT_OFFSET[name] >> 2, value | 0)
  }

  /** Random bytes all over the segment: what the other side writes cannot be judged any more. */
  scribble(random: Random): void {
    this.#spoilt = true
    this.#memory.segment.bytes.set(random.bytes(this.#memory.segment.bytes.length))
  }

  /** Writes a message into the next cell of the runner's ring, and publishes nothing. */
  fillCell(message: Uint8Array): void {
    const { segment, cells } = this.#memory
    const first = SEGMENT_CELLS_AT + (this.#own === 'in' ? 0 : cells * MESSAGE_BYTES)
    segment.bytes.set(message, first + (this.#published & (cells - 1)) * MESSAGE_BYTES)
  }
}
