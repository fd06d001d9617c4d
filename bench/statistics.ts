/** Percentiles and medians. All samples are kept and sorted, so that a percentile is one that was measured. Pure. */

/**
 * The smallest sample that at least `share` of all samples do not exceed (nearest rank).
 *
 * @param sorted - Samples, rising; at least one.
 * @param share - 0 to 1.
 */
export function percentile(sorted: Float64Array | Uint32Array, share: number): number {
  if (sorted.length === 0) throw new RangeError('there is no percentile of no samples')
  const rank = Math.ceil(share * sorted.length)
  return sorted[Math.max(rank, 1) - 1]!
}

/** Three percentiles of one measurement, in the unit of its samples. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** Sorts `samples` in place. */
export function percentiles(samples: Float64Array): Percentiles {
  samples.sort()
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), p999: percentile(samples, 0.999) }
}

/** Middle of several rounds, with how far they lie apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Of an even number of values the median is the mean of the two in the middle. At least one value. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no median of no values')
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
  return { median, min: sorted[0]!, max: sorted[sorted.length - 1]! }
}
