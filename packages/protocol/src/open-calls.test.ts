import { describe, expect, it } from 'vitest'
import { nextCallId } from './call-ids.ts'
import { OpenCalls } from './open-calls.ts'
import { Random } from './random.ts'

describe('OpenCalls', () => {
  it('does what a Map does, for 100,000 random moves over few and many ids', () => {
    for (const spread of [8, 64, 100_000]) {
      const random = new Random(spread)
      const open = new OpenCalls<{ readonly id: number }>()
      const map = new Map<number, { readonly id: number }>()
      for (let move = 0; move < 100_000; move += 1) {
        const id = random.below(spread) * 2 + 1
        if (random.below(2) === 0 && map.size < 5_000) {
          const call = { id }
          open.set(id, call)
          map.set(id, call)
        } else {
          expect(open.delete(id)).toBe(map.delete(id))
        }
        const probe = random.below(spread) * 2 + 1
        expect(open.get(probe)).toBe(map.get(probe))
        expect(open.size).toBe(map.size)
      }
      expect(new Set(open.values())).toEqual(new Set(map.values()))
    }
  })

  it('finds every id of a row that wraps at 2^32, and those that collide on purpose', () => {
    const open = new OpenCalls<{ readonly id: number }>()
    const ids: number[] = []
    for (let id = 0xffff_fff0; ids.length < 40; id = nextCallId(id)) ids.push(id)
    for (let i = 0; i < 40; i += 1) ids.push((1 + i * 0x0400_0000) >>> 0)
    for (const id of ids) open.set(id, { id })
    for (const id of ids) expect(open.get(id)).toEqual({ id })
    for (const id of ids.filter((_, i) => i % 3 === 0)) open.delete(id)
    for (const [i, id] of ids.entries()) expect(open.has(id)).toBe(i % 3 !== 0)
    open.clear()
    expect(open.size).toBe(0)
    expect(open.values()).toEqual([])
  })
})
