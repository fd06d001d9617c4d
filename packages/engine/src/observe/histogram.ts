/** Upper bound of the first bucket, in microseconds: below it lies nothing that crosses a pipe twice. */
const FIRST_BOUND_US = 10
/** Buckets with an upper bound. The last one, 83.9 s, holds a call that ran into the default time limit of 60 s. */
const BOUNDED_BUCKETS = 24

/** Upper bounds of the buckets in microseconds, inclusive, rising: 10 × 2^k for k from 0 to 23. */
export const BOUNDS_US: readonly number[] = Array.from({ length: BOUNDED_BUCKETS }, (_, k) => FIRST_BOUND_US * 2 ** k)

const LAST_BOUND_US = BOUNDS_US[BOUNDED_BUCKETS - 1]!

/**
 * Counts times in fixed exponential buckets from 10 µs to 83.9 s, and one for what is longer. Every histogram has the
 * same buckets, so any two can be added.
 *
 * Cost of `record`: one division, one count of leading zeros, three additions; nothing is allocated.
 */
export class Histogram {
  /**
   * Times by bucket, not cumulative; the last is above every bound. Doubles, which count exactly to 2^53: 32 bits would
   * wrap after half a day at 100,000 calls a second.
   */
  readonly counts = new Float64Array(BOUNDED_BUCKETS + 1)
  #count = 0
  #sumUs = 0

  /** Counts a time in microseconds: finite, 0 or more, may have a fraction. */
  record(us: number): void {
    let bucket = BOUNDED_BUCKETS
    if (us <= LAST_BOUND_US) {
      const steps = Math.ceil(us / FIRST_BOUND_US)
      bucket = steps <= 1 ? 0 : 32 - Math.clz32(steps - 1)
    }
    this.counts[bucket]! += 1
    this.#count += 1
    this.#sumUs += us
  }

  /** How many times were recorded. */
  get count(): number {
    return this.#count
  }

  /** Sum of the recorded times, in microseconds. */
  get sumUs(): number {
    return this.#sumUs
  }
}
