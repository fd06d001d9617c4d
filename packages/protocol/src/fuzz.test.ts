/** The fuzzer for a bounded time, and its canary. */
import { describe, expect, it } from 'vitest'
import { ContractBroken, canary, fuzz } from './wire.fuzz.ts'

describe('the wire fuzzer', () => {
  it.each([1, 2, 3, 4, 0xffffffff])('finds the contract kept for 300 rounds of seed %i', (seed) => {
    const counts = fuzz(seed, 300)
    expect(counts.rounds).toBe(300)
    expect(counts.accepted).toBeGreaterThan(0)
    expect(counts.ignored).toBeGreaterThan(0)
    expect(counts.bodies).toBeGreaterThan(0)
    expect(counts.verdicts.size).toBeGreaterThan(10)
  })

  it('sees the same for the same seed', () => {
    expect(fuzz(7, 50)).toEqual(fuzz(7, 50))
  })

  it('fails on a judge that names a rule that no spec has', () => {
    expect(() => fuzz(1, 300, canary)).toThrow(ContractBroken)
    expect(() => fuzz(1, 300, canary)).toThrow(/^seed 1, round \d+, bytes from the (worker|engine): .*canary-sings/)
  })

  it('fails on a judge that throws', () => {
    const broken = (): never => {
      throw new RangeError('offset is outside the bounds')
    }
    expect(() => fuzz(1, 1, broken)).toThrow(/round 0, .*RangeError: offset is outside the bounds/)
  })
})
