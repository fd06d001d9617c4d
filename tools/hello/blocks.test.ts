import { describe, expect, it } from 'vitest'
import { fileBlocks } from './blocks.ts'

describe('fileBlocks', () => {
  it('gives each marked block, and leaves the others', () => {
    const text =
      'x\n\n```ts\nno\n```\n\n<!-- file: a/b.ts -->\n```ts\none\n\ntwo\n```\ny\n<!-- file: c.py -->\n\n```python\nthree\n```\n'
    expect(fileBlocks(text)).toEqual([
      { path: 'a/b.ts', text: 'one\n\ntwo\n' },
      { path: 'c.py', text: 'three\n' },
    ])
  })

  it('refuses a marker without a block', () => {
    expect(() => fileBlocks('<!-- file: a.ts -->\nnothing\n')).toThrow('no code block follows the marker of a.ts')
  })
})
