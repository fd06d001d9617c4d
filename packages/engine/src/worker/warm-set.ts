import type { Alarm, Clock } from '../world.ts'
import type { Worker } from './worker.ts'

/** How many workers of a pool stay warm. */
export interface WarmPlan {
  /** Idle workers that are not paused. */
  readonly warm: number
  /** For how long a worker beyond them must have been idle, in microseconds; up to twice as long. */
  readonly pauseAfterUs: number
}

/** Pauses the workers of a pool that nobody needed for a while, but for the warm ones: those that were launched first. */
export class WarmSet {
  readonly #plan: WarmPlan
  readonly #clock: Clock
  readonly #workers: Iterable<Worker>
  /** Calls that each worker had been given when it was last looked at. */
  readonly #seen = new Map<Worker, number>()
  #alarm: Alarm | undefined

  constructor(plan: WarmPlan, clock: Clock, workers: Iterable<Worker>) {
    this.#plan = plan
    this.#clock = clock
    this.#workers = workers
  }

  start(): void {
    this.#alarm = this.#clock.alarm(this.#plan.pauseAfterUs, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#alarm?.cancel()
    this.#seen.clear()
  }

  #look(): void {
    const idle: Worker[] = []
    const gone = new Set(this.#seen.keys())
    for (const worker of this.#workers) {
      gone.delete(worker)
      const { exchange } = worker
      if (exchange === undefined || worker.state !== 'ready' || exchange.paused) continue
      const was = this.#seen.get(worker)
      this.#seen.set(worker, exchange.given)
      if (exchange.running === 0 && exchange.making === 0 && was === exchange.given) idle.push(worker)
    }
    for (const worker of gone) this.#seen.delete(worker)
    for (const worker of idle.slice(this.#plan.warm)) worker.pause()
  }
}
