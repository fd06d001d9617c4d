/**
 * Everything outside the engine, as it comes in: time, randomness, processes with their pipes. The real ones are in
 * `local-world.ts`; `testing/` brings a manual clock and memory pipes, so that a whole scenario replays from a seed.
 */
import type { Verdict } from '@millrace/protocol'
import type { Isolation } from './isolation/level.ts'
import type { Affinity, RingIdle } from './options.ts'

/** A pending alarm. */
export interface Alarm {
  /** Forgets it. Doing so twice, or after it rang, is allowed. */
  cancel(): void
}

export interface Clock {
  /** Monotonic time in microseconds from any origin; may have a fraction. */
  nowUs(): number
  /** Calls `ring` once, `delayUs` microseconds from now or a little later. Never calls it before returning. */
  alarm(delayUs: number, ring: () => void): Alarm
}

/** Takes bytes from a pipe. */
export interface ByteSink {
  /** `bytes[0, length)` came. Valid only during this call: the buffer is used again. */
  onBytes(bytes: Uint8Array, length: number): void
  /** Nothing more will come: end of file, an error of the OS (its code, such as `EIO`), or after `close`. Once. */
  onEnd(error: string | undefined): void
  /** What was written beside the bytes, in shared memory, breaks this rule. Once; nothing comes after it. Only rings tell. */
  onBreach?(broken: Verdict): void
}

/** The engine's end of a worker's OUT pipe. Always reads; never blocks. */
export interface PipeReader {
  start(sink: ByteSink): void
  /**
   * Reads what is in the pipe now, without waiting for an end of file that a grandchild may hold off, hands it to the
   * sink, and closes; `onEnd` is called before this returns. Not to be called from within `onBytes`.
   */
  finish(): void
  /** Closes without reading; the sink hears nothing more. Closing twice, or after `finish`, is allowed. */
  close(): void
}

/** The engine's end of a worker's IN pipe. Never blocks. */
export interface PipeWriter {
  /**
   * Writes `bytes[from, to)`. Returns how many bytes were taken, from 0 (wait for `onWritable`) to all.
   * A pipe whose reader is gone takes everything and drops it: the end of the process tells.
   */
  write(bytes: Uint8Array, from: number, to: number): number
  /** Writes one WAKE, and returns what `write` would. Without it whoever has to send WAKE writes it. */
  writeWake?(): number
  /** Called when a write took less than it was given and more can be taken now. Set once, before the first write. */
  onWritable: () => void
  /** Closes. What was taken and not written is dropped. */
  close(): void
}

/** How a process ended: one of the first two is set, unless nobody knows how. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: string | null
  /** The memory limit in bytes that a process of the worker was killed for. */
  readonly passedMemoryBytes?: number
}

/** One version of a program whose workers may be forked from one zygote. Told apart by identity. */
export interface ForkGroup {
  readonly program: string
}

/**
 * A payload file in the engine's own hands: no worker reaches it by a name. It ends by `PayloadDirectory.give` or `drop`,
 * whichever comes first; after that nothing of it may be used.
 */
export interface HeldFile {
  /** Size in bytes, as announced; of one that is being written: what it will have. */
  readonly bytes: number
  /**
   * Reads up to `length` bytes from `position` on into the start of `into`. Returns how many, fewer than asked for only when
   * the file ends there: whoever wrote it may still hold it open and cut it. Never waits.
   */
  read(into: Uint8Array, length: number, position: number): number
  /** Writes at the end of what was written. Returns why it could not, such as `ENOSPC`; undefined: all is written. */
  write(from: Uint8Array): string | undefined
  /** Nobody needs it. Doing so twice is allowed. */
  drop(): void
  /** Nobody needs it but as room for the next file that is made for `owner`. Else as `drop`. */
  recycle(owner: number): void
}

/** The rule that a worker's file breaks, in words. */
export interface FileFault {
  readonly rule: string
  readonly message: string
}

/** The payload directory of one worker. Rules `file-directory`, `file-moved`. */
export interface PayloadDirectory {
  /** Takes the file `name` out, in one step; a fault when it is not a regular file with one link and `bytes` bytes. */
  take(name: string, bytes: number): HeldFile | FileFault
  /** Moves a held file in. Returns its name there, new in this directory; undefined: it could not, and is still held. */
  give(file: HeldFile): string | undefined
}

/** Where the engine makes payload files of its own. */
export interface PayloadStore {
  /** A file of `bytes` bytes to be written, in the room of one that was recycled for `owner` if there is one; undefined: no room. */
  create(bytes: number, owner: number): HeldFile | undefined
}

/** What to run as a worker. */
export interface LaunchRequest {
  /** Name of the worker program, for logs and file names. */
  readonly program: string
  /** Number of the worker in the engine's life. */
  readonly workerId: number
  /** Program and arguments; no shell. */
  readonly command: readonly string[]
  /** Working directory; undefined: the engine's own. */
  readonly cwd: string | undefined
  /** Variables added to, or with undefined removed from, what `ownVariables` takes of the engine's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** One-time secret that HELLO must return. */
  readonly token: string
  /** How far it is shut off from the host. Default: the level `process`. */
  readonly isolation?: Isolation | undefined
  /** Whether it will be paused at times. Default false. */
  readonly pausable?: boolean | undefined
  /** Whether it may get rings, where the launcher makes any. Default true. */
  readonly rings?: boolean | undefined
  /** Whose zygote it is to be forked from. Default: it is started by itself. */
  readonly forkOf?: ForkGroup | undefined
  /** Whether it gets a payload directory, where the launcher has any. Default true. */
  readonly payloadFiles?: boolean | undefined
}

/** What happens to a launched process. */
export interface ProcessListener {
  /** It ended, or never started (then `startError` says why, for people). Once. */
  onExit(exit: ProcessExit, startError: string | undefined): void
  /** A line of its standard output or error, without the line end. Lines are cut at `OUTPUT_LINE_BYTES_MAX`. */
  onOutput(stream: 'stdout' | 'stderr', line: string): void
}

/** A worker's process and the engine's ends of its two pipes. */
export interface LaunchedWorker {
  readonly pid: number | undefined
  readonly input: PipeWriter
  readonly output: PipeReader
  /** Its payload directory, removed with its end; undefined: it has none. */
  readonly payloads?: PayloadDirectory | undefined
  /** Given when the worker was started with rings: what follows the next `bytes` that are written goes by the ring. */
  readonly switchToRing?: ((bytes: number) => void) | undefined
  /** HELLO came, so both pipes are open on the other side: keep only the write end of IN and unlink both names. */
  attached(): void
  /** Sends a signal to the worker's process group. Nothing happens when it is gone. One that is paused goes on first. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
  /** Stops all of the worker's processes where they are, or lets them go on. Nothing happens when it is gone. */
  pause(isPaused: boolean): void
}

/** The pipes of a link between two engines of one host, seen from one of them. */
export interface LinkPipes {
  readonly input: PipeWriter
  readonly output: PipeReader
}

/** A link that the other engine has not opened yet. */
export interface OfferedLink extends LinkPipes {
  /** The FIFO that the other engine reads, and the one that it writes. */
  readonly inPath: string
  readonly outPath: string
  /** The other engine has opened both, or never will: their names go. Doing so twice is allowed. */
  attached(): void
}

/** Where engine and workers are to run, and what it takes to see whether that is right. */
export interface AffinityWish {
  readonly affinity: Affinity
  /** Messages that workers have sent since the start: how far the engine gets. */
  progress(): number
  /** Told what the placement is, at the start and at each change, and who could not be placed. */
  tell(level: 'info' | 'warn', text: string): void
}

export interface Launcher {
  /** Where engine and workers run now; undefined: where the kernel puts them. */
  readonly placement?: 'pack' | 'spread' | 'kernel' | undefined
  /** Where payload files can be made; undefined: the host has no memory file system for them. */
  readonly payloads?: PayloadStore | undefined
  /** Why its workers get no rings though they were asked for, with the fix. */
  readonly ringFault?: string | undefined
  /** Starts a worker by the launch contract (rule `launch-environment`). Never throws: a failure is an exit. */
  launch(request: LaunchRequest, listener: ProcessListener): LaunchedWorker
  /** No worker of this group will be launched any more: what its workers share ends after the last of them. */
  release?(group: ForkGroup): void
  /** Makes a link for another engine of this host to open. Throws the OS's error. Undefined: this world has no links. */
  offerLink?(name: string): OfferedLink
  /** Opens a link that another engine offers by these paths. Throws the OS's error, such as `ENOENT` when that has ended. */
  openLink?(inPath: string, outPath: string): LinkPipes
  /** Removes what the launcher keeps on the host. Called once, after the last worker is gone. */
  close(): void | Promise<void>
}

/** Where random bits come from. Seeded in tests. */
export interface Random {
  /** An integer from 0 to 2^32 - 1. Need not be secret. */
  u32(): number
  /** A fresh secret of 32 hexadecimal digits. */
  token(): string
}

/** Where payload files may lie. `directory` undefined: where the host has a memory file system, if it has one. */
export type PayloadFilesPlace = false | { readonly directory: string | undefined }

export interface World {
  readonly clock: Clock
  readonly random: Random
  /**
   * Opens the launcher, once, when the engine starts. `runtimeDirectory`, `rings`: the options of these names.
   * `payloadFiles`: whether payloads may lie in files, and below which directory; undefined: below one that is found.
   * `affinity`: where processes are to run; undefined: where the kernel puts them. A world without processors takes no notice.
   */
  openLauncher(
    runtimeDirectory: string | undefined,
    payloadFiles: PayloadFilesPlace,
    rings: RingIdle | undefined,
    affinity: AffinityWish | undefined,
  ): Promise<Launcher>
  /** Calls `run` once, after the events that have come by now. */
  soon(run: () => void): void
  /** Calls `run` once, after the present event: quicker than `soon`, and before events that may have come with it. */
  next(run: () => void): void
}
