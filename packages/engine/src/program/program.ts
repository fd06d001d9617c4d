import type { Dispatcher } from '../dispatcher/dispatcher.ts'
import type { FunctionEntry } from '../registry/function-registry.ts'
import type { WorkerPool } from '../worker/worker-pool.ts'

/** A worker program: what is kept while versions of it, and their workers, come and go. */
export interface Program {
  readonly name: string
  /** Where its calls wait and find a worker: one for all versions, so that no waiting call is lost in between. */
  readonly dispatcher: Dispatcher
  /** The functions that it serves now, by name. */
  readonly functions: Map<string, FunctionEntry>
  /** Calls that one of its workers takes at once, as the last that got ready said; 1 before. */
  places: number
  /** The pool of the present version; undefined before the first start. */
  pool: WorkerPool | undefined
  /** The pool of the version that is to replace it, until that has a worker ready or has failed to get one. */
  next: WorkerPool | undefined
  /** Settles when the last replacement that was asked for has come to an end: they go one after the other. */
  replacing: Promise<unknown>
  /** Whether its first start has come to an end, good or bad. */
  settled: boolean
}
