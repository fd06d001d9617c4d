/** Everything outside the worker, as it comes in: the two pipes, time, the end of the process. The real one is `pipe.ts`. */
import type { Verdict } from '@millrace/protocol'

/** Takes bytes from the channel's IN pipe. */
export interface ByteSink {
  /**
   * `bytes[0, length)` came. Valid only during this call: the buffer is used again. It must not be a `Buffer`, whose
   * `slice` does not copy.
   */
  onBytes(bytes: Uint8Array, length: number): void
  /**
   * Nothing more will come, or nothing more can be sent. Once. `error`: undefined at end of file, otherwise the code of
   * the OS, such as `EPIPE`.
   */
  onEnd(error: string | undefined): void
  /** What the engine wrote beside its messages, in shared memory, breaks this rule. Once; no bytes come after it. */
  onBreach(broken: Verdict): void
}

/** When a channel goes over from its pipes to the rings beside them. */
export interface RingSwitch {
  /** WELCOME did not accept rings: all bytes go by the pipes. */
  decline(): void
  /** What follows the next `bytes` that are written goes by the ring OUT. Once. */
  switchOutAfter(bytes: number): void
  /** ATTACHED has come: what follows it comes by the ring IN. Once. */
  switchIn(): void
}

/** The worker's ends of its two pipes. Never blocks. One writer, one reader. */
export interface WorkerPipe {
  /** Begins to read. Called once; never calls the sink before it returns. */
  start(sink: ByteSink): void
  /**
   * Writes `bytes[from, to)`. Returns how many bytes were taken, from 0 (wait for `onWritable`) to all. Bytes taken may
   * still be on their way when the engine's pipe is full. A pipe whose reader is gone takes everything and drops it.
   */
  write(bytes: Uint8Array, from: number, to: number): number
  /** Called when a write took less than it was given and more can be taken now. Set once, before the first write. */
  onWritable: () => void
  /** Given when there are rings beside the pipes (rule `ring-offer`); before WELCOME was answered, bytes go by the pipes. */
  readonly rings?: RingSwitch
  /** Whether bytes that were taken are still on their way. */
  readonly pending: boolean
  /** Closes both ends. What was taken and not written is dropped. Doing so twice is allowed. */
  close(): void
}

/** Why a payload file is refused. */
export interface FileFault {
  /** The rule that it breaks. */
  readonly rule: string
  readonly message: string
}

/**
 * The worker's payload directory. A file that was read may be written again, and then only to go back to where it came from: who
 * wrote it may still have it open. `owner` says where that is.
 */
export interface PayloadFiles {
  /** Reads a file once and takes it; it is kept for `owner` within bounds, and else removed. A fault: it is removed. */
  read(name: string, bytes: number, owner: string): Uint8Array | FileFault
  /** Writes a file, in the room of one kept for `owner` if there is one. Returns its name; undefined: there is no room. */
  write(bytes: Uint8Array, owner: string): string | undefined
  /** Removes what is kept for `owner`. */
  release(owner: string): void
  /** Removes a file unread. */
  discard(name: string): void
}

/** What a worker needs of its process. */
export interface WorkerWorld {
  readonly pipe: WorkerPipe
  /** Undefined: the launch named no payload directory, and `payload-file` is not offered. */
  readonly payloads?: PayloadFiles | undefined
  /** Monotonic time in microseconds from any origin; may have a fraction. */
  nowUs(): number
  /** Calls `ring` once, `delayUs` microseconds from now or later. Returns what forgets it. */
  alarm(delayUs: number, ring: () => void): () => void
  /** Calls `flush` once, after everything that the present event has made runnable. */
  soon(flush: () => void): void
  /** One line for people, on standard error. */
  say(line: string): void
  /** Ends the process, or in memory the worker. Called once, after the pipe was closed. */
  exit(code: number): void
}

/** Exit codes of a worker, by the launch contract. */
export const ExitCode = {
  /** Drained, or the channel ended in order with nothing open. */
  ok: 0,
  /** The engine is gone: no reader or writer on the other side (EX_UNAVAILABLE). */
  engineGone: 69,
  /** The engine broke the protocol or refused the handshake (EX_PROTOCOL). */
  protocol: 76,
  /** Not started by an engine, or the code can't be loaded (EX_CONFIG). */
  config: 78,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
