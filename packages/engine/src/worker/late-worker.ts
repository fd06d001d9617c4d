/** A worker that is launched now and whose process is known later: what is asked of it meanwhile is kept. */
import type { ByteSink, LaunchedWorker, PayloadDirectory, PipeReader, PipeWriter } from '../world.ts'

export class LateWorker implements LaunchedWorker {
  readonly input = new LateWriter()
  readonly output = new LateReader()
  #real: LaunchedWorker | undefined
  #signal: 'SIGTERM' | 'SIGKILL' | undefined
  #isPaused = false
  /** Called when a signal is sent before the process is known. */
  onEarlySignal: () => void = () => {}

  /** The signal that was sent before the process was known. */
  get earlySignal(): 'SIGTERM' | 'SIGKILL' | undefined {
    return this.#signal
  }

  get pid(): number | undefined {
    return this.#real?.pid
  }

  get payloads(): PayloadDirectory | undefined {
    return this.#real?.payloads
  }

  /** Its process is this one. Once. */
  become(real: LaunchedWorker): void {
    this.#real = real
    this.input.become(real.input)
    this.output.become(real.output)
    if (this.#isPaused) real.pause(true)
    if (this.#signal !== undefined) real.signal(this.#signal)
  }

  attached(): void {
    this.#real?.attached() // No HELLO comes before there is a process.
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#real !== undefined) {
      this.#real.signal(signal)
      return
    }
    this.#signal = signal
    this.onEarlySignal()
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#real?.pause(isPaused)
  }
}

class LateReader implements PipeReader {
  #real: PipeReader | undefined
  #sink: ByteSink | undefined
  #closed = false

  become(real: PipeReader): void {
    this.#real = real
    if (this.#closed) real.close()
    else if (this.#sink !== undefined) real.start(this.#sink)
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    this.#real?.start(sink)
  }

  finish(): void {
    if (this.#real !== undefined) this.#real.finish()
    else if (!this.#closed) {
      this.#closed = true
      this.#sink?.onEnd(undefined)
    }
  }

  close(): void {
    this.#closed = true
    this.#real?.close()
  }
}

/** Before HELLO the engine has nothing to say: what is written then is dropped, as with a process that never starts. */
class LateWriter implements PipeWriter {
  #real: PipeWriter | undefined
  #onWritable: () => void = () => {}
  #closed = false

  become(real: PipeWriter): void {
    this.#real = real
    real.onWritable = this.#onWritable
    if (this.#closed) real.close()
  }

  get onWritable(): () => void {
    return this.#onWritable
  }

  set onWritable(tell: () => void) {
    this.#onWritable = tell
    if (this.#real !== undefined) this.#real.onWritable = tell
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    return this.#real === undefined ? to - from : this.#real.write(bytes, from, to)
  }

  close(): void {
    this.#closed = true
    this.#real?.close()
  }
}
