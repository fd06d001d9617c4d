/** The two FIFOs of a channel, made and opened as the launch contract says. One of the few files that touch the OS. */
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import type { FifoStock } from './fifo-stock.ts'

/** The engine's ends of a channel that its worker has not opened yet. */
export class Fifos {
  readonly inPath: string
  readonly outPath: string
  /** To read OUT by; whoever takes it closes it. */
  readonly outFd: number
  /** To write IN by; whoever takes it closes it. */
  readonly writeFd: number
  /** Read-write end of IN, held until HELLO. */
  readonly #holdFd: number
  #attached = false

  /** Makes `<stem>.in` and `<stem>.out`, and opens the engine's ends. Throws the OS's error and leaves nothing behind. */
  constructor(stem: string, stock: FifoStock) {
    this.inPath = `${stem}.in`
    this.outPath = `${stem}.out`
    const open: number[] = []
    const opened = (path: string, flags: number): number => {
      const fd = openSync(path, flags | constants.O_NONBLOCK)
      open.push(fd)
      return fd
    }
    stock.take(this.inPath, this.outPath)
    try {
      // OUT first, so that the worker's open for writing finds a reader. IN read-write, so that its open for reading
      // finds a writer and no end of file before `attached`.
      // Nobody asks when it was last read; to keep that costs each read something. Not known to every system.
      this.outFd = opened(this.outPath, constants.O_RDONLY | (constants.O_NOATIME ?? 0))
      this.#holdFd = opened(this.inPath, constants.O_RDWR)
      this.writeFd = opened(this.inPath, constants.O_WRONLY)
    } catch (error) {
      for (const fd of open) closeSync(fd)
      this.#unlink()
      throw error
    }
  }

  /** The worker has opened both, or never will: the read-write end of IN and both names go. Doing so twice is allowed. */
  attached(): void {
    if (this.#attached) return
    this.#attached = true
    closeSync(this.#holdFd)
    this.#unlink()
  }

  /** Nobody has taken the descriptors, and nobody is to open the FIFOs any more. Once. */
  discard(): void {
    this.attached()
    closeSync(this.outFd)
    closeSync(this.writeFd)
  }

  #unlink(): void {
    rmSync(this.inPath, { force: true })
    rmSync(this.outPath, { force: true })
  }
}
