import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { silenced } from './silenced.ts'

describe('silenced', () => {
  it('finds a silenced checker and a test that is set aside', () => {
    for (const text of ['// @ts-ignore', '// biome-ignore lint: no', 'x = 1  # noqa', '// NOLINT', "it.skip('x')"]) {
      expect(found(silenced, { 'a.ts': text }), text).toEqual(['a.ts:1'])
    }
    expect(found(silenced, { 'a.ts': 'list.skip(1); await only.it()' })).toEqual([])
  })
})
