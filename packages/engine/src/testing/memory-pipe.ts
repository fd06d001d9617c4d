import type { ByteSink, PipeReader, PipeWriter } from '../world.ts'
import type { Later } from './schedule.ts'

/** How a memory pipe behaves. */
export interface MemoryPipeOptions {
  /** Bytes that it holds before `write` takes no more. Default 65,536, as on Linux. */
  readonly capacityBytes?: number
  /** How many of the bytes that are there are delivered at once, 1 to `available`. Default: all. */
  readonly cut?: (available: number) => number
}

/** A one-way pipe without an OS: bytes in order, cut anywhere, a bound, an end. Meets `checkPipe` like the real one. */
export class MemoryPipe implements PipeReader, PipeWriter {
  readonly #later: Later
  readonly #capacity: number
  readonly #cut: (available: number) => number
  #bytes = new Uint8Array(0)
  #sink: ByteSink | undefined
  #delivering = false
  #full = false
  #writerClosed = false
  #readerClosed = false
  #ended = false
  /** A paused reader delivers nothing, as a process that does not read. */
  #paused = false
  onWritable: () => void = () => {}
  readonly writer: PipeWriter
  readonly reader: PipeReader

  constructor(later: Later, options: MemoryPipeOptions = {}) {
    this.#later = later
    this.#capacity = options.capacityBytes ?? 65_536
    this.#cut = options.cut ?? ((available) => available)
    const pipe = this
    this.writer = {
      write: (bytes, from, to) => pipe.write(bytes, from, to),
      get onWritable() {
        return pipe.onWritable
      },
      set onWritable(writable: () => void) {
        pipe.onWritable = writable
      },
      close: () => pipe.closeWriter(),
    }
    this.reader = { start: (sink) => pipe.start(sink), finish: () => pipe.finish(), close: () => pipe.close() }
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.#readerClosed || this.#writerClosed) return to - from
    const length = Math.min(to - from, this.#capacity - this.#bytes.length)
    if (length < to - from) this.#full = true
    if (length > 0) {
      const joined = new Uint8Array(this.#bytes.length + length)
      joined.set(this.#bytes)
      joined.set(bytes.subarray(from, from + length), this.#bytes.length)
      this.#bytes = joined
      this.#deliver()
    }
    return length
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    this.#deliver()
  }

  finish(): void {
    while (this.#bytes.length > 0 && !this.#readerClosed) this.#hand(this.#bytes.length)
    this.#end()
    this.close()
  }

  close(): void {
    this.#readerClosed = true
    this.#ended = true
    this.#bytes = new Uint8Array(0)
  }

  /** No more is written; the reader gets what is there, and then the end. */
  closeWriter(): void {
    this.#writerClosed = true
    this.#deliver()
  }

  /** Stops or resumes the reading side. */
  set paused(paused: boolean) {
    this.#paused = paused
    this.#deliver()
  }

  #deliver(): void {
    if (this.#delivering || this.#sink === undefined || this.#paused || this.#ended) return
    if (this.#bytes.length === 0 && !this.#writerClosed) return
    this.#delivering = true
    this.#later(() => {
      this.#delivering = false
      if (this.#paused || this.#ended) return
      if (this.#bytes.length > 0) this.#hand(Math.max(1, Math.min(this.#bytes.length, this.#cut(this.#bytes.length))))
      else if (this.#writerClosed) this.#end()
      this.#deliver()
      if (this.#full && this.#bytes.length < this.#capacity) {
        this.#full = false
        this.onWritable()
      }
    })
  }

  #hand(length: number): void {
    const part = this.#bytes.slice(0, length)
    this.#bytes = this.#bytes.slice(length)
    this.#sink?.onBytes(part, length)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#sink?.onEnd(undefined)
  }
}
