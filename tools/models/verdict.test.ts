import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judgeSearch, twinsOf } from './verdict.ts'

const GOOD = 'State-vector 72 byte, depth reached 40, errors: 0\n     3374 states, stored\n'
const BAD = 'pan:1: assertion violated (outcomes==1) (at depth 30)\nState-vector 72 byte, depth reached 41, errors: 1\n'

describe('judgeSearch', () => {
  it('takes a model without errors, and refuses a twin without errors', () => {
    expect(judgeSearch(GOOD, false)).toBeUndefined()
    expect(judgeSearch(GOOD, true)).toBe('SPIN finds no error in it')
  })

  it('refuses a model with an error and names it, and takes a twin with one', () => {
    expect(judgeSearch(BAD, false)).toBe('assertion violated (outcomes==1) (at depth 30)')
    expect(judgeSearch(BAD, true)).toBeUndefined()
  })

  it('refuses a search that was cut off, and one that said nothing', () => {
    expect(judgeSearch(`error: max search depth too small\n${GOOD}`, false)).toBe('the search was cut off')
    expect(judgeSearch('', false)).toContain('came to no end')
  })
})

describe('twinsOf', () => {
  it('finds every twin that the model of a call has code for', () => {
    const text = readFileSync(join(import.meta.dirname, '../../spec/models/call.pml'), 'utf8')
    const inCode = new Set([...text.matchAll(/^#ifdef (BROKEN_[A-Z_]+)/gm)].map((match) => `-D${match[1]}`))
    expect(new Set(twinsOf(text))).toEqual(inCode)
    expect(inCode.size).toBeGreaterThan(3)
  })
})
