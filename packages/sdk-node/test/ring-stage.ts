/** The engine's side of a pipe with rings, in plain memory, with turns of the event loop that the test takes. */
import {
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  MessageView,
  RING_CELLS_MIN,
  RingConsumer,
  RingProducer,
  SEGMENT_OFFSET,
  Segment,
  segmentBytes,
} from '@millrace/protocol'
import { RingPipe } from '../src/ring-pipe.ts'
import { MemoryPipe } from './memory-pipe.ts'
import { message } from './scripted-engine.ts'

export const CELLS = RING_CELLS_MIN
export const ATTACHED = message(MessageType.ATTACHED, {})
export const WAKE = message(MessageType.WAKE, {})

const TURNS_MAX = 1_000

export class RingStage {
  /** What the worker's pipe gives, and what it is given. */
  readonly fifo = new MemoryPipe()
  readonly segment = new Segment(new ArrayBuffer(segmentBytes(CELLS)))
  readonly pipe: RingPipe
  /** Messages that the worker has written to its pipe. */
  readonly piped: MessageView[] = []
  readonly #in: RingProducer
  readonly #out: RingConsumer
  readonly #turns: (() => void)[] = []
  nowUs = 0

  constructor() {
    this.segment.format(CELLS)
    const assembler = new MessageAssembler({
      onMessage: (view) => {
        this.piped.push(new MessageView(view.whole.slice()))
        return true
      },
    })
    this.fifo.onWritten = (bytes) => assembler.push(bytes)
    this.pipe = new RingPipe(
      this.fifo,
      { segment: this.segment, cells: CELLS },
      { nowUs: () => this.nowUs, later: (turn) => void this.#turns.push(turn) },
    )
    this.#in = new RingProducer(this.segment, 'in', CELLS)
    this.#out = new RingConsumer(this.segment, 'out', CELLS)
  }

  /** Publishes in the ring IN, as many as there is room for. Returns how many. */
  publish(...messages: Uint8Array[]): number {
    const all = Buffer.concat(messages)
    return this.#in.put(all, 0, all.length) / MESSAGE_BYTES
  }

  /** Whether the engine must send WAKE for what it published. */
  mustWake(): boolean {
    return this.#in.mustWake()
  }

  /** Takes all that is in the ring OUT, and frees its cells. */
  taken(): MessageView[] {
    const count = this.#out.look()
    const into = new Uint8Array(CELLS * MESSAGE_BYTES)
    this.#out.take(into, count)
    return Array.from({ length: count }, (_, i) => new MessageView(into).moveTo(i * MESSAGE_BYTES))
  }

  /** Says that the engine sleeps; whether there is nothing. */
  engineSleeps(): boolean {
    return this.#out.sleeps()
  }

  /** Whether the worker waits for room, and must be sent WAKE. */
  workerWaits(): boolean {
    return this.#out.mustWake()
  }

  word(name: keyof typeof SEGMENT_OFFSET): number {
    return Atomics.load(this.segment.words, SEGMENT_OFFSET[name] >> 2)
  }

  setWord(name: keyof typeof SEGMENT_OFFSET, value: number): void {
    Atomics.store(this.segment.words, SEGMENT_OFFSET[name] >> 2, value | 0)
  }

  /** The worker's event loop turns until it sleeps. */
  run(): void {
    for (let taken = 0; this.#turns.length > 0; taken += 1) {
      if (taken === TURNS_MAX) throw new Error(`it does not sleep after ${TURNS_MAX} turns`)
      this.#turns.shift()!()
    }
  }

  /** One turn of it. Whether it asked for one. */
  turn(): boolean {
    const turn = this.#turns.shift()
    turn?.()
    return turn !== undefined
  }
}
