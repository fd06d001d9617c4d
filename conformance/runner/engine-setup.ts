/** What the runner tells the program that starts an engine: JSON in the file that `MILLRACE_CONFORMANCE_SETUP` names. */

export interface EngineProgram {
  readonly name: string
  readonly functions: readonly { readonly name: string; readonly timeoutMs?: number }[]
  /** Starts one worker. */
  readonly command: readonly string[]
  /** To add to the worker's environment. */
  readonly env: Readonly<Record<string, string>>
  /** How many workers to keep, from the start on. */
  readonly workers: number
  /** Calls at once on one worker; undefined: what it offers. */
  readonly concurrency?: number
}

export interface EngineSetup {
  readonly programs: readonly EngineProgram[]
  /** Largest payload of a call. */
  readonly maxPayloadBytes: number
  /** Calls of one function that may wait. */
  readonly queue: number
  /** `park`: workers get rings, and no side polls. Left out: they get none. */
  readonly rings?: 'park'
  /** Directory on a memory file system for payload files; left out: none are to be used. */
  readonly payloadDirectory?: string
}
