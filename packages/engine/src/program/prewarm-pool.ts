import { PREWARM_REFILL_US } from '../base/limits.ts'
import type { Isolation } from '../isolation/level.ts'
import type { PrewarmOptions, ProgramOptions } from '../options.ts'
import { restartDelayUs } from '../worker/backoff.ts'
import type { Worker } from '../worker/worker.ts'
import type { Alarm, Clock } from '../world.ts'

/** Workers of one runtime and one isolation that wait for their code, so that a program's next worker is there at once. */
export class PrewarmPool {
  readonly options: PrewarmOptions
  readonly #clock: Clock
  readonly #make: (pool: PrewarmPool) => Worker
  readonly #starting = new Set<Worker>()
  /** The oldest first. */
  readonly #waiting: Worker[] = []
  #lossesInARow = 0
  #alarm: Alarm | undefined
  #closing = false

  /** `make` starts a worker that waits for its code. */
  constructor(options: PrewarmOptions, clock: Clock, make: (pool: PrewarmPool) => Worker) {
    this.options = options
    this.#clock = clock
    this.#make = make
  }

  /** Starts as many as are wanted and are not there. */
  fill(): void {
    while (!this.#closing && this.#starting.size + this.#waiting.length < this.options.workers) {
      this.#starting.add(this.#make(this))
    }
  }

  /** Workers that start or wait. */
  get workers(): readonly Worker[] {
    return [...this.#starting, ...this.#waiting]
  }

  /** Whether its workers can run a program: its runtime, shut off the same way. */
  fits({ code, isolation, env = {} }: ProgramOptions): boolean {
    if (code?.runtime !== this.options.runtime || !sameIsolation(isolation, this.options.isolation)) return false
    return Object.values(env).every((value) => value !== undefined) // LOAD can set a variable, and take none away.
  }

  /** A worker waits for its code. */
  waiting(worker: Worker): void {
    this.#starting.delete(worker)
    this.#waiting.push(worker)
    this.#lossesInARow = 0
  }

  /** Takes one that waits, if there is one; another is started a little later, when this one no longer needs the processor. */
  take(): Worker | undefined {
    const worker = this.#waiting.shift()
    if (worker !== undefined) this.#fillIn(PREWARM_REFILL_US)
    return worker
  }

  /** A worker is gone; whether it was one of these. */
  lost(worker: Worker): boolean {
    const at = this.#waiting.indexOf(worker)
    if (at >= 0) this.#waiting.splice(at, 1)
    else if (!this.#starting.delete(worker)) return false
    this.#lossesInARow += 1
    this.#fillIn(restartDelayUs(this.#lossesInARow))
    return true
  }

  /** Starts none any more and ends those that are there, within `timeoutUs` microseconds. */
  close(timeoutUs: number): void {
    this.#closing = true
    this.#alarm?.cancel()
    for (const worker of this.workers) worker.drain(timeoutUs)
  }

  #fillIn(delayUs: number): void {
    if (this.#closing) return
    this.#alarm?.cancel()
    this.#alarm = this.#clock.alarm(delayUs, () => this.fill())
  }
}

const PLAIN: Isolation = { level: 'process' }

function sameIsolation(a: Isolation = PLAIN, b: Isolation = PLAIN): boolean {
  const text = ({ level, network = false, mounts = [], rootfs, limits = {} }: Isolation): string => {
    const { memoryBytes, cpus, pids } = limits
    return JSON.stringify([level, network, [...mounts].sort(), rootfs, memoryBytes, cpus, pids])
  }
  return text(a) === text(b)
}
