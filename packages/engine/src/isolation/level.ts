/** How far a worker is shut off from its host. Types alone; who wraps a command is in the file of its level. */

/** `process`: a process as any other, in a session of its own. `sandbox`: namespaces of its own, by bubblewrap. */
export type IsolationLevel = 'process' | 'sandbox'

/** What a worker may see and use. Default: the level `process`. */
export interface Isolation {
  readonly level: IsolationLevel
  /** Whether a sandboxed worker has the host's network. Default false. No meaning at `process`. */
  readonly network?: boolean
  /** Absolute paths of the host that a sandboxed worker may read, besides its own directory. Default: none. */
  readonly mounts?: readonly string[]
}

/** A command as it is to be spawned, with all of its environment. */
export interface WrappedCommand {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}
