import { WAIT_LOOK_US_MIN } from '../base/limits.ts'
import type { Call } from '../call/call.ts'
import type { Alarm, Clock } from '../world.ts'

/** Ends the waiting of calls that have waited for a worker as long as their function allows. */
export class WaitBound {
  readonly #clock: Clock
  readonly #waiting: () => Iterable<Call>
  readonly #over: (call: Call) => void
  #alarm: Alarm | undefined
  /** When the alarm rings, in engine time. */
  #dueUs = 0

  /** `waiting`: every call that waits; it may be removed on the way. `over`: takes one out that has waited too long. */
  constructor(clock: Clock, waiting: () => Iterable<Call>, over: (call: Call) => void) {
    this.#clock = clock
    this.#waiting = waiting
    this.#over = over
  }

  /** A call begins to wait. */
  watch(call: Call): void {
    if (call.fn.queueWaitUs > 0) this.#ringAt(call.enteredUs + call.fn.queueWaitUs)
  }

  /** Nobody waits any more. */
  rest(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
  }

  #ringAt(dueUs: number): void {
    if (this.#alarm !== undefined) {
      if (dueUs >= this.#dueUs) return
      this.#alarm.cancel()
    }
    this.#dueUs = dueUs
    // Not more often than this however many wait: a look costs a walk over all of them.
    const delayUs = Math.max(WAIT_LOOK_US_MIN, dueUs - this.#clock.nowUs())
    this.#alarm = this.#clock.alarm(delayUs, () => {
      this.#alarm = undefined
      this.#look()
    })
  }

  #look(): void {
    const now = this.#clock.nowUs()
    const over: Call[] = []
    for (const call of this.#waiting()) {
      if (call.fn.queueWaitUs === 0) continue
      const dueUs = call.enteredUs + call.fn.queueWaitUs
      if (dueUs <= now) over.push(call)
      else this.#ringAt(dueUs)
    }
    for (const call of over) this.#over(call)
  }
}
