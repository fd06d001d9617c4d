import type { Call, Line } from '../call/call.ts'
import { WaitingLine } from './waiting-line.ts'

/** Urgencies of RFC 9218: 0 is the most urgent, 7 the least. */
const URGENCIES = 8
/**
 * How much earlier than a call of the next lower urgency a call is taken, in microseconds of waiting. So a call of urgency
 * 7 goes before one of urgency 0 that came 7 s later: nobody waits for ever. Long, as a backlog of patient work of a second is
 * nothing unusual, and must not come before every urgent call of that second.
 */
export const URGENCY_STEP_US = 1_000_000

/**
 * Calls that wait, in the order of their urgency with ageing: first is the one with the least `enteredUs` + urgency ×
 * `URGENCY_STEP_US`. Within one urgency that is the oldest, so only the heads of eight lines are compared.
 */
export class UrgencyLines implements Line {
  readonly #lines = Array.from({ length: URGENCIES }, () => new WaitingLine())
  /** Bit n: line n holds something. */
  #held = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The call to take next, or undefined. */
  get first(): Call | undefined {
    let held = this.#held
    let best: Call | undefined
    let bestKey = 0
    while (held !== 0) {
      const urgency = 31 - Math.clz32(held)
      held &= ~(1 << urgency)
      const head = this.#lines[urgency]!.first!
      const key = head.enteredUs + urgency * URGENCY_STEP_US
      if (best === undefined || key <= bestKey) {
        best = head
        bestKey = key
      }
    }
    return best
  }

  push(call: Call): void {
    const urgency = call.priority
    this.#lines[urgency]!.push(call)
    call.line = this
    this.#held |= 1 << urgency
    this.#size += 1
  }

  /** Takes a call out, wherever it stands. It must be in one of these lines, and its priority as it was. */
  remove(call: Call): void {
    const line = this.#lines[call.priority]!
    line.remove(call)
    if (line.size === 0) this.#held &= ~(1 << call.priority)
    this.#size -= 1
  }

  /** Every call, urgency by urgency. Calls may be removed on the way. */
  *all(): Generator<Call> {
    for (const line of this.#lines) {
      let call = line.first
      while (call !== undefined) {
        const next: Call | undefined = call.nextInLine
        yield call
        call = next
      }
    }
  }
}
