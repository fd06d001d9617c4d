import type { Clock } from '../world.ts'

/** What is counted of resumes. */
export interface ResumeCounter {
  workerPauses: number
  workerResumes: number
  /** Sum over the resumes whose PONG came, in microseconds. */
  workerResumeUs: number
}

/** What a pause does to its worker. */
export interface Pausable {
  /** Stops all of its processes where they are, or lets them go on. */
  pause(isPaused: boolean): void
  ping(nonce: number): void
  /** How long the last resume took, in microseconds, from its begin to PONG. */
  resumed(us: number): void
}

/** Set in the nonces of these PINGs, so that they are not taken for a suspicion's. */
const RESUME_NONCE = 0x8000_0000

/**
 * A worker that stands still while nobody needs it: it keeps its memory and takes no processor. It goes on before anything is
 * sent to it; a PING then tells what that cost.
 */
export class Pause {
  readonly #clock: Clock
  readonly #worker: Pausable
  readonly #counter: ResumeCounter
  #isOn = false
  #nonce = RESUME_NONCE
  /** When the last resume began; undefined: its PONG has come. */
  #begunUs: number | undefined

  constructor(clock: Clock, worker: Pausable, counter: ResumeCounter) {
    this.#clock = clock
    this.#worker = worker
    this.#counter = counter
  }

  get isOn(): boolean {
    return this.#isOn
  }

  begin(): void {
    // One that has not answered the last PING yet is not idle, whatever its calls say.
    if (this.#isOn || this.#begunUs !== undefined) return
    this.#isOn = true
    this.#counter.workerPauses += 1
    this.#worker.pause(true)
  }

  /** Nothing happens when it is not paused. */
  end(): void {
    if (!this.#isOn) return
    this.#isOn = false
    this.#counter.workerResumes += 1
    this.#nonce = (RESUME_NONCE | (this.#nonce + 1)) >>> 0
    this.#begunUs = this.#clock.nowUs()
    this.#worker.pause(false)
    this.#worker.ping(this.#nonce)
  }

  /** PONG came; whether it was for the PING of a resume. */
  pong(nonce: number): boolean {
    if (this.#begunUs === undefined || nonce !== this.#nonce) return false
    const us = this.#clock.nowUs() - this.#begunUs
    this.#begunUs = undefined
    this.#counter.workerResumeUs += us
    this.#worker.resumed(us)
    return true
  }
}
