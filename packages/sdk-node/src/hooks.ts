import type { AnyFunction } from './function.ts'
import type { MappedSegment } from './segment.ts'
import type { Worker } from './worker.ts'

/** Runs at a worker's start or stop. */
export type Hook = () => void | Promise<void>

/** What a process remembers between the user's module and whoever serves it. */
export interface ProcessHooks {
  readonly start: Hook[]
  readonly stop: Hook[]
  /** While a prewarmed worker loads its code: what `serve` of that code goes to. */
  loading: ((functions: readonly AnyFunction[], maxCalls: number | undefined) => Promise<Worker>) | undefined
  /** The shared memory that this process was given for rings, until `serve` takes it. */
  segment: MappedSegment | undefined
  /** The worker of this process, once `serve` was called. */
  worker: Worker | undefined
}

/** A user's own node_modules may hold a second copy of this package: both must find the same hooks. */
const KEY = Symbol.for('millrace.hooks')

/** The hooks of this process. */
export function processHooks(): ProcessHooks {
  const place = globalThis as { [KEY]?: ProcessHooks }
  place[KEY] ??= { start: [], stop: [], loading: undefined, segment: undefined, worker: undefined }
  return place[KEY]
}

/**
 * Runs `hook` before this worker takes calls, in the order of registration. When one throws the worker does not start:
 * it prints the error and exits with 78. Hooks registered after the start never run.
 */
export function onStart(hook: Hook): void {
  processHooks().start.push(hook)
}

/**
 * Runs `hook` when the last call has ended and the worker is about to exit: after DRAIN, GOODBYE or the end of the
 * engine, in the reverse order of registration. All hooks together have the rest of the drain's time, or 5 seconds;
 * then the worker exits without them. An error is printed and changes nothing else. A killed worker runs none.
 */
export function onStop(hook: Hook): void {
  processHooks().stop.unshift(hook)
}

/**
 * Changes how many calls this process's worker takes at once, from now on: CAPACITY. 0: none for the time being. Does
 * nothing when the engine did not accept the feature `capacity`, or no worker runs.
 *
 * @throws UsageError unless `calls` is an integer from 0 to what the worker offered.
 */
export function setCapacity(calls: number): void {
  processHooks().worker?.setCapacity(calls)
}
