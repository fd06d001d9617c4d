/** When the engine looks at its rings, and when it sleeps until WAKE. One for all channels of an engine. */
import { RING_BURST_US, RING_POLL_US_DEFAULT } from '../base/limits.ts'
import type { RingIdle } from '../options.ts'

/** A ring that is read by polling, and its worker. */
export interface Polled {
  /** Hands on what is there, up to one read's worth. Says whether there was anything. */
  look(): boolean
  /** Sets the flag, and looks once more. False: there is something (rule `ring-sleep`). */
  sleeps(): boolean
  /** Takes the flag back. */
  wakes(): void
  /** Whether its worker says that it does not sleep. */
  readonly workerAwake: boolean
  /** Tells the worker for how long to poll, in microseconds. */
  setPollUs(us: number): void
}

/** What the poller needs of the outside. */
export interface PollerWorld {
  nowUs(): number
  /** Calls `turn` after the handling of what else the event loop has. */
  soon(turn: () => void): void
  /** Processors that this process may use. */
  readonly processors: number
}

/**
 * Awake it looks at every ring, for a burst at a time, and lets the event loop turn between two bursts, so that pipes, HTTP
 * and alarms wait no longer than that. When nothing came for as long as the strategy says, it sets the flag of every ring,
 * looks once more, and sleeps.
 */
export class RingPoller {
  readonly #world: PollerWorld
  readonly #spinUs: number
  /** `auto`: polls only while every worker that is awake, and the engine, have a processor each. */
  readonly #onlySpare: boolean
  readonly #rings = new Set<Polled>()
  #awake = false
  #lastFoundUs = 0
  readonly #turn = (): void => this.#burst()

  constructor(world: PollerWorld, idle: RingIdle) {
    this.#world = world
    this.#onlySpare = idle === 'auto'
    this.#spinUs = idle === 'park' ? 0 : idle === 'auto' ? RING_POLL_US_DEFAULT : idle.spinUs
  }

  /** Reads this ring from now on. */
  add(ring: Polled): void {
    this.#rings.add(ring)
    this.shareOut()
    this.kick()
  }

  /** Reads it no longer. */
  remove(ring: Polled): void {
    if (this.#rings.delete(ring)) this.shareOut()
  }

  /** Something may lie in a ring: WAKE came, or one is new. */
  kick(): void {
    if (this.#awake) return
    this.#awake = true
    this.#lastFoundUs = this.#world.nowUs()
    for (const ring of this.#rings) ring.wakes()
    this.#burst()
  }

  /**
   * A worker polls as long as the engine does, and only while all workers could at once. To be called when there are more
   * processors, or fewer.
   */
  shareOut(): void {
    const pollUs = this.#onlySpare && this.#rings.size >= this.#world.processors ? 0 : this.#spinUs
    for (const ring of this.#rings) ring.setPollUs(pollUs)
  }

  #burst(): void {
    const begun = this.#world.nowUs()
    const polls = this.#spinUs > 0 && this.#mayPoll()
    let now = begun
    let found: boolean
    do {
      found = this.#lookAll()
      now = this.#world.nowUs()
      if (found) this.#lastFoundUs = now
    } while ((found || polls) && now - begun < RING_BURST_US)
    if (found || (polls && now - this.#lastFoundUs < this.#spinUs) || !this.#allSleep()) {
      this.#world.soon(this.#turn)
      return
    }
    this.#awake = false
  }

  #lookAll(): boolean {
    let found = false
    for (const ring of this.#rings) found = ring.look() || found
    return found
  }

  #allSleep(): boolean {
    let all = true
    for (const ring of this.#rings) all = ring.sleeps() && all
    return all
  }

  #mayPoll(): boolean {
    if (!this.#onlySpare) return true
    let awake = 1
    for (const ring of this.#rings) if (ring.workerAwake) awake += 1
    return awake <= this.#world.processors
  }
}
