import { describe, expect, it } from 'vitest'
import { BOUNDS_US, Histogram } from './histogram.ts'

/** Index of the only bucket that holds something. */
function bucketOf(us: number): number {
  const histogram = new Histogram()
  histogram.record(us)
  expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(1)
  return histogram.counts.indexOf(1)
}

describe('Histogram', () => {
  it('has 24 bounds that double from 10 µs and reach beyond 60 s', () => {
    expect(BOUNDS_US.length).toBe(24)
    expect(BOUNDS_US[0]).toBe(10)
    for (let i = 1; i < BOUNDS_US.length; i += 1) expect(BOUNDS_US[i]).toBe(2 * BOUNDS_US[i - 1]!)
    expect(BOUNDS_US.at(-1)).toBeGreaterThan(60_000_000)
    expect(BOUNDS_US.at(-2)).toBeLessThan(60_000_000)
  })

  it('puts 0, a fraction and exactly 10 µs into the first bucket', () => {
    for (const us of [0, 0.25, 9.999, 10]) expect(bucketOf(us)).toBe(0)
  })

  it('counts each bound in its own bucket and a microfraction more in the next', () => {
    for (const [i, bound] of BOUNDS_US.entries()) {
      expect(bucketOf(bound - 0.5)).toBe(i)
      expect(bucketOf(bound)).toBe(i)
      expect(bucketOf(bound + 0.001)).toBe(i + 1)
    }
  })

  it('counts what is longer than every bound in the last bucket, however long', () => {
    for (const us of [BOUNDS_US.at(-1)! + 1, 2 ** 32, 2 ** 40, Number.MAX_VALUE]) expect(bucketOf(us)).toBe(24)
  })

  it('agrees with a search through the bounds for every time up to 100 ms', () => {
    for (let us = 0; us <= 100_000; us += 7.3) {
      expect(bucketOf(us)).toBe(BOUNDS_US.findIndex((bound) => us <= bound))
    }
  })

  it('keeps the count and the sum', () => {
    const histogram = new Histogram()
    for (const us of [1.5, 10, 2_000_000]) histogram.record(us)
    expect(histogram.count).toBe(3)
    expect(histogram.sumUs).toBe(2_000_011.5)
  })
})
