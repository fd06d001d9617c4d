import { describe, expect, it } from 'vitest'
import { CURVE_SHARES, measurementOf } from './samples.ts'

describe('measurementOf', () => {
  const thousand = Uint32Array.from({ length: 1_000 }, (_, at) => (1_000 - at) * 1_000)

  it('gives percentiles in microseconds that were samples, whatever their order', () => {
    const { p50Us, p99Us, p999Us } = measurementOf(thousand, 1e9)
    expect([p50Us, p99Us, p999Us]).toEqual([500, 990, 999])
  })

  it('counts calls by the whole time, and all calls of a batch', () => {
    expect(measurementOf(thousand, 2e9).perSecond).toBe(500)
    expect(measurementOf(thousand, 2e9, 32).perSecond).toBe(16_000)
  })

  it('keeps the distribution from the smallest sample to the largest', () => {
    const { curveUs } = measurementOf(thousand, 1e9)
    expect(curveUs).toHaveLength(CURVE_SHARES.length)
    expect([curveUs?.[0], curveUs?.at(-1)]).toEqual([1, 1_000])
  })

  it('refuses no samples', () => {
    expect(() => measurementOf(new Uint32Array(0), 1)).toThrow(RangeError)
  })
})
