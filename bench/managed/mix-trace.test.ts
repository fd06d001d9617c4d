import { expect, test } from 'vitest'
import { MIX, mixTrace, SEED } from './mix-trace.ts'

test('the trace is that of its seed, in order, with the shares of the mix and a mean gap of about one', () => {
  const trace = mixTrace(SEED, 100_000)
  expect(trace.slice(0, 3)).toEqual(mixTrace(SEED, 3))
  expect(trace.every(({ at }, i) => i === 0 || at >= trace[i - 1]!.at)).toBe(true)
  for (const { name, share } of MIX) {
    const count = trace.filter(({ fn }) => fn.name === name).length
    expect(Math.abs(count / 100 - share), name).toBeLessThan(share * 0.15 + 1)
  }
  const meanGap = trace.at(-1)!.at / trace.length
  expect(meanGap).toBeGreaterThan(0.8)
  expect(meanGap).toBeLessThan(1.3)
})

test('another seed is another trace', () => {
  expect(mixTrace(1, 10)).not.toEqual(mixTrace(2, 10))
})
