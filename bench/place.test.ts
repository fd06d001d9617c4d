import { describe, expect, it } from 'vitest'
import { commandAt, parseCoreList } from './place.ts'

describe('parseCoreList', () => {
  it('takes single cores, ranges and both', () => {
    expect(parseCoreList('0')).toEqual([0])
    expect(parseCoreList('0-3')).toEqual([0, 1, 2, 3])
    expect(parseCoreList('1,4-5,9')).toEqual([1, 4, 5, 9])
  })
})

describe('commandAt', () => {
  it('puts taskset before a pinned command and nothing before a free one', () => {
    expect(commandAt({ name: 'pinned', core: 3 }, ['node', 'x'])).toEqual(['taskset', '-c', '3', 'node', 'x'])
    expect(commandAt({ name: 'free', core: undefined }, ['node', 'x'])).toEqual(['node', 'x'])
  })
})
