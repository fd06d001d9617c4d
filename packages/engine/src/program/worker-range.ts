/** How many workers a program may have, and what they take. Pure. */
import { WORKER_IDLE_US_DEFAULT } from '../base/limits.ts'
import type { ProgramOptions, WorkerRange } from '../options.ts'
import type { Program } from './program.ts'

/** The workers that a program may have. */
export function workerRange({ workers }: ProgramOptions): WorkerRange & { readonly idleUs: number } {
  if (workers === undefined) return { min: 1, max: 1, idleUs: WORKER_IDLE_US_DEFAULT }
  if (typeof workers === 'number') return { min: workers, max: workers, idleUs: WORKER_IDLE_US_DEFAULT }
  return { ...workers, idleUs: workers.idleUs ?? WORKER_IDLE_US_DEFAULT }
}

/** Calls that the workers of a program, and those that it may still start, take at once. */
export function placesMax({ dispatcher, pool, places }: Program): number {
  let sum = 0
  for (const worker of dispatcher.workers) sum += worker.capacity
  return sum + Math.max(0, (pool?.plan.max ?? 0) - dispatcher.workers.length) * places
}
