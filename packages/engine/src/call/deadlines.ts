import type { Alarm, Clock } from '../world.ts'
import type { Call } from './call.ts'

/** Width of a bucket of the near wheel, in microseconds: how late a deadline may fire, beyond the clock's own lateness. */
const NEAR_US = 1_000
const BUCKETS = 256
/** Width of a bucket of the far wheel: one turn of the near one. */
const FAR_US = NEAR_US * BUCKETS

/**
 * Deadlines of calls, in two wheels of 256 buckets (1 ms and 256 ms wide); what is beyond both waits in the last far
 * bucket and is sorted in again. Adding and removing cost a few assignments, whatever the number of calls; the alarm is
 * set for the next bucket that holds something, so an idle engine sleeps.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #expired: (call: Call) => void
  readonly #near: (Call | undefined)[] = new Array(BUCKETS).fill(undefined)
  readonly #far: (Call | undefined)[] = new Array(BUCKETS).fill(undefined)
  #count = 0
  /** The near bucket that was handled last, as a count of milliseconds since the clock's origin. */
  #tick: number
  #alarm: Alarm | undefined
  #alarmTick = Number.POSITIVE_INFINITY
  /** Buckets are being handled; the alarm is set for what is left when that is done. */
  #advancing = false
  readonly #ring = (): void => {
    this.#alarm = undefined
    this.#alarmTick = Number.POSITIVE_INFINITY
    this.#advance()
  }

  /** `expired` is called once for a call whose time has passed, after it was taken out. */
  constructor(clock: Clock, expired: (call: Call) => void) {
    this.#clock = clock
    this.#expired = expired
    this.#tick = Math.floor(clock.nowUs() / NEAR_US)
  }

  /** Calls that have a deadline now. */
  get size(): number {
    return this.#count
  }

  /** Watches `call.deadlineUs`, which must not be 0. */
  add(call: Call): void {
    if (this.#count === 0) this.#tick = Math.max(this.#tick, Math.floor(this.#clock.nowUs() / NEAR_US))
    this.#count += 1
    this.#insert(call)
  }

  /** Forgets a call; nothing happens when it is not watched. */
  remove(call: Call): void {
    if (call.dueBucket === -1) return
    this.#unlink(call)
    this.#count -= 1
  }

  /** Cancels the alarm; for the end of the engine. */
  close(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
  }

  #insert(call: Call): void {
    // A deadline's bucket is the one after it: a call is never ended early.
    const due = Math.max(Math.floor(call.deadlineUs / NEAR_US) + 1, this.#tick + 1)
    const ahead = due - this.#tick
    let bucket: number
    let wakeTick: number
    // Less than a whole turn: a bucket that is being handled takes nothing new.
    if (ahead < BUCKETS) {
      bucket = due % BUCKETS
      wakeTick = due
    } else {
      const turn = Math.min(Math.floor(due / BUCKETS), Math.floor(this.#tick / BUCKETS) + BUCKETS - 1)
      bucket = BUCKETS + (turn % BUCKETS)
      wakeTick = turn * BUCKETS
    }
    const wheel = bucket < BUCKETS ? this.#near : this.#far
    const at = bucket % BUCKETS
    const first = wheel[at]
    call.dueBucket = bucket
    call.previousDue = undefined
    call.nextDue = first
    if (first !== undefined) first.previousDue = call
    wheel[at] = call
    if (wakeTick < this.#alarmTick && !this.#advancing) this.#arm(wakeTick)
  }

  #unlink(call: Call): void {
    const wheel = call.dueBucket < BUCKETS ? this.#near : this.#far
    if (call.previousDue === undefined) wheel[call.dueBucket % BUCKETS] = call.nextDue
    else call.previousDue.nextDue = call.nextDue
    if (call.nextDue !== undefined) call.nextDue.previousDue = call.previousDue
    call.nextDue = undefined
    call.previousDue = undefined
    call.dueBucket = -1
  }

  #arm(tick: number): void {
    this.#alarm?.cancel()
    this.#alarmTick = tick
    this.#alarm = this.#clock.alarm(Math.max(0, tick * NEAR_US - this.#clock.nowUs()), this.#ring)
  }

  #advance(): void {
    const now = Math.floor(this.#clock.nowUs() / NEAR_US)
    this.#advancing = true
    while (this.#tick < now && this.#count > 0) {
      this.#tick += 1
      if (this.#tick % BUCKETS === 0) this.#cascade(Math.floor(this.#tick / BUCKETS) % BUCKETS)
      let call = this.#near[this.#tick % BUCKETS]
      while (call !== undefined) {
        this.#unlink(call)
        this.#count -= 1
        this.#expired(call)
        call = this.#near[this.#tick % BUCKETS]
      }
    }
    this.#advancing = false
    if (this.#count > 0) this.#arm(this.#nextTick())
  }

  /** Sorts the calls of a far bucket in again: most go to the near wheel, the rest further on. */
  #cascade(at: number): void {
    let call = this.#far[at]
    this.#far[at] = undefined
    while (call !== undefined) {
      const next: Call | undefined = call.nextDue
      this.#insert(call)
      call = next
    }
  }

  /** The next tick at which a bucket has to be handled. */
  #nextTick(): number {
    for (let ahead = 1; ahead < BUCKETS; ahead += 1) {
      const tick = this.#tick + ahead
      if (this.#near[tick % BUCKETS] !== undefined) return tick
      if (tick % BUCKETS === 0 && this.#far[(tick / BUCKETS) % BUCKETS] !== undefined) return tick
    }
    const turn = Math.floor(this.#tick / BUCKETS)
    for (let ahead = 1; ahead < BUCKETS; ahead += 1) {
      if (this.#far[(turn + ahead) % BUCKETS] !== undefined) return (turn + ahead) * BUCKETS
    }
    return this.#tick + BUCKETS
  }
}

/** For tests and the bench: how late the wheel itself may be, in microseconds. */
export const DEADLINE_RESOLUTION_US = NEAR_US
/** Beyond this a deadline is sorted in more than twice. */
export const DEADLINE_FAR_US = FAR_US * BUCKETS
