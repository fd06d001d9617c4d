import { describe, expect, it } from 'vitest'
import { LastWords } from './last-words.ts'

function explain(...lines: string[]): string {
  const words = new LastWords()
  for (const line of lines) words.heard('p', 'stderr', line)
  return words.explain('p', 'exit 1')
}

describe('LastWords', () => {
  it.each([
    [[], 'exit 1'],
    [['millrace worker: a.ts exports no function'], 'a.ts exports no function (exit 1)'],
    [
      ["millrace worker: a.ts can't be loaded:", 'a.ts:7', '', 'SyntaxError [X]: no', '    at x', 'Error: later'],
      "a.ts can't be loaded: SyntaxError [X]: no (exit 1)",
    ],
    [['Traceback (most recent call last):', '  File "w.py"', 'ValueError: no'], 'ValueError: no (exit 1)'],
    [['sh: 1: nope: not found', 'more'], 'sh: 1: nope: not found (exit 1)'],
  ])('puts the cause in %j first', (lines, expected) => {
    expect(explain(...lines)).toBe(expected)
  })

  it('takes nothing from standard output, nor from another program, nor from before', () => {
    const words = new LastWords()
    words.heard('p', 'stdout', 'Error: x')
    words.heard('q', 'stderr', 'Error: x')
    expect(words.explain('p', 'exit 1')).toBe('exit 1')
    words.forget('q')
    expect(words.explain('q', 'exit 1')).toBe('exit 1')
  })

  it('keeps the first 32 lines and no more', () => {
    expect(explain(...Array.from({ length: 32 }, (_, i) => `line ${i}`), 'Error: 33rd')).toBe('line 0 (exit 1)')
    expect(explain(...Array.from({ length: 31 }, (_, i) => `line ${i}`), 'Error: 32nd')).toBe('Error: 32nd (exit 1)')
  })
})
