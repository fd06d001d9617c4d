import { describe, expect, it } from 'vitest'
import { jsonFault } from './json-fault.ts'

describe('jsonFault', () => {
  it.each([
    ['', 'the text ends at line 1, column 1 (position 0), where a value should be'],
    ['abc', 'found "abc" at line 1, column 1 (position 0), where a value should be'],
    ['{"a":1', `the text ends at line 1, column 7 (position 6), where ',' or '}' should be`],
    ['{"a" 1}', `found "1}" at line 1, column 6 (position 5), where ':' should be`],
    ['{a:1}', 'found "a:1}" at line 1, column 2 (position 1), where a key in double quotes should be'],
    ['{"a":1,}', 'found "}" at line 1, column 8 (position 7), where a key in double quotes should be'],
    ['[1,]', 'found "]" at line 1, column 4 (position 3), where a value should be'],
    ['[1 2]', `found "2]" at line 1, column 4 (position 3), where ',' or ']' should be`],
    ['[1]]', 'found "]" at line 1, column 4 (position 3), where the end should be'],
    ['{\n  "a": "x\ny"}', 'found "\\"x\\ny\\"}" at line 2, column 8 (position 9), where a value should be'],
    ['01', 'found "1" at line 1, column 2 (position 1), where the end should be'],
    ['"\\x"', 'found "\\"\\\\x\\"" at line 1, column 1 (position 0), where a value should be'],
  ])('says of %j where it stops being JSON', (text, expected) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonFault(text)).toBe(expected)
  })

  it('agrees with JSON.parse on what is JSON', () => {
    for (const text of [
      '{}',
      '[]',
      ' [ 1 , -2.5e+3 , "a\\u00e9\\n" , true , null , { "k" : [ { } ] } ] ',
      '"\u007fé\u2028"',
    ]) {
      JSON.parse(text)
      expect(jsonFault(text)).toBe('nothing is wrong with it')
    }
  })

  it('stands 10 million open brackets', () => {
    expect(jsonFault('['.repeat(10_000_000))).toContain('position 10000000')
  })
})
