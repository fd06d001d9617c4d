import { describe, expect, it } from 'vitest'
import { fencesOf } from './fences.ts'

describe('fencesOf', () => {
  it('gives each block with its language, attributes, step and line, in order', () => {
    const fences = fencesOf('# T\n## One\n```perl part=open\na\nb\n```\ntext\n## Two\n```console dev\n$ x\n```\n')
    expect(fences.map(({ language, line, step, text }) => [language, line, step, text])).toEqual([
      ['perl', 3, 'One', 'a\nb\n'],
      ['console', 9, 'Two', '$ x\n'],
    ])
    expect(fences[0]!.attributes.get('part')).toBe('open')
    expect(fences[1]!.attributes.get('dev')).toBe('')
  })

  it('gives an empty block an empty text', () => {
    expect(fencesOf('```\n```\n')[0]!.text).toBe('')
  })

  it('takes a fence of three within a fence of four as text', () => {
    expect(fencesOf('````md\n```\n```\n````\n').map(({ text }) => text)).toEqual(['```\n```\n'])
  })

  it('names the line of a fence that is never closed', () => {
    expect(() => fencesOf('a\n```perl\nb\n')).toThrow('line 2: this fence is never closed')
  })
})
