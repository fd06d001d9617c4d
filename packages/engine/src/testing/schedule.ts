import type { Alarm, Clock } from '../world.ts'

/** Runs something a little later. In a process: `setImmediate`; in a simulation: the schedule's own queue. */
export type Later = (run: () => void) => void

/** A clock that moves when told. Alarms ring in the order of their times, and of their setting within one time. */
export class ManualClock implements Clock {
  #now: number
  #count = 0
  readonly #alarms = new Map<number, { readonly at: number; readonly ring: () => void }>()

  /** `startUs`: what the clock shows first, in microseconds. */
  constructor(startUs = 1_000_000) {
    this.#now = startUs
  }

  nowUs(): number {
    return this.#now
  }

  alarm(delayUs: number, ring: () => void): Alarm {
    this.#count += 1
    const id = this.#count
    this.#alarms.set(id, { at: this.#now + Math.max(0, delayUs), ring })
    return { cancel: () => void this.#alarms.delete(id) }
  }

  /** Time of the next alarm, or undefined when none is set. */
  get nextUs(): number | undefined {
    let next: number | undefined
    for (const { at } of this.#alarms.values()) if (next === undefined || at < next) next = at
    return next
  }

  /** Moves on by `us` microseconds; alarms ring on the way, each at its own time. */
  advance(us: number): void {
    const end = this.#now + us
    while (true) {
      let next: { id: number; at: number } | undefined
      for (const [id, { at }] of this.#alarms) if (at <= end && (next === undefined || at < next.at)) next = { id, at }
      if (next === undefined) break
      const { ring } = this.#alarms.get(next.id)!
      this.#alarms.delete(next.id)
      this.#now = Math.max(this.#now, next.at)
      ring()
    }
    this.#now = end
  }
}

/** A seeded generator of numbers for scenarios: the same seed gives the same row. */
export class Dice {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed | 0
  }

  /** A whole number from 0 to 2^32 - 1 (mulberry32). */
  u32(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    return this.u32() % n
  }

  /** True once in `n` on average. */
  once(n: number): boolean {
    return this.below(n) === 0
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

/**
 * The turns of a simulation: what is to run later, in an order that the dice choose, and time that moves only when
 * nothing else is to be done.
 */
export class Schedule {
  readonly clock = new ManualClock()
  readonly #dice: Dice
  readonly #queue: (() => void)[] = []
  /** Turns run so far. */
  turns = 0

  constructor(dice: Dice) {
    this.#dice = dice
  }

  readonly later: Later = (run) => {
    this.#queue.push(run)
  }

  /** Runs turns until nothing is left to do at this time, or throws after `turnsMax`. Time stands still. */
  async settle(turnsMax = 100_000): Promise<void> {
    for (let turns = 0; turns < turnsMax; turns += 1) {
      await drained()
      if (this.#queue.length === 0) return
      this.#turn()
    }
    throw new Error(`not settled after ${turnsMax} turns`)
  }

  /** Moves time on, ringing the alarms on the way; between two of them everything that they bring is done. */
  async pass(us: number): Promise<void> {
    const end = this.clock.nowUs() + us
    await this.settle()
    while (true) {
      const next = this.clock.nextUs
      if (next === undefined || next > end) break
      this.clock.advance(Math.max(0, next - this.clock.nowUs()))
      await this.settle()
    }
    this.clock.advance(end - this.clock.nowUs())
    await this.settle()
  }

  /**
   * Runs turns, and moves time on to the next alarm when there is none, until `done` says so. Promises that became
   * ready are run between turns. Throws when nothing is left to do and `done` is not satisfied, or after `turnsMax`.
   */
  async until(done: () => boolean, turnsMax = 1_000_000): Promise<void> {
    while (true) {
      await drained()
      if (done()) return
      if (this.turns >= turnsMax) throw new Error(`not done after ${turnsMax} turns`)
      this.turns += 1
      if (this.#queue.length > 0) {
        this.#turn()
        continue
      }
      const next = this.clock.nextUs
      if (next === undefined) throw new Error('nothing is left to do, and it is not done')
      this.clock.advance(Math.max(0, next - this.clock.nowUs()))
    }
  }

  #turn(): void {
    const at = this.#dice.below(this.#queue.length)
    const [run] = this.#queue.splice(at, 1)
    run!()
  }
}

/** Resolves when the promises that are ready now, and those that they make ready, have run. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
