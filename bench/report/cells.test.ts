import { describe, expect, it } from 'vitest'
import type { Figure } from '../figures.ts'
import { cellsOf, quantity } from './cells.ts'

describe('quantity', () => {
  it('shows three digits that count, and rates in thousands from 1,000 on', () => {
    expect(quantity(4.518, 'µs')).toBe('4.52 µs')
    expect(quantity(45.18, 'µs')).toBe('45.2 µs')
    expect(quantity(451.8, 'µs')).toBe('452 µs')
    expect(quantity(999, '/s')).toBe('999/s')
    expect(quantity(61_340, '/s')).toBe('61.3 k/s')
  })
})

describe('cellsOf', () => {
  const spread = { median: 2, min: 1, max: 3 }

  it('shows a bound on the ratio as a factor and one on the value in the unit of the figure', () => {
    const figure: Figure = {
      ...{ id: 'x', title: 'a call', unit: 'µs', better: 'lower', value: spread, floor: spread, ratio: spread },
      ...{ must: { of: 'ratio', limit: 3 }, mustHolds: true, goal: { of: 'value', limit: 1.5 }, goalHolds: false },
    }
    expect(cellsOf(figure)).toEqual([
      'a call',
      '2.00 µs',
      '2.00 µs',
      '2.00 × (1.00 to 3.00)',
      '≤ 3 × yes',
      '≤ 1.50 µs no',
    ])
  })

  it('leaves cells empty where there is nothing', () => {
    expect(cellsOf({ id: 'x', title: 'pipe', unit: '/s', better: 'higher', floor: spread })).toEqual([
      'pipe',
      '',
      '2.00/s',
      '',
      '',
      '',
    ])
  })
})
