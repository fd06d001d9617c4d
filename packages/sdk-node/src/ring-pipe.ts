import {
  ACCEPT,
  judge,
  MESSAGE_BYTES,
  MessageAssembler,
  type MessageSink,
  MessageType,
  type MessageView,
  MessageWriter,
  NONSENSE,
  RingConsumer,
  RingProducer,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import { READ_BUFFER_BYTES } from './limits.ts'
import { RingWatch, type WatchClock, type Watched } from './ring-watch.ts'
import type { MappedSegment } from './segment.ts'
import type { ByteSink, RingSwitch, WorkerPipe } from './world.ts'

const WAKE = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.WAKE).bytes
const MESSAGES_PER_READ_MAX = READ_BUFFER_BYTES / MESSAGE_BYTES

/**
 * A worker's two pipes with two rings beside them, to the channel a pipe like any other: up to ATTACHED bytes go by the pipe,
 * after it by the ring, and the pipe has WAKE alone. Rules `ring-attached`, `ring-only`.
 */
export class RingPipe implements WorkerPipe, RingSwitch, ByteSink, MessageSink, Watched {
  onWritable: () => void = () => {}
  readonly #pipe: WorkerPipe
  readonly #memory: MappedSegment
  readonly #producer: RingProducer
  readonly #consumer: RingConsumer
  readonly #watch: RingWatch
  /** What comes on the pipe after ATTACHED. */
  readonly #wakes = new MessageAssembler(this)
  #sink: ByteSink | undefined
  /** What was taken from the ring; made by the first ATTACHED. */
  #buffer: Uint8Array = WAKE
  /** Bytes that still go by the pipe: ATTACHED is the last of them. */
  #pipeBytes = Number.POSITIVE_INFINITY
  /** A WAKE that had to wait for ATTACHED. */
  #wakeOwed = false
  /** Messages wait for room in the ring OUT. */
  #waiting = false
  /** WELCOME did not accept the rings. */
  #declined = false
  #attached = false
  /** Of the message on the pipe whose bytes are coming, before ATTACHED: how many have come. */
  #came = 0
  /** The engine broke a rule beside its messages, which the sink was told: nothing is taken any more. */
  #deaf = false
  /** The head of the ring OUT cannot be: nothing is published any more. */
  #mute = false
  #closed = false

  constructor(pipe: WorkerPipe, memory: MappedSegment, clock: WatchClock) {
    this.#pipe = pipe
    this.#memory = memory
    this.#producer = new RingProducer(memory.segment, 'out', memory.cells)
    this.#consumer = new RingConsumer(memory.segment, 'in', memory.cells)
    this.#watch = new RingWatch(this, clock)
    pipe.onWritable = () => {
      if (this.#pipeBytes > 0) this.onWritable()
    }
  }

  // ——— The change from the pipes to the rings ———

  get rings(): RingSwitch {
    return this
  }

  decline(): void {
    this.#declined = true
  }

  switchOutAfter(bytes: number): void {
    this.#pipeBytes = bytes
  }

  switchIn(): void {
    this.#attached = true
    this.#buffer = new Uint8Array(READ_BUFFER_BYTES)
    this.#watch.kick()
  }

  // ——— Writing ———

  get pending(): boolean {
    return this.#pipe.pending
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.#closed || this.#mute) return to - from
    let at = from
    if (this.#pipeBytes > 0) {
      const end = Math.min(to, from + this.#pipeBytes)
      at += this.#pipe.write(bytes, from, end)
      this.#pipeBytes -= at - from
      if (this.#pipeBytes > 0) return at - from
      if (this.#wakeOwed) this.#wake()
      if (at === to) return at - from
    }
    do {
      const put = this.#producer.put(bytes, at, to)
      if (put === NONSENSE) {
        this.#mute = true
        // Not from within a send: whoever sends does not expect the channel to end under it.
        queueMicrotask(() => this.onBreach(headNonsense))
        return to - from
      }
      at += put
      if (put > 0 && this.#producer.mustWake()) this.#wake()
    } while (at < to && !this.#producer.waits())
    this.#waiting = at < to
    if (this.#attached) this.#watch.kick()
    return at - from
  }

  /** One that finds the pipe full is left out: what lies there unread wakes the engine. */
  #wake(): void {
    this.#wakeOwed = this.#pipeBytes > 0
    if (!this.#wakeOwed) this.#pipe.write(WAKE, 0, MESSAGE_BYTES)
  }

  // ——— Reading ———

  start(sink: ByteSink): void {
    this.#sink = sink
    this.#pipe.start(this)
  }

  onBytes(bytes: Uint8Array, length: number): void {
    let at = 0
    // Never beyond a message's end before ATTACHED: what follows it is not the channel's.
    while (at < length && !this.#attached && !this.#declined && !this.#closed) {
      const part = Math.min(MESSAGE_BYTES - this.#came, length - at)
      this.#came = (this.#came + part) % MESSAGE_BYTES
      this.#sink!.onBytes(bytes.subarray(at, at + part), part)
      at += part
    }
    if (at === length || this.#closed) return
    const rest = at === 0 ? bytes : bytes.subarray(at, length)
    if (this.#declined) this.#sink!.onBytes(rest, length - at)
    else this.#takeWakes(rest, length - at)
  }

  onEnd(error: string | undefined): void {
    this.#watch.stop()
    // Rule `ring-drained`. No more than one ring's worth: the engine's memory cannot make it more.
    let left = this.#attached && !this.#deaf ? this.#consumer.look() : 0
    while (left > 0 && !this.#closed) {
      const count = Math.min(left, MESSAGES_PER_READ_MAX)
      this.#take(count)
      left -= count
    }
    if (!this.#closed) this.#sink!.onEnd(error)
  }

  /** A message on the pipe after ATTACHED. */
  onMessage(view: MessageView): boolean {
    const verdict = judge(view, 'engine')
    if (verdict === ACCEPT && view.type === MessageType.WAKE) return true
    const name = TYPES[view.type]?.name ?? `type ${view.type}`
    const told = typeof verdict === 'object' && view.type === MessageType.WAKE ? verdict : undefined
    this.onBreach(told ?? { rule: 'ring-only', message: `${name} came on the pipe after ATTACHED` })
    return false
  }

  #takeWakes(bytes: Uint8Array, length: number): void {
    if (this.#deaf) return
    this.#wakes.push(bytes, length)
    if (this.#deaf) return
    if (this.#waiting && this.#producer.look() !== 0) {
      this.#waiting = false
      this.onWritable()
    }
    this.#watch.kick()
  }

  // ——— What the watch looks at ———

  look(): boolean {
    const there = this.#consumer.look()
    if (there === NONSENSE) this.onBreach(tailNonsense)
    if (there <= 0) return false
    this.#take(Math.min(there, MESSAGES_PER_READ_MAX))
    return true
  }

  sleeps(): boolean {
    return this.#consumer.sleeps()
  }

  wakes(): void {
    this.#consumer.wakes()
  }

  get pollUs(): number {
    return this.#memory.segment.pollUs
  }

  #take(count: number): void {
    this.#consumer.take(this.#buffer, count)
    if (this.#consumer.mustWake()) this.#wake()
    this.#sink!.onBytes(this.#buffer, count * MESSAGE_BYTES)
  }

  /** The engine broke a rule beside its messages. */
  onBreach(broken: Verdict): void {
    if (this.#deaf || this.#closed) return
    this.#deaf = true
    this.#watch.stop()
    this.#sink!.onBreach(broken)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch.stop()
    this.#pipe.close()
  }
}

const tailNonsense: Verdict = {
  rule: 'ring-indices',
  message: 'the tail of the ring IN is further above its head than the ring has cells',
}
const headNonsense: Verdict = {
  rule: 'ring-indices',
  message: 'the head of the ring OUT is not between what was taken before and its tail',
}
