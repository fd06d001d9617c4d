import type { Dispatcher } from '../dispatcher/dispatcher.ts'
import type { ProgramOptions } from '../options.ts'
import type { FunctionEntry } from '../registry/function-registry.ts'
import type { WorkerPool } from '../worker/worker-pool.ts'

/** A worker program: what is kept while versions of it, and their workers, come and go. */
export interface Program {
  readonly name: string
  /** The version that new workers are made of. */
  options: ProgramOptions
  /** Where its calls wait and find a worker: one for all versions, so that no waiting call is lost in between. */
  readonly dispatcher: Dispatcher
  /** The functions that it serves now, by name. */
  readonly functions: Map<string, FunctionEntry>
  /** The pool of the present version; undefined before the first start. */
  pool: WorkerPool | undefined
  /** Whether its first start has come to an end, good or bad. */
  settled: boolean
}
