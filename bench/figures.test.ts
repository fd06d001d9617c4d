import { describe, expect, it } from 'vitest'
import type { BenchCase } from './cases/case.ts'
import { figuresOf } from './figures.ts'
import { goalsOf } from './goals.ts'
import { parseResults, RESULTS_SCHEMA, type Results } from './results.ts'
import type { RoundResult } from './rounds.ts'

const sides: BenchCase = { name: 'internal.node.0B.1', title: 'a call', keys: ['p50Us', 'perSecond'] }

function round(number: number, subject: number, floor: number): RoundResult {
  return { case: sides.name, place: 'pinned', round: number, subject: { p50Us: subject }, floor: { p50Us: floor } }
}

describe('figuresOf', () => {
  it('takes the median of the ratios of the rounds, not the ratio of the medians', () => {
    const [figure] = figuresOf([sides], ['pinned'], [round(1, 10, 10), round(2, 40, 20), round(3, 90, 10)])
    expect(figure?.value?.median).toBe(40)
    expect(figure?.floor?.median).toBe(10)
    expect(figure?.ratio).toEqual({ median: 2, min: 1, max: 9 })
  })

  it('holds the median of the ratios against what it must reach', () => {
    const holds = (ratio: number) => figuresOf([sides], ['pinned'], [round(1, ratio, 1)])[0]?.mustHolds
    const { limit } = goalsOf('internal.node.0B.1.pinned.p50Us').must!
    expect(holds(limit)).toBe(true)
    expect(holds(limit + 0.01)).toBe(false)
  })

  it('leaves out what no round at that place gave, and the ratio where one side is missing', () => {
    expect(figuresOf([sides], ['free'], [round(1, 1, 1)])).toEqual([])
    const alone: RoundResult = { case: sides.name, place: 'free', round: 1, subject: { p50Us: 5 } }
    const [figure, ...others] = figuresOf([sides], ['free'], [alone])
    expect(others).toEqual([])
    expect(figure?.ratio).toBeUndefined()
    expect(figure?.value?.median).toBe(5)
  })
})

describe('parseResults', () => {
  const machine = { cpu: '', cores: 1, arch: '', kernel: '', memoryMiB: 1, node: '', compiler: '', commit: '' }
  const weather = { steal: 0, coresBusy: 1, loadAtStart: 0 }
  const results = [round(1, 4, 2), round(2, 6, 2)]
  const run: Results = {
    ...{ schema: RESULTS_SCHEMA, at: '2026-01-31T00:00:00Z', quick: true, rounds: 2, pinnedCore: 0, machine, weather },
    figures: figuresOf([sides], ['pinned'], results),
    results,
  }

  it('reads back what was written', () => {
    expect(parseResults(JSON.stringify(run), 'base.json')).toEqual(run)
  })

  it('refuses another version, a missing part and what is no JSON, with the name of the file', () => {
    const parse = (change: object) => () => parseResults(JSON.stringify({ ...run, ...change }), 'base.json')
    expect(parse({ schema: 'millrace-bench/2' })).toThrow(/^base\.json is no result of millrace-bench\/1: \/schema/)
    expect(parse({ figures: undefined })).toThrow("must have required property 'figures'")
    expect(() => parseResults('{', 'base.json')).toThrow('base.json is no JSON')
  })
})
