import { describe, expect, it } from 'vitest'
import { counted, tableLines, timeText } from './table.ts'

describe('tableLines', () => {
  it('pads every column to its widest cell, to the right where asked, and no line at its end', () => {
    const rows = [
      ['NAME', 'OK', 'X'],
      ['a', '1000', ''],
      ['longer', '7', 'y'],
    ]
    expect(tableLines(rows, new Set([1]))).toEqual(['NAME      OK  X', 'a       1000', 'longer     7  y'])
  })
})

describe('timeText', () => {
  it.each([
    [0, '0 µs'],
    [999.4, '999 µs'],
    [999.5, '1.00 ms'],
    [3_124, '3.12 ms'],
    [9_995, '10.0 ms'],
    [99_950, '100 ms'],
    [999_499, '999 ms'],
    [999_500, '1.00 s'],
    [60_000_000, '60.0 s'],
  ])('writes %d µs as %s', (us, text) => {
    expect(timeText(us)).toBe(text)
  })
})

describe('counted', () => {
  it('has one worker, but 0 and 2 workers', () => {
    expect([0, 1, 2].map((n) => counted(n, 'worker'))).toEqual(['0 workers', '1 worker', '2 workers'])
  })
})
