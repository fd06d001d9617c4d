import { type Failure, failure } from '@millrace/protocol/cold'
import { RESTART_ROW_ENDS_US, START_FAILURES_MAX } from '../base/limits.ts'
import type { ProgramOptions } from '../options.ts'
import type { Alarm, Clock, LaunchRequest } from '../world.ts'
import { restartDelayUs } from './backoff.ts'
import { type WarmPlan, WarmSet } from './warm-set.ts'
import type { Worker } from './worker.ts'

/** What the pool keeps alive. */
export interface PoolPlan {
  readonly program: string
  /** Workers to keep at least, 0 to `WORKERS_PER_PROGRAM_MAX`. */
  readonly min: number
  /** Workers to have at most, 1 to `WORKERS_PER_PROGRAM_MAX`. */
  readonly max: number
  /** Workers to begin with, 1 to `max`. */
  readonly first: number
  /** For how long fewer workers must have been enough before one is let go, in microseconds. */
  readonly idleUs: number
  /** Which idle workers are paused; undefined: none. */
  readonly warm: WarmPlan | undefined
  /** The version of the program that its workers are of. */
  readonly options: ProgramOptions
  readonly launch: Omit<LaunchRequest, 'workerId' | 'token' | 'program'>
}

/** What the pool tells. */
export interface PoolListener {
  /** Makes and starts a worker of this pool. */
  make(pool: WorkerPool): Worker
  /** Calls that a worker of this pool takes at once, as the last one that got ready said; 1 before. */
  placesOf(pool: WorkerPool): number
  /** The most calls of the pool's program that ran and waited together since this was last asked. */
  takePeak(pool: WorkerPool): number
  /** No worker can be had for now: `START_FAILURES_MAX` failed in a row. Retries go on. */
  unavailable(pool: WorkerPool, why: Failure): void
  /** It starts no worker any more. Maybe more than once. */
  closed(pool: WorkerPool): void
}

/**
 * The workers of one version of a program: as many as its calls need, between `min` and `max`; replaces the lost with
 * back-off, lets go what nobody needed for `idleUs`, drains them all.
 */
export class WorkerPool {
  readonly plan: PoolPlan
  readonly #clock: Clock
  readonly #listener: PoolListener
  readonly #workers = new Set<Worker>()
  readonly #alarms = new Set<Alarm>()
  #lossesInARow = 0
  /** Workers that are wanted now: what is lost beyond them is not replaced. */
  #wanted: number
  /** Losses that an alarm will replace. */
  #replacing = 0
  #idleAlarm: Alarm | undefined
  readonly #warmSet: WarmSet | undefined
  #closing = false
  #settled = false
  #settle: (why: Failure | undefined) => void = () => {}
  /** Resolves once: undefined when a worker got ready, the failure when none did. */
  readonly firstReady: Promise<Failure | undefined>

  constructor(plan: PoolPlan, clock: Clock, listener: PoolListener) {
    this.plan = plan
    this.#clock = clock
    this.#listener = listener
    this.#wanted = plan.first
    this.#warmSet = plan.warm === undefined ? undefined : new WarmSet(plan.warm, clock, this.#workers)
    this.firstReady = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get workers(): Iterable<Worker> {
    return this.#workers
  }

  /** Workers that are not gone. */
  get size(): number {
    return this.#workers.size
  }

  /** Whether it is being drained; it replaces nobody then. */
  get closing(): boolean {
    return this.#closing
  }

  /** Workers that are wanted now. */
  get wanted(): number {
    return this.#wanted
  }

  /** Starts as many workers as planned. */
  start(): void {
    for (let i = 0; i < this.plan.first; i += 1) this.#workers.add(this.#listener.make(this))
    this.#watchIdle()
    this.#warmSet?.start()
  }

  /** Calls wait for a place: starts workers for `calls` that run and wait together, up to `max`. */
  need(calls: number): void {
    this.grow(Math.ceil(calls / this.#listener.placesOf(this)))
  }

  /** Starts workers until there are `workers`, up to `max`. */
  grow(workers: number): void {
    const wanted = Math.min(this.plan.max, workers)
    if (this.#closing || wanted <= this.#wanted) return
    this.#wanted = wanted
    // What a loss took away comes back by its own alarm: a crash is no reason to skip the back-off.
    while (this.#workers.size + this.#replacing < wanted) this.#workers.add(this.#listener.make(this))
    this.#watchIdle()
  }

  /** Once in `idleUs`: lets go what was not needed since the last time. */
  #watchIdle(): void {
    // One that was still starting could not be let go yet.
    const isAtRest = this.#wanted <= this.plan.min && this.#workers.size <= this.#wanted
    if (this.#idleAlarm !== undefined || isAtRest) return
    this.#idleAlarm = this.#clock.alarm(this.plan.idleUs, () => {
      this.#idleAlarm = undefined
      if (this.#closing) return
      this.#shrink()
      this.#watchIdle()
    })
  }

  #shrink(): void {
    const needed = Math.ceil(this.#listener.takePeak(this) / this.#listener.placesOf(this))
    this.#wanted = Math.min(this.#wanted, Math.max(this.plan.min, needed))
    const ready = [...this.#workers].filter(({ state }) => state === 'ready')
    let surplus = ready.length - this.#wanted
    // The newest go: the others are warmer. What they run, they finish.
    for (let i = ready.length - 1; i >= 0 && surplus > 0; i -= 1, surplus -= 1) {
      this.#workers.delete(ready[i]!)
      ready[i]!.drain()
    }
  }

  /** A worker is ready. */
  ready(worker: Worker): void {
    this.#firstIs(undefined)
    const losses = this.#lossesInARow
    // The row ends only when a worker has lasted: one that dies at its first call must not be restarted without a pause.
    const alarm = this.#clock.alarm(RESTART_ROW_ENDS_US, () => {
      this.#alarms.delete(alarm)
      if (worker.state === 'ready' && this.#lossesInARow === losses) this.#lossesInARow = 0
    })
    this.#alarms.add(alarm)
  }

  /** A worker is gone. Replaces it, unless the pool is closing or the worker was drained. */
  lost(worker: Worker, why: Failure, wasReady: boolean): void {
    if (!this.#workers.delete(worker) || this.#closing) return // One that was let go is no loss.
    // A worker that never got ready tells at once what is wrong with the program; the retries go on behind it.
    if (!wasReady) this.#firstIs(why)
    if (this.#workers.size + this.#replacing >= this.#wanted) return
    this.#lossesInARow += 1
    if (!wasReady && this.#lossesInARow >= START_FAILURES_MAX && !this.anyReady) {
      this.#listener.unavailable(this, why)
    }
    this.#replacing += 1
    const alarm = this.#clock.alarm(restartDelayUs(this.#lossesInARow), () => {
      this.#alarms.delete(alarm)
      this.#replacing -= 1
      if (this.#closing || this.#workers.size >= this.#wanted) return
      this.#workers.add(this.#listener.make(this))
    })
    this.#alarms.add(alarm)
  }

  /** Replaces nobody any more and drains every worker; after `timeoutUs` microseconds those that are left are ended. */
  drain(timeoutUs: number): void {
    this.#close()
    for (const worker of [...this.#workers]) worker.drain(timeoutUs)
  }

  /** Replaces nobody any more and ends every worker now; their calls fail with `why`. */
  kill(why: Failure): void {
    this.#close()
    for (const worker of [...this.#workers]) worker.kill(why)
  }

  #close(): void {
    this.#closing = true
    for (const alarm of this.#alarms) alarm.cancel()
    this.#alarms.clear()
    this.#idleAlarm?.cancel()
    this.#warmSet?.stop()
    this.#firstIs(failure('draining', 'the engine is stopping'))
    this.#listener.closed(this)
  }

  /** Whether a worker takes calls. */
  get anyReady(): boolean {
    for (const worker of this.#workers) if (worker.state === 'ready') return true
    return false
  }

  #firstIs(why: Failure | undefined): void {
    if (this.#settled) return
    this.#settled = true
    this.#settle(why)
  }
}
