import { describe, expect, it } from 'vitest'
import { compare, regressions } from './compare.ts'
import type { Figure } from './figures.ts'

function figure(id: string, better: 'lower' | 'higher', ratio?: number): Figure {
  const spread = (median: number) => ({ median, min: median, max: median })
  return {
    id,
    title: id,
    unit: 'µs',
    better,
    value: spread(1),
    ...(ratio === undefined ? {} : { ratio: spread(ratio) }),
  }
}

describe('compare', () => {
  it('counts a higher latency and a lower rate as worse, worst first', () => {
    const before = [figure('latency', 'lower', 2), figure('rate', 'higher', 0.5)]
    const now = [figure('latency', 'lower', 2.2), figure('rate', 'higher', 0.25)]
    const found = compare(before, now)
    expect(found.map(({ id }) => id)).toEqual(['rate', 'latency'])
    expect(found.map(({ worsePercent }) => Math.round(worsePercent))).toEqual([100, 10])
  })

  it('leaves out figures without a ratio and those that only one run has', () => {
    const before = [figure('a', 'lower'), figure('b', 'lower', 1), figure('gone', 'lower', 1)]
    const now = [figure('a', 'lower', 1), figure('b', 'lower'), figure('new', 'lower', 1)]
    expect(compare(before, now)).toEqual([])
  })

  it('takes a regression of exactly the allowed percentage as allowed', () => {
    const found = compare([figure('a', 'lower', 2)], [figure('a', 'lower', 2.5)])
    expect(regressions(found, 25)).toEqual([])
    expect(regressions(found, 24)).toHaveLength(1)
    expect(regressions(compare([figure('a', 'lower', 2)], [figure('a', 'lower', 1)]), 0)).toEqual([])
  })
})
