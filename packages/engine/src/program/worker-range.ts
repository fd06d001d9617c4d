/** How many workers a program may have, and what they take. Pure. */
import { WORKER_IDLE_US_DEFAULT, WORKER_PAUSE_US_DEFAULT } from '../base/limits.ts'
import type { ProgramOptions, WorkerRange } from '../options.ts'
import type { ProgramCode } from '../worker/code-load.ts'
import type { WarmPlan } from '../worker/warm-set.ts'
import type { PoolPlan } from '../worker/worker-pool.ts'
import type { Program } from './program.ts'

/** The workers that a program may have. */
export function workerRange({ workers = 1 }: ProgramOptions): Pick<PoolPlan, 'min' | 'max' | 'idleUs' | 'warm'> {
  if (typeof workers === 'number') {
    return { min: workers, max: workers, idleUs: WORKER_IDLE_US_DEFAULT, warm: undefined }
  }
  const { min, max, idleUs = WORKER_IDLE_US_DEFAULT } = workers
  return { min, max, idleUs, warm: warmPlan(workers) }
}

function warmPlan({ max, warm, pauseAfterUs = WORKER_PAUSE_US_DEFAULT }: WorkerRange): WarmPlan | undefined {
  return warm === undefined || warm >= max ? undefined : { warm, pauseAfterUs }
}

/** How the workers of a version are launched. To be asked once for each version: a zygote is of one. */
export function launchOf(options: ProgramOptions): PoolPlan['launch'] {
  const { name, command, cwd, env = {}, isolation, fork = false } = options
  const forkOf = fork ? { program: name } : undefined
  return { command, cwd, env, isolation, pausable: workerRange(options).warm !== undefined, forkOf }
}

/** What a prewarmed worker is told to load. `options.code` must be given. */
export function codeOf(options: ProgramOptions, wanted: readonly string[] | undefined): ProgramCode {
  const { name, cwd, env = {}, code } = options
  const variables = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))
  const { entry, handler, function: served } = code!
  return { program: name, entry, handler, function: served, cwd, env: Object.fromEntries(variables), wanted }
}

/** Calls that the workers of a program, and those that it may still start, take at once. */
export function placesMax({ dispatcher, pool, places }: Program): number {
  let sum = 0
  for (const worker of dispatcher.workers) sum += worker.capacity
  return sum + Math.max(0, (pool?.plan.max ?? 0) - dispatcher.workers.length) * places
}
