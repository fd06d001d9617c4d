import { describe, expect, it } from 'vitest'
import { figureId, judgedFigures } from '../goals.ts'
import { allCases } from './index.ts'
import { COUNTS_BY_BYTES, sizeName } from './sizes.ts'

describe('the cases', () => {
  it('have names of their own, for they are permanent', () => {
    const names = allCases.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('have titles of their own', () => {
    const titles = allCases.map(({ title }) => title)
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([])
  })
})

describe('the goals', () => {
  it('are all of figures that a case gives', () => {
    const given = allCases.flatMap(({ name, keys, places = ['pinned', 'free'] as const }) =>
      places.flatMap((place) => keys.map((key) => figureId(name, place, key))),
    )
    expect(judgedFigures().filter((id) => !given.includes(id))).toEqual([])
    expect(judgedFigures().length).toBeGreaterThan(0)
  })
})

describe('sizeName', () => {
  it.each([
    [0, '0B'],
    [960, '960B'],
    [1_024, '1KiB'],
    [65_536, '64KiB'],
    [1_048_575, '1048575B'],
    [1_048_576, '1MiB'],
  ])('writes %i bytes as %s', (bytes, name) => {
    expect(sizeName(bytes)).toBe(name)
  })

  it('has a count for every size up to 1 MiB', () => {
    expect(COUNTS_BY_BYTES.at(-1)?.upTo).toBe(1_048_576)
    expect(COUNTS_BY_BYTES.map(({ upTo }) => upTo)).toEqual(
      COUNTS_BY_BYTES.map(({ upTo }) => upTo).toSorted((a, b) => a - b),
    )
  })
})
