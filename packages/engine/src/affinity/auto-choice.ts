/**
 * Which placement `affinity: auto` takes: packed while one processor is enough; when it is not, whichever of the others is seen
 * to get further. Pure: it is told what was measured and says what is to hold from now on.
 */
import {
  AUTO_BUSY_SHARE,
  AUTO_CROWDED_SHARE,
  AUTO_GAIN_MIN,
  AUTO_LOAD_FACTOR,
  AUTO_LONG_TRIAL_US,
  AUTO_MESSAGES_PER_SECOND_MIN,
  AUTO_QUIET_SHARE,
  AUTO_REST_US_MAX,
  AUTO_REST_US_MIN,
  AUTO_TRIAL_MESSAGES_MIN,
  AUTO_TRIAL_SHARE_MIN,
  AUTO_TRIAL_US,
  AUTO_WINDOW_US,
} from '../base/limits.ts'
import type { Placement } from './arrangement.ts'

/** What happened between two looks. */
export interface Look {
  /** Time between them, in microseconds. */
  readonly elapsedUs: number
  /** Processor time of the engine and all workers, in microseconds. */
  readonly usedUs: number
  /** Time in which the engine's own processor was not idle, for whomever, in microseconds. */
  readonly homeBusyUs: number
  /** Messages that workers sent. */
  readonly messages: number
}

/** The same by second: messages, processors that were used, and how much of the engine's own by anybody. */
interface Pace {
  readonly messages: number
  readonly processors: number
  readonly homeBusy: number
}

/** Placements that are tried in turn, and the best so far. */
interface Trial {
  readonly home: Placement
  readonly left: Placement[]
  /** What `home` gave before. */
  readonly base: Pace
  best: Placement
  /** What the best gave, as a share of `base`. */
  bestScore: number
}

/**
 * `kernel` right after `spread`, where all are apart: the kernel leaves a processor only under pressure, so that after `pack` it
 * would be measured as what it is not for long.
 */
const ORDER: readonly Placement[] = ['pack', 'spread', 'kernel']

export class AutoChoice {
  #placement: Placement = 'pack'
  /** The look after a move is of both placements: it is not counted. */
  #moved = true
  #elapsedUs = 0
  #usedUs = 0
  #homeBusyUs = 0
  #messages = 0
  #trial: Trial | undefined
  /** What the present placement gave when it was decided on; undefined: nothing was tried under this load. */
  #decided: Pace | undefined
  /** What the last trial ended with. */
  #chosen: Placement | undefined
  /** Since the last trial, and how long that must be before the next one. */
  #sinceUs = 0
  #restUs = 0

  /** What is to hold now. */
  get placement(): Placement {
    return this.#placement
  }

  /** Whether it tries a placement, so that every look counts. */
  get trying(): boolean {
    return this.#trial !== undefined
  }

  /** Takes what was measured since the last look, and says what is to hold from now on. */
  look({ elapsedUs, usedUs, homeBusyUs, messages }: Look): Placement {
    this.#sinceUs += elapsedUs
    if (this.#moved) {
      this.#moved = false
      return this.#placement
    }
    this.#elapsedUs += elapsedUs
    this.#usedUs += usedUs
    this.#homeBusyUs += homeBusyUs
    this.#messages += messages
    if (this.#trial !== undefined) this.#judgeTrial(this.#trial)
    else if (this.#elapsedUs >= AUTO_WINDOW_US) this.#judge(this.#take())
    return this.#placement
  }

  #judge(pace: Pace): void {
    if (this.#decided !== undefined && isOther(pace, this.#decided)) {
      this.#restUs = Math.min(this.#restUs, AUTO_REST_US_MIN)
      this.#decided = pace
    }
    if (this.#sinceUs < this.#restUs) return
    // Packed, what others use of the only processor is missing as well.
    const isCrowded = this.#placement === 'pack' && pace.processors >= AUTO_CROWDED_SHARE
    const busy = isCrowded ? Math.max(pace.processors, pace.homeBusy) : pace.processors
    if (busy < AUTO_QUIET_SHARE) this.#move('pack')
    if (busy < AUTO_BUSY_SHARE) return
    const left = ORDER.filter((one) => one !== this.#placement)
    const trial: Trial = { home: this.#placement, left, base: pace, best: this.#placement, bestScore: 1 }
    this.#trial = trial
    this.#next(trial)
  }

  #judgeTrial(trial: Trial): void {
    const counts = trial.base.messages >= AUTO_MESSAGES_PER_SECOND_MIN
    const pace = this.#pace
    const score = counts
      ? pace.messages / trial.base.messages
      : pace.processors / Math.max(trial.base.processors, Number.MIN_VALUE)
    const expected = (trial.base.messages * this.#elapsedUs) / 1_000_000
    const isLost = counts && expected >= AUTO_TRIAL_MESSAGES_MIN && score < AUTO_TRIAL_SHARE_MIN * trial.bestScore
    if (!isLost && this.#elapsedUs < (counts ? AUTO_TRIAL_US : AUTO_LONG_TRIAL_US)) return
    this.#take()
    if (this.#placement === trial.home) {
      // The load may have become another one since the first time: what counts is what both say.
      this.#decide(trial, Math.max(1, score))
      return
    }
    if (score > trial.bestScore) {
      trial.best = this.#placement
      trial.bestScore = score
    }
    if (trial.left.length > 0) this.#next(trial)
    else if (trial.bestScore >= AUTO_GAIN_MIN) this.#move(trial.home)
    else this.#decide(trial, 1)
  }

  /** `homeScore`: what the placement of before gives. */
  #decide(trial: Trial, homeScore: number): void {
    this.#trial = undefined
    const isBetter = trial.bestScore >= homeScore * AUTO_GAIN_MIN
    const chosen = isBetter ? trial.best : trial.home
    this.#sinceUs = 0
    this.#restUs = chosen === this.#chosen ? Math.min(this.#restUs * 2, AUTO_REST_US_MAX) : AUTO_REST_US_MIN
    this.#chosen = chosen
    this.#decided = { ...trial.base, messages: trial.base.messages * (isBetter ? trial.bestScore : homeScore) }
    this.#move(chosen)
  }

  #next(trial: Trial): void {
    this.#move(trial.left.shift()!)
  }

  #move(placement: Placement): void {
    if (placement === this.#placement) return
    this.#placement = placement
    this.#moved = true
    this.#take()
  }

  get #pace(): Pace {
    const elapsedUs = Math.max(this.#elapsedUs, 1)
    return {
      messages: (this.#messages * 1_000_000) / elapsedUs,
      processors: this.#usedUs / elapsedUs,
      homeBusy: this.#homeBusyUs / elapsedUs,
    }
  }

  /** The pace since the last time, which begins anew. */
  #take(): Pace {
    const pace = this.#pace
    this.#elapsedUs = 0
    this.#usedUs = 0
    this.#homeBusyUs = 0
    this.#messages = 0
    return pace
  }
}

/** Whether so many more or fewer messages come that it is another load. */
function isOther(now: Pace, then: Pace): boolean {
  const low = Math.max(Math.min(now.messages, then.messages), AUTO_MESSAGES_PER_SECOND_MIN)
  return Math.max(now.messages, then.messages) >= low * AUTO_LOAD_FACTOR
}
