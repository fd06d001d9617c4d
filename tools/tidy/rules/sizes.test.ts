import { describe, expect, it } from 'vitest'
import { found, tree } from '../testing.ts'
import { sizes } from './sizes.ts'

describe('sizes', () => {
  const lines = (count: number) => 'x\n'.repeat(count)

  it('refuses the 401st line, and not the 400th', () => {
    expect(found(sizes, { 'a.ts': lines(400) })).toEqual([])
    expect(found(sizes, { 'a.ts': lines(401) })).toEqual(['a.ts'])
  })

  it('lets a listed file shrink and not grow, and asks to lower the list', () => {
    const listed = (count: number) => ({ 'tools/tidy/sizes.json': '{"a.ts": 500}', 'a.ts': lines(count) })
    expect(found(sizes, listed(500))).toEqual([])
    expect(found(sizes, listed(501))).toEqual(['a.ts'])
    expect(found(sizes, listed(499))).toEqual(['tools/tidy/sizes.json'])
    expect(sizes.fix?.(tree(listed(499)))).toEqual({ 'tools/tidy/sizes.json': '{\n  "a.ts": 499\n}\n' })
    expect(sizes.fix?.(tree(listed(501)))).toEqual({ 'tools/tidy/sizes.json': '{\n  "a.ts": 500\n}\n' })
    expect(sizes.fix?.(tree(listed(300)))).toEqual({ 'tools/tidy/sizes.json': '{}\n' })
  })

  it('notes a file from its 251st line on', () => {
    expect(sizes.warnings?.(tree({ 'a.ts': lines(250) }))).toEqual([])
    expect(sizes.warnings?.(tree({ 'a.ts': lines(251) }))).toHaveLength(1)
  })
})
