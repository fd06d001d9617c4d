import { describe, expect, it } from 'vitest'
import { ConfigError, didYouMean, nearest } from './faults.ts'

describe('nearest', () => {
  it.each([
    ['tiemout', ['timeout', 'workers'], 'timeout'],
    ['Worker', ['timeout', 'workers'], 'workers'],
    ['x', ['timeout', 'workers'], undefined],
    ['helo', [], undefined],
    ['abcd', ['abxy'], 'abxy'],
    ['abcd', ['axyz'], undefined],
    ['prot', ['port'], 'port'],
    ['abcdefghij', ['abcdef'], undefined],
  ])('of %j among %j is %j', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })

  it('becomes half a sentence, or nothing', () => {
    expect(didYouMean('helo', ['hello'])).toBe('; did you mean "hello"?')
    expect(didYouMean('helo', ['other'])).toBe('')
  })
})

describe('ConfigError', () => {
  it('lists faults in the order of the file, those without a place first', () => {
    const at = (line: number, column: number) => ({ file: 'm.yaml', line, column })
    const error = new ConfigError([
      { place: at(10, 1), message: 'c' },
      { place: at(2, 9), message: 'b' },
      { place: undefined, message: 'a' },
    ])
    expect(error.message).toBe('a\nm.yaml:2:9: b\nm.yaml:10:1: c')
  })
})
