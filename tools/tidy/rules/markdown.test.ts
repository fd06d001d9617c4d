import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { markdown } from './markdown.ts'

describe('markdown', () => {
  it('asks for one title at the top, not counting what looks like one in code', () => {
    expect(found(markdown, { 'a.md': '# A\n\n```sh\n# not a title\n```\n' })).toEqual([])
    expect(found(markdown, { 'a.md': '# A\n\n# B\n' })).toEqual(['a.md'])
    expect(found(markdown, { 'a.md': 'Words\n\n# A\n' })).toEqual(['a.md'])
  })

  it('follows links to files, folders and headings, and passes those in code', () => {
    const other = { 'docs/b.md': '# B\n\n## The `x.ts` file, twice\n\n## Same\n\n## Same\n' }
    const linking = (target: string) => found(markdown, { ...other, 'docs/a.md': `# A\n\n[x](${target})` })
    for (const target of ['b.md', '../docs', 'b.md#the-xts-file-twice', 'b.md#same-1', '#a', 'https://example.org']) {
      expect(linking(target), target).toEqual([])
    }
    for (const target of ['c.md', 'b.md#same-2', '#b']) expect(linking(target), target).toEqual(['docs/a.md:3'])
    expect(found(markdown, { 'a.md': '# A\n\n`[x](none.md)`\n' })).toEqual([])
  })
})
