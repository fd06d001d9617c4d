import type { Verdict } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { PONG_GRACE_US } from '../base/limits.ts'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Alarm, Clock } from '../world.ts'

/** What a suspicion may do to its worker. */
export interface Suspect {
  ping(nonce: number): void
  /** Ends the worker. */
  end(why: Failure): void
}

/**
 * Whether a worker that keeps a call long beyond its deadline is stuck. It is ended when nobody waits for anything that it
 * runs, or when it does not answer a PING either: then its code is stuck, and so is every other call there. A worker that
 * answers only has a handler that does not listen to its cancellation: that keeps its place, and nobody else suffers.
 */
export class Suspicion {
  readonly #clock: Clock
  readonly #worker: Suspect
  #nonce = 0
  #alarm: Alarm | undefined
  /** Who looks again when the PONG came: at most one for each open call. */
  #waiting: (() => void)[] = []

  constructor(clock: Clock, worker: Suspect) {
    this.#clock = clock
    this.#worker = worker
  }

  /** `call` of `calls` is open `graceUs` microseconds after its deadline. `awaited`: somebody waits for another one. */
  raise(call: Call, calls: CallTable, graceUs: number, awaited: boolean): void {
    const { number, fn } = call
    const what = `a call of ${fn.name} is over its deadline by ${graceUs / 1_000_000} s`
    const why = failure('worker_crashed', `the worker was ended: ${what}, and it did not answer CANCEL`)
    if (!awaited) {
      this.#worker.end(why)
      return
    }
    this.#waiting.push(() => {
      if (call.number === number) calls.watchStuck(call) // Else the object is another call's by now.
    })
    if (this.#alarm !== undefined) return
    this.#nonce += 1
    this.#alarm = this.#clock.alarm(PONG_GRACE_US, () => this.#worker.end(why))
    this.#worker.ping(this.#nonce)
  }

  /** PONG came. The rule that it breaks, if any. */
  pong(nonce: number): Verdict | undefined {
    if (this.#alarm === undefined) {
      return { rule: 'pong-open', message: 'PONG came, but no PING of the engine is open' }
    }
    if (nonce !== this.#nonce) {
      return { rule: 'pong-nonce', message: `PONG has nonce ${nonce}, but the open PING has ${this.#nonce}` }
    }
    const waiting = this.#waiting
    this.drop()
    for (const wait of waiting) wait()
    return undefined
  }

  /** Forgets it: the worker is gone, or has answered. */
  drop(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
    this.#waiting = []
  }
}
