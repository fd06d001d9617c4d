/**
 * A channel's two pipes with two rings beside them, to the rest of the engine a pair of pipes like any other: up to
 * ATTACHED bytes go by the pipe, after it by the ring, and the pipe has WAKE alone. Rules `ring-attached`, `ring-only`.
 */
import {
  ACCEPT,
  judge,
  MESSAGE_BYTES,
  MessageAssembler,
  type MessageSink,
  MessageType,
  type MessageView,
  NONSENSE,
  RingConsumer,
  RingProducer,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import { assert } from '../base/assert.ts'
import { MESSAGES_PER_READ_MAX, READ_BUFFER_BYTES, RING_MESSAGES_PER_LOOK_MAX } from '../base/limits.ts'
import type { ByteSink, PipeReader, PipeWriter } from '../world.ts'
import type { Polled, RingPoller } from './ring-poller.ts'
import type { OpenSegment } from './shared-memory.ts'
import { WAKE } from './wake-pipe.ts'

/** The part of `OpenSegment` that a link uses; tests bring plain memory. */
export type LinkedSegment = Pick<OpenSegment, 'segment' | 'cells' | 'release'>

/** Who looks at rings, and when. */
export type Looks = Pick<RingPoller, 'add' | 'remove' | 'kick'>

/** One buffer for all rings: what was taken is used up before the next look. */
const buffer = new Uint8Array(READ_BUFFER_BYTES)

/** One worker's pipes and rings. */
export class RingLink {
  readonly input: RingWriter
  readonly output: RingReader

  constructor(output: PipeReader, input: PipeWriter, memory: LinkedSegment, poller: Looks) {
    let open = 2
    const closed = (): void => {
      open -= 1
      if (open === 0) memory.release()
    }
    const producer = new RingProducer(memory.segment, 'in', memory.cells)
    const consumer = new RingConsumer(memory.segment, 'out', memory.cells)
    this.input = new RingWriter(input, producer, closed)
    const ends = { segment: memory.segment, consumer, producer }
    this.output = new RingReader(output, ends, this.input, poller, closed)
    this.input.onNonsense = () => this.output.breach(headNonsense)
  }
}

/** To the worker. */
class RingWriter implements PipeWriter {
  readonly #pipe: PipeWriter
  readonly #producer: RingProducer
  readonly #closed: () => void
  /** Bytes that still go by the pipe: ATTACHED is the last of them. */
  #pipeBytes = Number.POSITIVE_INFINITY
  /** A WAKE that the pipe had no room for. */
  #wakeOwed = false
  #waiting = false
  #isOpen = true
  #broken = false
  onWritable: () => void = () => {}
  /** The worker has written a head that cannot be. Once. */
  onNonsense: () => void = () => {}

  constructor(pipe: PipeWriter, producer: RingProducer, closed: () => void) {
    this.#pipe = pipe
    this.#producer = producer
    this.#closed = closed
    pipe.onWritable = () => this.#pipeWritable()
  }

  /** Everything after the next `bytes` goes by the ring. Once. */
  switchAfter(bytes: number): void {
    this.#pipeBytes = bytes
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#isOpen || this.#broken) return to - from
    let at = from
    if (this.#pipeBytes > 0) {
      const end = Math.min(to, from + this.#pipeBytes)
      at += this.#pipe.write(bytes, from, end)
      this.#pipeBytes -= at - from
      if (at < end || at === to) return at - from
    }
    assert((to - at) % MESSAGE_BYTES === 0, 'a ring takes whole messages')
    do {
      const put = this.#producer.put(bytes, at, to)
      if (put === NONSENSE) {
        this.#broken = true
        this.onNonsense()
        return to - from
      }
      at += put
      if (put > 0 && this.#producer.mustWake()) this.wake()
    } while (at < to && !this.#producer.waits())
    this.#waiting = at < to
    return at - from
  }

  /** WAKE came, or a look was made: the ring may have room again. */
  look(): void {
    if (!this.#waiting || this.#broken || this.#producer.look() === 0) return
    this.#waiting = false
    this.onWritable()
  }

  /** Sends WAKE; at once if the pipe takes it. One that waits stands for all later ones. */
  wake(): void {
    if (!this.#isOpen) return
    this.#wakeOwed = this.#pipeBytes > 0 || this.#sendWake() < MESSAGE_BYTES
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#pipe.close()
    this.#closed()
  }

  #sendWake(): number {
    return this.#pipe.writeWake?.() ?? this.#pipe.write(WAKE, 0, MESSAGE_BYTES)
  }

  #pipeWritable(): void {
    if (this.#pipeBytes > 0) this.onWritable()
    if (this.#wakeOwed) this.wake()
  }
}

interface Ends {
  readonly segment: OpenSegment['segment']
  readonly consumer: RingConsumer
  readonly producer: RingProducer
}

/** From the worker. */
class RingReader implements PipeReader, ByteSink, MessageSink, Polled {
  readonly #pipe: PipeReader
  readonly #ends: Ends
  readonly #writer: RingWriter
  readonly #poller: Looks
  readonly #closed: () => void
  /** What comes on the pipe after ATTACHED. */
  readonly #wakes = new MessageAssembler(this)
  #sink: ByteSink | undefined
  /** Of the message on the pipe whose bytes are coming: how many have come, and its type. */
  #came = 0
  #type = 0
  #attached = false
  #ended = false
  #isOpen = true

  constructor(pipe: PipeReader, ends: Ends, writer: RingWriter, poller: Looks, closed: () => void) {
    this.#pipe = pipe
    this.#ends = ends
    this.#writer = writer
    this.#poller = poller
    this.#closed = closed
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    this.#pipe.start(this)
  }

  finish(): void {
    this.#pipe.finish() // Ends by `onEnd`, which takes what is in the ring.
    this.close()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#poller.remove(this)
    this.#pipe.close()
    this.#closed()
  }

  /** The worker broke this rule by what it wrote into the segment, or beside it. */
  breach(broken: Verdict): void {
    if (this.#ended) return
    this.#ended = true
    this.#poller.remove(this)
    // Later, as it may be found while the worker is being written to.
    queueMicrotask(() => {
      if (this.#isOpen) this.#sink!.onBreach?.(broken)
    })
  }

  // ——— The pipe ———

  onBytes(bytes: Uint8Array, length: number): void {
    if (this.#ended) return
    if (this.#attached) {
      this.#takeWakes(bytes, length)
      return
    }
    const end = this.#endOfAttached(bytes, length)
    this.#sink!.onBytes(bytes, end ?? length)
    if (end === undefined || !this.#isOpen) return
    this.#attached = true
    this.#poller.add(this)
    if (end < length) this.#takeWakes(bytes.subarray(end, length), length - end)
  }

  onEnd(error: string | undefined): void {
    if (this.#ended) return
    // Rule `ring-drained`. No more than one ring's worth: whoever still holds the memory cannot make it more.
    const own = new Uint8Array(READ_BUFFER_BYTES) // The shared buffer may be in use further up the stack.
    let left = this.#attached ? this.#ends.consumer.look() : 0
    while (left > 0 && !this.#ended && this.#isOpen) {
      const count = Math.min(left, MESSAGES_PER_READ_MAX)
      this.#ends.consumer.take(own, count)
      left -= count
      this.#sink!.onBytes(own, count * MESSAGE_BYTES)
    }
    if (this.#ended || !this.#isOpen) return
    this.#ended = true
    this.#poller.remove(this)
    this.#sink!.onEnd(error)
  }

  /** A message on the pipe after ATTACHED. */
  onMessage(view: MessageView): boolean {
    const verdict = judge(view, 'worker')
    if (verdict === ACCEPT && view.type === MessageType.WAKE) return true
    const name = TYPES[view.type]?.name ?? `type ${view.type}`
    const told = typeof verdict === 'object' && view.type === MessageType.WAKE ? verdict : undefined
    this.breach(told ?? { rule: 'ring-only', message: `${name} came on the pipe after ATTACHED` })
    return false
  }

  // ——— The ring ———

  look(): boolean {
    const { consumer } = this.#ends
    const there = consumer.look()
    if (there <= 0) {
      if (there === NONSENSE) this.breach(tailNonsense)
      return false
    }
    const count = Math.min(there, RING_MESSAGES_PER_LOOK_MAX)
    consumer.take(buffer, count)
    if (consumer.mustWake()) this.#writer.wake()
    this.#sink!.onBytes(buffer, count * MESSAGE_BYTES)
    return true
  }

  sleeps(): boolean {
    return this.#ends.consumer.sleeps()
  }

  wakes(): void {
    this.#ends.consumer.wakes()
  }

  get workerAwake(): boolean {
    return this.#ends.producer.consumerAwake
  }

  setPollUs(us: number): void {
    this.#ends.segment.pollUs = us
  }

  #takeWakes(bytes: Uint8Array, length: number): void {
    this.#wakes.push(bytes, length)
    if (this.#ended) return
    this.#writer.look()
    this.#poller.kick()
  }

  /** Where ATTACHED ends in these bytes; undefined when it does not. */
  #endOfAttached(bytes: Uint8Array, length: number): number | undefined {
    for (let at = 0; at < length; ) {
      if (this.#came === 0) this.#type = bytes[at]!
      const part = Math.min(MESSAGE_BYTES - this.#came, length - at)
      this.#came = (this.#came + part) % MESSAGE_BYTES
      at += part
      if (this.#came === 0 && this.#type === MessageType.ATTACHED) return at
    }
    return undefined
  }
}

const tailNonsense: Verdict = {
  rule: 'ring-indices',
  message: 'the tail of the ring OUT is further above its head than the ring has cells',
}
const headNonsense: Verdict = {
  rule: 'ring-indices',
  message: 'the head of the ring IN is not between what was taken before and its tail',
}
