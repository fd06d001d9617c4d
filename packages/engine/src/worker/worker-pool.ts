import { type Failure, failure } from '@millrace/protocol/cold'
import { RESTART_ROW_ENDS_US, START_FAILURES_MAX } from '../base/limits.ts'
import type { ProgramOptions } from '../options.ts'
import type { Alarm, Clock, LaunchRequest } from '../world.ts'
import { restartDelayUs } from './backoff.ts'
import type { Worker } from './worker.ts'

/** What the pool keeps alive. */
export interface PoolPlan {
  readonly program: string
  readonly workers: number
  /** The version of the program that its workers are of. */
  readonly options: ProgramOptions
  readonly launch: Omit<LaunchRequest, 'workerId' | 'token' | 'program'>
}

/** What the pool tells. */
export interface PoolListener {
  /** Makes and starts a worker of this pool. */
  make(pool: WorkerPool): Worker
  /** No worker can be had for now: `START_FAILURES_MAX` failed in a row. Retries go on. */
  unavailable(pool: WorkerPool, why: Failure): void
}

/** The workers of one version of a program: keeps their number, replaces the lost with back-off, drains them all. */
export class WorkerPool {
  readonly plan: PoolPlan
  readonly #clock: Clock
  readonly #listener: PoolListener
  readonly #workers = new Set<Worker>()
  readonly #alarms = new Set<Alarm>()
  #lossesInARow = 0
  #closing = false
  #settled = false
  #settle: (why: Failure | undefined) => void = () => {}
  /** Resolves once: undefined when a worker got ready, the failure when none did. */
  readonly firstReady: Promise<Failure | undefined>

  constructor(plan: PoolPlan, clock: Clock, listener: PoolListener) {
    this.plan = plan
    this.#clock = clock
    this.#listener = listener
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

  /** Starts as many workers as planned. */
  start(): void {
    for (let i = 0; i < this.plan.workers; i += 1) this.#workers.add(this.#listener.make(this))
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
    if (!this.#workers.delete(worker) || this.#closing) return
    this.#lossesInARow += 1
    if (!wasReady && this.#lossesInARow >= START_FAILURES_MAX && !this.anyReady) {
      this.#listener.unavailable(this, why)
    }
    // A worker that never got ready tells at once what is wrong with the program; the retries go on behind it.
    if (!wasReady) this.#firstIs(why)
    const alarm = this.#clock.alarm(restartDelayUs(this.#lossesInARow), () => {
      this.#alarms.delete(alarm)
      if (!this.#closing) this.#workers.add(this.#listener.make(this))
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
    this.#firstIs(failure('draining', 'the engine is stopping'))
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
