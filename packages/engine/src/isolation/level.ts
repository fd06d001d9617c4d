/** How far a worker is shut off from its host. Types alone; who wraps a command is in the file of its level. */

/**
 * `process`: a process as any other, in a session of its own. `sandbox`: namespaces of its own, by bubblewrap. `oci`: a
 * container with a root file system of its own, by runc.
 */
export type IsolationLevel = 'process' | 'sandbox' | 'oci'

/** The levels, least shut off first. */
export const ISOLATION_LEVELS: readonly IsolationLevel[] = ['process', 'sandbox', 'oci']

/** What a worker may see and use. Default: the level `process` without limits. */
export interface Isolation {
  readonly level: IsolationLevel
  /** Whether a worker at `sandbox` or `oci` has the host's network. Default false. No meaning at `process`. */
  readonly network?: boolean
  /** Absolute paths of the host that a worker at `sandbox` or `oci` may read, besides its own directory. Default: none. */
  readonly mounts?: readonly string[]
  /**
   * Absolute directory that is the root file system of a worker at `oci`; it is not changed. The worker's command and
   * directory are paths in it. Default: the host's own system directories, read-only, with the worker's.
   */
  readonly rootfs?: string
  /** What it may use. Default: what the host gives. */
  readonly limits?: Limits
}

/** What a worker may use. The first three hold for all its processes together, by a cgroup; the others for each of them. */
export interface Limits {
  /** Memory in bytes, 4 MiB to 2^53 - 1; a worker that passes it is killed, and its calls say so. Default: none. */
  readonly memoryBytes?: number
  /** Processors, 0.01 to 1,024; 0.5 is half of one. More is not refused: it waits. Default: none. */
  readonly cpus?: number
  /** Processes and threads together, 1 to 4,194,304; one more fails to start. Default: none. */
  readonly pids?: number
  /** Descriptors of one process, 32 to 1,048,576; one more fails to open. Default: the engine's own bound. */
  readonly openFiles?: number
  /** Bytes of a file that a process writes, 1 to 2^53 - 1, in steps of 512; beyond it the write fails. Default: none. */
  readonly fileBytes?: number
}

/** A command as it is to be spawned, with all of its environment. */
export interface WrappedCommand {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What a level needs to know to wrap the command of a worker. Paths are absolute. */
export interface WrapRequest {
  /** Path of the wrapping program: `bwrap` or `runc`. */
  readonly wrapper: string
  /** The worker's own command; the program as an absolute path. */
  readonly command: readonly string[]
  /** Directory of the worker, which it may read. */
  readonly cwd: string
  /** The variables that the config gives; undefined leaves one out. Nothing of the engine's comes in but `base`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of the engine's environment: only PATH, LANG and TZ are taken. */
  readonly base: Readonly<Record<string, string | undefined>>
  /** The two pipes on the host. */
  readonly inPath: string
  readonly outPath: string
  /** The worker's payload directory on the host; undefined: it has none. */
  readonly payloads?: string | undefined
  readonly token: string
  readonly isolation: Isolation
  /** Variables of the launch contract to leave out, for a suite that sees what a worker does then. Default: none. */
  readonly omit?: readonly string[] | undefined
}
