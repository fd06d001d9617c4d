import { describe, expect, it } from 'vitest'
import { mutantCounts, verdictCounts } from './counts.ts'

describe('verdictCounts', () => {
  it('fails whatever is neither a pass, an expected failure nor out of scope', () => {
    const verdicts = ['pass', 'expected-fail', 'not-applicable', 'fail', 'inconclusive', 'unexpected-pass']
    const results = verdicts.map((verdict) => ({ verdict }))
    expect(verdictCounts({ results })).toEqual({ passed: 2, failed: 3, skipped: 0 })
  })
})

describe('mutantCounts', () => {
  it('counts the killed, and one failure when the command failed', () => {
    expect(mutantCounts('226 mutants: 226 killed', 0)).toEqual({ passed: 226, failed: 0, skipped: 0 })
    expect(mutantCounts('226 mutants: 225 killed', 1)).toEqual({ passed: 224, failed: 1, skipped: 0 })
    expect(mutantCounts('', 0)).toEqual({ passed: 1, failed: 0, skipped: 0 })
  })
})
