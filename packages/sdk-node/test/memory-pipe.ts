/** A worker's pipe without an OS: what it writes is kept, what it reads is given. Room can be made scarce. */
import type { ByteSink, WorkerPipe } from '../src/world.ts'

export class MemoryPipe implements WorkerPipe {
  onWritable: () => void = () => {}
  closed = false
  /** Bytes that the pipe still takes; the reader on the other side makes room again. */
  room = Number.POSITIVE_INFINITY
  /** Gets a copy of what the worker writes. */
  onWritten: (bytes: Uint8Array) => void = () => {}
  #sink: ByteSink | undefined
  #early: Uint8Array[] = []
  readonly #buffer = new Uint8Array(65_536)

  get pending(): boolean {
    return false
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = []
    queueMicrotask(() => {
      for (const bytes of early) this.give(bytes)
    })
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.closed) return to - from
    const taken = Math.min(this.room, to - from)
    this.room -= taken
    if (taken > 0) this.onWritten(new Uint8Array(bytes.subarray(from, from + taken)))
    return taken
  }

  /** The other side reads again. */
  makeRoom(bytes = Number.POSITIVE_INFINITY): void {
    this.room = bytes
    this.onWritable()
  }

  /** Bytes come from the engine, through one reused buffer as from the OS. */
  give(bytes: Uint8Array): void {
    if (this.#sink === undefined) {
      this.#early.push(bytes)
      return
    }
    for (let at = 0; at < bytes.length; at += this.#buffer.length) {
      const part = bytes.subarray(at, at + this.#buffer.length)
      this.#buffer.set(part)
      this.#sink.onBytes(this.#buffer, part.length)
      this.#buffer.fill(0xee)
    }
  }

  /** The engine is gone. */
  end(error?: string): void {
    this.#sink?.onEnd(error)
  }

  close(): void {
    this.closed = true
  }
}
