import { RING_POLL_US_MAX } from '@millrace/protocol'

/** A ring that is read by looking at it. */
export interface Watched {
  /** Hands on what is there, up to one read's worth. Says whether there was anything. */
  look(): boolean
  /** Sets the flag, and looks once more. False: there is something (rule `ring-sleep`). */
  sleeps(): boolean
  /** Takes the flag back. */
  wakes(): void
  /** For how long the engine wants it to be looked at before this side sleeps, now. Unit: microseconds. */
  readonly pollUs: number
}

/** Time, and turns of the event loop. */
export interface WatchClock {
  /** Monotonic time in microseconds from any origin. */
  nowUs(): number
  /** Calls `turn` once, after what else the event loop has: timers, I/O, the user's own turns. */
  later(turn: () => void): void
}

/**
 * When a worker looks at its ring IN, and when it sleeps until WAKE. Awake it looks once in each turn of the event loop, which
 * costs a microsecond: nothing else that the loop has ever waits for a look, so a handler that awaits a timer, a file or a
 * socket goes on as it would without rings. When nothing came for as long as the engine says it sleeps.
 */
export class RingWatch {
  readonly #ring: Watched
  readonly #clock: WatchClock
  #awake = false
  #stopped = false
  #lastBusyUs = 0
  readonly #turn = (): void => this.#lookOnce()

  constructor(ring: Watched, clock: WatchClock) {
    this.#ring = ring
    this.#clock = clock
  }

  /** Something may lie in the ring, or soon will: WAKE came, or this side has sent what may be answered. Looks from the next turn on. */
  kick(): void {
    if (this.#awake || this.#stopped) return
    this.#awake = true
    this.#lastBusyUs = this.#clock.nowUs()
    this.#ring.wakes()
    this.#clock.later(this.#turn)
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true
  }

  #lookOnce(): void {
    if (this.#stopped) return
    if (this.#ring.look()) {
      this.#lastBusyUs = this.#clock.nowUs()
    } else {
      const pollUs = Math.min(this.#ring.pollUs, RING_POLL_US_MAX)
      const isPolling = pollUs > 0 && this.#clock.nowUs() - this.#lastBusyUs < pollUs
      if (!isPolling && this.#ring.sleeps()) {
        this.#awake = false
        return
      }
    }
    this.#clock.later(this.#turn)
  }
}
