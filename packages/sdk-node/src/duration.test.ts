import { describe, expect, it } from 'vitest'
import { type Duration, durationUs } from './duration.ts'

describe('durationUs', () => {
  it('reads milliseconds, and numbers with us, ms, s and m', () => {
    const given: Duration[] = [50, '50ms', '2s', '1.5s', '7us', '71m', 0.5]
    expect(given.map((one) => durationUs(one, 'timeout'))).toEqual([
      50_000, 50_000, 2_000_000, 1_500_000, 7, 4_260_000_000, 500,
    ])
  })

  it('rounds up to at least 1 µs, so that a limit never becomes none', () => {
    expect(durationUs(0.000_1, 'timeout')).toBe(1)
    expect(durationUs('0.1us', 'timeout')).toBe(1)
  })

  it('refuses 0, below 0, more than 71 minutes and what is no duration, naming the option', () => {
    for (const bad of [0, -1, '0ms', '72m', Number.NaN, Number.POSITIVE_INFINITY, 'soon', '5', '5 ms'] as Duration[]) {
      expect(() => durationUs(bad, 'timeout of greet')).toThrow(/^timeout of greet is .*write '50ms'/)
    }
  })
})
