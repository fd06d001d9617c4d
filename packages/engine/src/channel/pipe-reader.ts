/** fd → bytes. One of the few files that touch the OS. */
import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { FINISH_READS_MAX, PIPE_BYTES_PER_PART, READ_BUFFER_BYTES } from '../base/limits.ts'
import type { ByteSink, PipeReader } from '../world.ts'
import { pipeBuffer as buffer, type DirectCalls } from './direct-calls.ts'
import type { PipePoller, PolledPipe } from './pipe-poller.ts'

/** What reads pipes ahead of the event loop. */
export interface Polling {
  readonly poller: PipePoller
  readonly calls: DirectCalls
}

/** Reads a non-blocking descriptor of a pipe, and owns it: it is closed once, by `finish`. */
export class FdPipeReader implements PipeReader, PolledPipe {
  #fd: number
  readonly #polling: Polling | undefined
  #socket: Socket | undefined
  #sink: ByteSink | undefined
  #ended = false
  isListed = false

  /** `polling`: default none, the event loop alone reads. */
  constructor(fd: number, polling?: Polling) {
    this.#fd = fd
    this.#polling = polling
  }

  start(sink: ByteSink): void {
    this.#sink = sink
    const socket = new Socket({
      fd: this.#fd,
      readable: true,
      writable: false,
      onread: {
        buffer,
        callback: (length: number) => {
          if (!this.#ended) {
            this.#hand(sink, length)
            this.#polling?.poller.turned()
          }
          return !this.#ended
        },
      },
    })
    this.#socket = socket
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message))
    socket.on('end', () => this.#end(undefined))
  }

  /** What was read, in parts where a worker can go through the first one while the engine goes through the rest. */
  #hand(sink: ByteSink, length: number): void {
    const part = this.#polling?.poller.oneProcessor === true ? length : PIPE_BYTES_PER_PART
    for (let at = 0; at < length && !this.#ended; at += part) {
      const size = Math.min(part, length - at)
      sink.onBytes(at === 0 ? buffer : buffer.subarray(at, at + size), size)
    }
  }

  look(): boolean {
    if (this.#ended || this.#socket === undefined) return false
    const length = this.#polling!.calls.read(this.#fd)
    if (length === 0) return false // An end or an error comes again, to the event loop.
    this.#sink!.onBytes(buffer, length)
    return true
  }

  finish(): void {
    if (this.#fd === -1) return
    const rest = new Uint8Array(READ_BUFFER_BYTES) // Its own: the shared buffer may be in use further up the stack.
    // What lies in the pipe is read here, as the loop may tell of the exit of a process before it tells of its bytes.
    for (let reads = 0; !this.#ended && reads < FINISH_READS_MAX; reads += 1) {
      let length: number
      try {
        length = readSync(this.#fd, rest, 0, READ_BUFFER_BYTES, null)
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        this.#end(code === 'EAGAIN' ? undefined : code)
        break
      }
      if (length === 0) {
        this.#end(undefined)
        break
      }
      this.#sink?.onBytes(rest, length)
    }
    this.#end(undefined)
    this.close()
  }

  close(): void {
    if (this.#fd === -1) return
    this.#ended = true
    const fd = this.#fd
    this.#fd = -1 // Forget first: the kernel may give the number to someone else at once.
    if (this.#socket === undefined) closeSync(fd)
    else this.#socket.destroy() // The socket owns the descriptor and closes it.
  }

  #end(error: string | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#sink?.onEnd(error)
  }
}
