/** Calls of the C library that a turn of the engine makes itself, by koffi. One of the few files that touch the OS. */
import { loadKoffi } from '../base/koffi.ts'
import { READ_BUFFER_BYTES } from '../base/limits.ts'

const EINTR = 4
const EAGAIN = 11

/** A write found that nobody reads the pipe, or failed in another way that lasts. */
export const BROKEN = -1

/** One buffer for all pipes: a read's bytes are used up before the next read begins. */
export const pipeBuffer = new Uint8Array(READ_BUFFER_BYTES)

/** Cheaper than what the runtime has: that traces each call, and throws for an empty pipe, which costs more than the read. */
export interface DirectCalls {
  /** Reads a non-blocking descriptor into `pipeBuffer`. Returns how many bytes; none when nothing is there, at the end, or for any error. */
  read(fd: number): number
  /** Writes to a non-blocking descriptor. Returns how many bytes were taken, or `BROKEN`. `from`: of `addressOf`. */
  write(fd: number, from: number, length: number): number
  /** Where these bytes lie; they must be kept for as long as the address is used. More than 64 bytes: then they stay where they are. */
  addressOf(bytes: Uint8Array): number
  /** Lets others that are ready to run on this processor go first. */
  yieldProcessor(): void
}

/** Opens them; or says why there are none, with the fix. */
export function openDirectCalls(): DirectCalls | string {
  const koffi = loadKoffi()
  if (typeof koffi === 'string') return koffi
  try {
    const library = koffi.load(null)
    const read = library.func('intptr_t read(int fd, uintptr_t into, size_t most)')
    const write = library.func('intptr_t write(int fd, uintptr_t from, size_t length)')
    const yieldProcessor = library.func('int sched_yield()')
    const addressOf = (bytes: Uint8Array): number => Number(koffi.address(bytes))
    const into = addressOf(pipeBuffer)
    return {
      read: (fd) => Math.max(0, read(fd, into, READ_BUFFER_BYTES) as number),
      write: (fd, from, length) => {
        const taken = write(fd, from, length) as number
        if (taken >= 0) return taken
        const error = koffi.errno()
        return error === EAGAIN || error === EINTR ? 0 : BROKEN
      },
      addressOf,
      yieldProcessor: () => void yieldProcessor(),
    }
  } catch (error) {
    return `the C library cannot be called: ${(error as Error).message}`
  }
}
