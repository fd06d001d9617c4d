import { describe, expect, it } from 'vitest'
import type { RoundResult } from '../rounds.ts'
import { CURVE_SHARES } from '../samples.ts'
import { linearAxis, logAxis, percentileAxis } from './axis.ts'
import { plotsOf } from './plots.ts'

function round(name: string, us: number, perSecond: number): RoundResult {
  const subject = { perSecond, curveUs: CURVE_SHARES.map((share) => us * (1 + share)) }
  return { case: name, place: 'pinned', round: 1, subject, floor: subject }
}

describe('plotsOf', () => {
  it('draws what a run has, and no file for what it has not', () => {
    expect(plotsOf({ results: [] })).toEqual([])
    const files = plotsOf({ results: [round('internal.cpp.0B.1', 20, 5e4)] }).map(({ file }) => file)
    expect(files).toEqual(['latency-pinned.svg'])
  })

  it('draws a line for each language and one for the relay', () => {
    const results = ['cpp', 'go'].map((language) => round(`internal.${language}.0B.1`, 20, 5e4))
    const svg = plotsOf({ results })[0]?.svg ?? ''
    expect(svg.match(/fill="none"/g)).toHaveLength(3)
    for (const name of ['C++', 'Go', 'relay']) expect(svg).toContain(`>${name}</text>`)
  })

  it('draws throughput from two steps on', () => {
    const results = [1, 8].map((inFlight) => round(`internal.cpp.0B.${inFlight}`, 20, 1e5 * inFlight))
    expect(plotsOf({ results }).map(({ file }) => file)).toContain('throughput.svg')
    expect(plotsOf({ results: results.slice(1) }).map(({ file }) => file)).not.toContain('throughput.svg')
  })
})

describe('the axes', () => {
  it('put each nine of a percentile as far as the one before', () => {
    const { at } = percentileAxis()
    expect([0, 0.9, 0.99, 0.999, 0.9999, 1].map((share) => Number(at(share).toFixed(6)))).toEqual([
      0, 0.25, 0.5, 0.75, 1, 1,
    ])
  })

  it('put each doubling as far as the one before', () => {
    const axis = logAxis(1, 256, 2)
    expect(axis.at(16)).toBeCloseTo(0.5)
    expect(axis.marks.map(({ label }) => label)).toEqual(['1', '2', '4', '8', '16', '32', '64', '128', '256'])
  })

  it('mark a linear one from 0 to its end, and keep what is beyond at its end', () => {
    const axis = linearAxis(200_000)
    expect(axis.marks.map(({ label }) => label)).toEqual(['0', '50 k', '100 k', '150 k', '200 k'])
    expect(axis.at(300_000)).toBe(1)
  })
})
