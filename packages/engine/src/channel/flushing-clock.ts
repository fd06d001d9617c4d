import type { Alarm, Clock } from '../world.ts'
import type { Flusher } from './flusher.ts'

/**
 * A clock whose alarms are turns of the engine: what the ring of one brought (a deadline's ERROR and CANCEL, a DRAIN)
 * is written when it has rung, as what a read brought is after the read.
 */
export class FlushingClock implements Clock {
  readonly #clock: Clock
  readonly #flusher: Flusher

  constructor(clock: Clock, flusher: Flusher) {
    this.#clock = clock
    this.#flusher = flusher
  }

  nowUs(): number {
    return this.#clock.nowUs()
  }

  alarm(delayUs: number, ring: () => void): Alarm {
    return this.#clock.alarm(delayUs, () => {
      ring()
      this.#flusher.flush()
    })
  }
}
