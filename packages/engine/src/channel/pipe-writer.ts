/** fd ← bytes. One of the few files that touch the OS. */
import { closeSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { PIPE_CHUNK_BYTES } from '../base/limits.ts'
import type { PipeWriter } from '../world.ts'
import { BROKEN, type DirectCalls } from './direct-calls.ts'
import { WAKE, type WakePipe } from './wake-pipe.ts'

/** How a pipe is written to while who reads it is polled. */
export interface PolledWrites {
  readonly calls: DirectCalls
  /** Told of each write that the pipe took whole, and of each WAKE. */
  wrote(): void
}

/**
 * Writes to a non-blocking descriptor of a pipe, and owns it. A direct write first, which costs one system call and no
 * object; when the pipe is full, one chunk goes to the event loop's writer, which tells when it is through.
 */
export class FdPipeWriter implements PipeWriter {
  #fd: number
  readonly #polled: PolledWrites | undefined
  readonly #wakes: WakePipe | undefined
  #socket: Socket | undefined
  /** A chunk is with the event loop's writer; nothing may overtake it. */
  #busy = false
  #broken = false
  /** Whose address is known: mostly the same from write to write. */
  #bytes: Uint8Array | undefined
  #address = 0
  onWritable: () => void = () => {}

  /** `polled`: default nobody polls. `wakes`: by what WAKE is sent; default a write. */
  constructor(fd: number, polled?: PolledWrites, wakes?: WakePipe) {
    this.#fd = fd
    this.#polled = polled
    this.#wakes = wakes
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.#busy) return 0
    if (this.#broken || this.#fd === -1) return to - from
    const taken =
      this.#polled === undefined ? this.#put(bytes, from, to) : this.#putPolled(this.#polled, bytes, from, to)
    if (taken === to - from) return taken
    if (taken === BROKEN) {
      this.#broken = true // EPIPE, mostly: the reader is gone, and the end of the process tells.
      return to - from
    }
    return taken + this.#handOver(bytes, from + taken, to)
  }

  writeWake(): number {
    const mayWrite = !this.#busy && !this.#broken && this.#fd !== -1
    if (mayWrite && this.#wakes?.send(this.#fd) === true) {
      this.#polled?.wrote()
      return WAKE.length
    }
    return this.write(WAKE, 0, WAKE.length) // Why it could not be sent a write finds out, too.
  }

  close(): void {
    if (this.#fd === -1) return
    const fd = this.#fd
    this.#fd = -1
    if (this.#socket === undefined) closeSync(fd)
    else this.#socket.destroy()
  }

  #put(bytes: Uint8Array, from: number, to: number): number {
    try {
      return writeSync(this.#fd, bytes, from, to - from)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : BROKEN
    }
  }

  #putPolled(polled: PolledWrites, bytes: Uint8Array, from: number, to: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#address = polled.calls.addressOf(bytes)
    }
    const taken = polled.calls.write(this.#fd, this.#address + from, to - from)
    if (taken === to - from) polled.wrote()
    return taken
  }

  #handOver(bytes: Uint8Array, from: number, to: number): number {
    if (this.#socket === undefined) {
      this.#socket = new Socket({ fd: this.#fd, readable: false, writable: true })
      this.#socket.on('error', () => {
        this.#broken = true
      })
    }
    const length = Math.min(PIPE_CHUNK_BYTES, to - from)
    this.#busy = true
    // A copy: the slots are used again before the loop has written them.
    this.#socket.write(bytes.slice(from, from + length), () => {
      this.#busy = false
      this.onWritable()
    })
    return length
  }
}
