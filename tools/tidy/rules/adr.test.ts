import { describe, expect, it } from 'vitest'
import { found, tree } from '../testing.ts'
import { adr } from './adr.ts'

describe('adr', () => {
  const record = (number: string) =>
    `# ${number}. Say so\n\nStatus: Accepted\n\n## Context\n\n## Decision\n\n## Consequences\n\n## Revisions\n\n` +
    '| date | change |\n| --- | --- |\n| 2026-01-31 | Written |\n'
  const indexed = (files: Record<string, string>) => ({ ...files, ...adr.fix?.(tree(files)) })

  it('passes records in shape with the index it wrote, and finds a stale index', () => {
    const files = indexed({ 'docs/adr/README.md': '# Decisions\n', 'docs/adr/0001-say-so.md': record('0001') })
    expect(found(adr, files)).toEqual([])
    expect(found(adr, { ...files, 'docs/adr/0002-say-more.md': record('0002') })).toEqual(['docs/adr/README.md'])
    expect(indexed(files)).toEqual(files)
  })

  it('finds a gap in the numbers, an unknown status, a missing section and an empty table', () => {
    const faults = (name: string, text: string) => found(adr, indexed({ [`docs/adr/${name}`]: text }))
    expect(faults('0002-say-so.md', record('0002'))).toEqual(['docs/adr/0002-say-so.md'])
    for (const [from, to] of [
      ['Accepted', 'Perhaps'],
      ['## Decision\n', ''],
      ['| 2026-01-31 |', '| soon |'],
    ] as const) {
      expect(faults('0001-say-so.md', record('0001').replace(from, to)), to).toEqual(['docs/adr/0001-say-so.md'])
    }
  })
})
