import { describe, expect, it } from 'vitest'
import { mismatch } from './output-match.ts'

describe('mismatch', () => {
  it('takes equal lines, whatever white space ends them', () => {
    expect(mismatch(['a', 'b '], ['a  ', 'b'])).toBeUndefined()
  })

  it.each([
    ['a line that did not come', ['a', 'b'], ['a'], 'this line did not come: b'],
    ['a line that is not quoted at the end', ['a'], ['a', 'b'], 'this line came and is not quoted: b'],
    ['a line that is not quoted between', ['a', 'c'], ['a', 'b', 'c'], 'this line came where another was quoted: b'],
    ['lines in another order', ['b', 'a'], ['a', 'b'], 'this line came where another was quoted: a'],
    ['output where none is quoted', [], ['a'], 'this line came and is not quoted: a'],
  ])('tells of %s', (_, quoted, printed, why) => {
    expect(mismatch(quoted, printed)).toBe(why)
  })

  it('takes … within a line for any text, and nothing else for a pattern', () => {
    expect(mismatch(['took … ms (a.b)'], ['took 12.5 ms (a.b)'])).toBeUndefined()
    expect(mismatch(['took … ms (a.b)'], ['took 12.5 ms (axb)'])).toContain('did not come')
  })

  it('takes … alone for any number of lines, none included', () => {
    expect(mismatch(['a', '…', 'b'], ['a', 'x', 'y', 'b'])).toBeUndefined()
    expect(mismatch(['…', 'b', '…'], ['b'])).toBeUndefined()
    expect(mismatch(['a', '…', 'b'], ['a', 'b', 'c'])).toContain('not quoted: c')
  })

  it('lets other lines stand between when it is loose, but keeps the order', () => {
    expect(mismatch(['a', 'c'], ['x', 'a', 'b', 'c', 'd'], true)).toBeUndefined()
    expect(mismatch(['c', 'a'], ['a', 'b', 'c'], true)).toContain('did not come: a')
  })
})
