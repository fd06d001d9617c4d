/**
 * How many calls of a program are best open at once: Little's law tells the need (rate × processing time); while calls wait
 * although that many run, the throughput itself is asked, as a rate that the target holds down tells nothing. Pure: time
 * comes in with each event.
 *
 * What the forerunner's hint gets wrong is held here: rates are counts over time, so that Poisson arrivals do not bias
 * them; all averages fall with time and not only with traffic; the target is never below 1.
 */

/** Shortest window over which a rate is counted, in microseconds. */
const WINDOW_US_MIN = 20_000
/** Fewest ended calls in a window, and for each call of the target: below, a rate is mostly noise. */
const WINDOW_CALLS_MIN = 24
const WINDOW_CALLS_PER_TARGET = 1
/** A window ends after this many microseconds, however few calls it saw. */
const WINDOW_US_MAX = 1_000_000
/** Least time after a change that belongs to neither of the two targets, in microseconds. */
const SETTLE_US_MIN = 10_000
/** Where it begins: enough for a first window to tell something. */
export const TARGET_INITIAL = 16
export const TARGET_MAX = 65_536
/** Room above the need, so that what comes at random finds a place. */
const NEED_FACTOR = 1.5
/** Share of the wider target by which throughput must rise for the wider to be worth its cost. */
const GAIN_SHARE = 0.2
/** Share from which the next step is a steep one. */
const GAIN_SHARE_STEEP = 0.7
/** Loss of throughput that a narrower target may cost. */
const LOSS_MAX = 0.03
const WIDER = 1.5
const STEEP = 4
const NARROWER = 0.75
/** Saturated windows between two probes, after one that changed nothing. */
const REST_WINDOWS = 8
/** Share of the open calls that are in a handler when the workers are not what they wait for. */
const BUSY_SHARE = 0.5
/** Factor of throughput since the last worker was asked for, to ask for another. */
const LIMIT_GAIN = 1.1
/** Processing that a worker has open at least while others wait, in microseconds: what it has to do until it gets more. */
const FILL_US = 50_000
/** Most calls of a worker for that. */
const FILL_CALLS_MAX = 16
/** Time in which 63 % of the distance to another mean processing time is gone, in microseconds. */
const MEAN_US = 1_000_000
/** Time in which 63 % of the distance to a lower need is gone, in microseconds. */
const FALL_US = 5_000_000

/** Pause after which half of a target above the first one is forgotten, in microseconds. */
const FADE_US = 10_000_000

/** What the last change of the target was for. */
type Probe = 'none' | 'wider' | 'narrower'

export class ConcurrencyTarget {
  /** Whole while it climbs; falls in fractions. */
  #target: number = TARGET_INITIAL
  #windowStartUs = -1
  #ended = 0
  #arrived = 0
  #processingUs = 0
  /** Mean processing time in the last window. */
  #meanUs = 0
  /** The same, of the last second or so. */
  #usualUs = 0
  /** Ends of calls after which others still waited. */
  #saturated = 0
  #probe: Probe = 'none'
  #next: Probe = 'wider'
  /** Target and throughput (calls a microsecond) before the probe. */
  #before = { target: TARGET_INITIAL, rate: 0 }
  #rest = 0
  /** Throughput when `limited` was last told. */
  #known = 0
  /** The target has just changed: calls of before still run. */
  #settling = false

  /** Told when calls wait and no wider target brings more throughput: another worker may. */
  limited: () => void = () => {}

  /** Something else has changed, such as the workers: looks for a wider target without a rest. */
  again(): void {
    this.#probe = 'none'
    this.#rest = 0
    this.#next = 'wider'
  }

  /** Calls that may be open at once, 1 to `TARGET_MAX`. */
  get value(): number {
    return Math.round(this.#target)
  }

  /**
   * Calls that one of `workers` workers may have open: its part of the target, and no fewer than keep it busy. The target is
   * found for all of them together; a single worker whose few calls all sleep would idle although others wait.
   */
  part(workers: number): number {
    const fill = Math.min(FILL_CALLS_MAX, Math.ceil(FILL_US / Math.max(1, this.#usualUs)))
    return Math.max(fill, Math.ceil(this.value / workers))
  }

  /** A call came. */
  arrived(nowUs: number): void {
    const pauseUs = nowUs - this.#windowStartUs
    if (this.#windowStartUs < 0) this.#open(nowUs)
    else if (pauseUs > WINDOW_US_MAX * 2) {
      // The pause is no part of any rate; what was learnt before it fades.
      const faded = this.#target * 0.5 ** (pauseUs / FADE_US)
      this.#target = Math.max(faded, Math.min(this.#target, TARGET_INITIAL))
      this.#probe = 'none'
      this.#open(nowUs)
    }
    this.#arrived += 1
  }

  /**
   * A call ended that ran for `processingUs` without the time in which calls below it waited. `waiting`: others wait now.
   */
  ended(nowUs: number, processingUs: number, waiting: boolean): void {
    if (this.#windowStartUs < 0) this.#open(nowUs)
    this.#ended += 1
    this.#processingUs += processingUs
    if (waiting) this.#saturated += 1
    const elapsedUs = nowUs - this.#windowStartUs
    if (this.#settling) {
      // Until the calls of before have gone.
      if (elapsedUs < Math.max(SETTLE_US_MIN, this.#meanUs)) return
      this.#settling = false
      this.#open(nowUs)
      return
    }
    if (elapsedUs < WINDOW_US_MIN) return
    const wanted = Math.max(WINDOW_CALLS_MIN, this.#target * WINDOW_CALLS_PER_TARGET)
    if (this.#ended < wanted && elapsedUs < WINDOW_US_MAX) return
    this.#meanUs = this.#processingUs / this.#ended
    const weight = this.#usualUs === 0 ? 1 : 1 - Math.exp(-elapsedUs / MEAN_US)
    this.#usualUs += (this.#meanUs - this.#usualUs) * weight
    this.#close(elapsedUs)
    this.#open(nowUs)
  }

  #open(nowUs: number): void {
    this.#windowStartUs = nowUs
    this.#ended = 0
    this.#arrived = 0
    this.#processingUs = 0
    this.#saturated = 0
  }

  #close(elapsedUs: number): void {
    const rate = this.#ended / elapsedUs
    if (this.#saturated * 2 > this.#ended) {
      const inHandlers = rate * this.#meanUs
      if (inHandlers >= this.#target * BUSY_SHARE) this.#climb(rate)
      else {
        // Most of those that are open queue inside the workers, where no urgency counts: they wait better here. Only more
        // workers bring more throughput.
        this.#limit(rate)
        this.#probe = 'none'
        const need = roomFor(inHandlers)
        if (need < this.#target) this.#set(need)
      }
      return
    }
    this.again()
    this.#known = 0
    const load = Math.max(rate, this.#arrived / elapsedUs) * this.#meanUs
    const need = roomFor(load)
    const share = need > this.#target ? 1 : 1 - Math.exp(-elapsedUs / FALL_US)
    this.#target = Math.min(TARGET_MAX, Math.max(1, this.#target + (need - this.#target) * share))
  }

  /** Saturated: goes where the throughput is. */
  #climb(rate: number): void {
    const { target, rate: known } = this.#before
    if (this.#probe === 'wider') {
      const gain = rate / known - 1
      const share = gain / (this.#target / target - 1)
      if (share >= GAIN_SHARE) {
        this.#try('wider', rate, share >= GAIN_SHARE_STEEP ? STEEP : WIDER)
        return
      }
      this.#back('narrower')
      this.#limit(known)
      return
    }
    if (this.#probe === 'narrower') {
      if (rate >= known * (1 - LOSS_MAX)) {
        // The rate to beat stays that of before: else small losses would add up.
        this.#before = { target: this.#target, rate: Math.max(rate, known) }
        this.#set(Math.floor(this.#target * NARROWER))
        if (this.#target === this.#before.target) this.#back('wider')
        return
      }
      this.#back('wider')
      return
    }
    if (this.#rest > 0) {
      this.#rest -= 1
      return
    }
    if (this.#next === 'narrower' && this.#target > 1) this.#try('narrower', rate, NARROWER)
    else this.#try('wider', rate, STEEP)
  }

  /** Another worker may bring more than `rate`. Asked only while each more paid. */
  #limit(rate: number): void {
    if (rate <= this.#known * LIMIT_GAIN) return
    this.#known = rate
    this.limited()
  }

  #try(probe: 'wider' | 'narrower', rate: number, factor: number): void {
    this.#before = { target: this.#target, rate }
    this.#probe = probe
    this.#set(probe === 'wider' ? Math.ceil(this.#target * factor) : Math.floor(this.#target * factor))
  }

  /** The probe did not pay: as it was before, and after a rest the other way. */
  #back(next: Probe): void {
    this.#set(this.#before.target)
    this.#probe = 'none'
    this.#next = next
    this.#rest = REST_WINDOWS
  }

  #set(target: number): void {
    this.#target = Math.min(TARGET_MAX, Math.max(1, Math.round(target)))
    this.#settling = true
  }
}

/** Calls to let in for `load` that are in handlers on average: what comes at random finds a place. */
function roomFor(load: number): number {
  return load * NEED_FACTOR + 2 * Math.sqrt(load) + 1
}
