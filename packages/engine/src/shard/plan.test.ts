import { describe, expect, it } from 'vitest'
import { offerFault, ownersOf, scoreOf } from './plan.ts'

const programs = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `program-${i}`, functions: [] }))

describe('the owners of programs', () => {
  it('are the same whatever the order of the programs', () => {
    const some = programs(20)
    const owners = new Map(ownersOf(some, 4).map((owner, at) => [some[at]!.name, owner]))
    const back = some.toReversed()
    expect(ownersOf(back, 4)).toEqual(back.map(({ name }) => owners.get(name)))
  })

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [7, 3],
    [64, 64],
    [1_000, 64],
    [5, 64],
  ])('have no more than an equal part each: %i programs on %i shards', (count, shards) => {
    const owners = ownersOf(programs(count), shards)
    const loads = Array.from({ length: shards }, (_, shard) => owners.filter((owner) => owner === shard).length)
    expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil(count / shards))
    expect(loads.reduce((sum, load) => sum + load, 0)).toBe(count)
  })

  it('stay mostly where they are when a program is added', () => {
    const before = ownersOf(programs(200), 8)
    const after = ownersOf(programs(201), 8)
    expect(before.filter((owner, at) => after[at] !== owner).length).toBeLessThan(20)
  })

  it('do not change from one version to the next without being noticed', () => {
    expect(ownersOf(programs(8), 3)).toEqual([2, 2, 2, 1, 1, 1, 0, 0])
    expect(scoreOf('left', 0)).toBe(1_011_360_939)
  })

  it('follow the score where nobody is full', () => {
    for (const name of ['a', 'resize', 'store', 'Größe']) {
      const scores = Array.from({ length: 16 }, (_, shard) => scoreOf(name, shard))
      expect(ownersOf([{ name, functions: [] }], 16)).toEqual([scores.indexOf(Math.max(...scores))])
    }
  })
})

describe('what a shard offers', () => {
  const names = (count: number, length: number) =>
    Array.from({ length: count }, (_, i) => String(i).padStart(length, 'x'))

  it('may be 1,024 functions and no more', () => {
    expect(offerFault(0, names(1_024, 40))).toBeUndefined()
    expect(offerFault(2, names(1_025, 4))).toBe('shard 2 would serve 1025 functions, above 1024: use more shards')
  })

  it('may fill one HELLO and no more', () => {
    expect(offerFault(1, names(1_024, 47))).toBeUndefined()
    expect(offerFault(1, names(1_024, 48))).toMatch(/^the names of the 1024 functions of shard 1 take \d+ bytes/)
  })
})
