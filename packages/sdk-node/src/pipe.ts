/** The real world of a worker: two FIFOs, the clock, the process. The only file that touches the OS. */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import type { Socket, SocketConstructorOpts } from 'node:net'
import { PIPE_CHUNK_BYTES_MAX, READ_BUFFER_BYTES } from './limits.ts'
import type { WatchClock } from './ring-watch.ts'
import type { ByteSink, PayloadFiles, WorkerPipe, WorkerWorld } from './world.ts'

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * Opens IN, then OUT, without blocking (rule `launch-open-order`). Node opens every descriptor close-on-exec.
 *
 * @throws the system's error; `ENXIO`: nobody reads OUT, so the engine is gone.
 */
export function openPipe(inPath: string, outPath: string): WorkerPipe {
  const inFd = openSync(inPath, O_RDONLY | O_NONBLOCK)
  try {
    return new FifoPipe(inFd, openSync(outPath, O_WRONLY | O_NONBLOCK))
  } catch (error) {
    closeSync(inFd)
    throw error
  }
}

/** The world of this process over one pipe. `payloads`: its payload directory, if it was given one. */
export function processWorld(pipe: WorkerPipe, payloads?: PayloadFiles): WorkerWorld {
  return {
    pipe,
    payloads,
    nowUs: () => performance.now() * 1_000,
    alarm: (delayUs, ring) => {
      const timer = setTimeout(ring, delayUs / 1_000)
      return () => clearTimeout(timer)
    },
    // After the microtasks of the present callback: all that the messages just read have made runnable.
    soon: process.nextTick,
    say: (line) => sayLine(line),
    exit: (code) => process.exit(code),
  }
}

/** When a process looks at its ring. */
export const ringClock: WatchClock = {
  nowUs: () => performance.now() * 1_000,
  later: (turn) => void setImmediate(turn),
}

/** One line on standard error, written before this returns, so that an exit does not lose it. */
export function sayLine(line: string): void {
  try {
    writeSync(2, `millrace worker: ${line}\n`)
  } catch {
    // Standard error is closed or full: there is nowhere left to say it, and the exit code tells the rest.
  }
}

class FifoPipe implements WorkerPipe {
  onWritable: () => void = () => {}
  readonly #inFd: number
  #outFd: number
  /** Reads IN, and owns its descriptor; made by `start`. */
  #reader: Socket | undefined
  /** Writes to OUT what did not fit; made when the pipe is full for the first time. From then on it owns #outFd. */
  #writer: Socket | undefined
  #sink: ByteSink | undefined
  #pending = false
  #closed = false

  constructor(inFd: number, outFd: number) {
    this.#inFd = inFd
    this.#outFd = outFd
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    const callback = (length: number, bytes: Uint8Array): boolean => {
      sink.onBytes(bytes, length)
      return !this.#closed
    }
    const buffer = new Uint8Array(READ_BUFFER_BYTES)
    this.#reader = makeSocket({ fd: this.#inFd, readable: true, writable: false, onread: { buffer, callback } })
    this.#reader.on('end', () => this.#end(undefined))
    this.#reader.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message))
  }

  get pending(): boolean {
    return this.#pending
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.#closed) return to - from
    if (this.#pending) return 0
    try {
      return writeSync(this.#outFd, bytes, from, to - from)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return this.#writeLater(bytes, from, to)
      // Not from within a send: whoever sends does not expect the channel to end under it.
      process.nextTick(() => this.#end(code ?? String(error)))
      return to - from
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#reader !== undefined) this.#reader.destroy()
    else closeSync(this.#inFd)
    if (this.#writer !== undefined) this.#writer.destroy()
    else closeSync(this.#outFd)
    this.#outFd = -1
  }

  /** The pipe is full: hands one chunk, copied, to a socket that waits for room. Later writes wait for it. */
  #writeLater(bytes: Uint8Array, from: number, to: number): number {
    if (this.#writer === undefined) {
      this.#writer = makeSocket({ fd: this.#outFd, readable: false, writable: true })
      this.#writer.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message))
    }
    // Not `slice`, which for a Buffer does not copy.
    const chunk = new Uint8Array(bytes.subarray(from, Math.min(to, from + PIPE_CHUNK_BYTES_MAX)))
    this.#pending = true
    this.#writer.write(chunk, () => {
      this.#pending = false
      if (!this.#closed) this.onWritable()
    })
    return chunk.length
  }

  #end(error: string | undefined): void {
    if (!this.#closed) this.#sink?.onEnd(error)
  }
}

/** Loads the module of sockets only here, some milliseconds' work: HELLO has left by then, and the engine is at its answer. */
function makeSocket(options: SocketConstructorOpts): Socket {
  const { Socket } = process.getBuiltinModule('node:net')
  return new Socket(options)
}
