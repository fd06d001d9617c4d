/**
 * Sends WAKE by duplicating it from a pipe of the engine's own (`tee`). One of the few files that touch the OS.
 *
 * A write to a pipe tells the kernel that its writer sleeps next, and so the kernel puts the reader on the writer's processor
 * when its own is busy. With rings that is wrong: who sends WAKE goes on, and loses its processor to the worker that it has
 * woken. `tee` gives no such hint. ADR 17.
 */
import { closeSync, writeSync } from 'node:fs'
import { MESSAGE_BYTES, MessageType, MessageWriter } from '@millrace/protocol'
import { loadKoffi } from '../base/koffi.ts'

const O_NONBLOCK = 0o4000
const O_CLOEXEC = 0o2000000
const SPLICE_F_NONBLOCK = 2

/** The message, for who writes it. */
export const WAKE = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.WAKE).bytes

type Tee = (from: number, to: number, length: number, flags: number) => number

/** A WAKE that lies in a pipe, and is never read. One for each engine. */
export class WakePipe {
  readonly #tee: Tee
  readonly #readFd: number
  readonly #writeFd: number
  #isOpen = true

  private constructor(tee: Tee, readFd: number, writeFd: number) {
    this.#tee = tee
    this.#readFd = readFd
    this.#writeFd = writeFd
  }

  /** Undefined where the calls cannot be had, or there are no descriptors left: then WAKE is written. */
  static open(): WakePipe | undefined {
    const koffi = process.platform === 'linux' ? loadKoffi() : ''
    if (typeof koffi === 'string') return undefined
    const library = koffi.load(null)
    const pipe2 = library.func('int pipe2(_Out_ int *fds, int flags)')
    const tee = library.func('intptr_t tee(int from, int to, size_t length, unsigned int flags)') as Tee
    const fds: [number, number] = [-1, -1]
    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) !== 0) return undefined
    writeSync(fds[1], WAKE)
    return new WakePipe(tee, ...fds)
  }

  /** Puts a whole WAKE into this pipe. False: it was full, or is none, and has got nothing. */
  send(fd: number): boolean {
    return this.#isOpen && this.#tee(this.#readFd, fd, MESSAGE_BYTES, SPLICE_F_NONBLOCK) === MESSAGE_BYTES
  }

  /** From now on nothing is sent. Doing so twice is allowed. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#readFd)
    closeSync(this.#writeFd)
  }
}
