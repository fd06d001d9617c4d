import { describe, expect, it } from 'vitest'
import { percentile, percentiles, spread } from './statistics.ts'

const upTo = (count: number) => Float64Array.from({ length: count }, (_, at) => at + 1)

describe('percentile', () => {
  it('is a sample that was measured: the first that the share of all does not exceed', () => {
    expect(percentile(upTo(100), 0.5)).toBe(50)
    expect(percentile(upTo(100), 0.99)).toBe(99)
    expect(percentile(upTo(101), 0.99)).toBe(100)
    expect(percentile(upTo(3), 0.5)).toBe(2)
  })

  it('is the first sample at 0 and the last at 1', () => {
    expect(percentile(upTo(10), 0)).toBe(1)
    expect(percentile(upTo(10), 1)).toBe(10)
    expect(percentile(upTo(1), 0.999)).toBe(1)
  })

  it('refuses to speak of no samples', () => {
    expect(() => percentile(new Float64Array(), 0.5)).toThrow(RangeError)
  })
})

describe('percentiles', () => {
  it('sorts by number, whatever the order of the samples', () => {
    const samples = upTo(1_000).reverse()
    expect(percentiles(samples)).toEqual({ p50: 500, p99: 990, p999: 999 })
  })

  it('sees one outlier in a thousand at p99.9 only from the 1,001st sample on', () => {
    const withOutlier = (count: number) => Float64Array.from({ length: count }, (_, at) => (at === 0 ? 9 : 1))
    expect(percentiles(withOutlier(1_000)).p999).toBe(1)
    expect(percentiles(withOutlier(999)).p999).toBe(9)
  })
})

describe('spread', () => {
  it('takes the middle of an odd number and the mean of the middle two of an even one', () => {
    expect(spread([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 })
    expect(spread([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10 })
    expect(spread([7])).toEqual({ median: 7, min: 7, max: 7 })
  })

  it('leaves the order of its argument alone', () => {
    const values = [3, 1, 2]
    spread(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('refuses to speak of no values', () => {
    expect(() => spread([])).toThrow(RangeError)
  })
})
