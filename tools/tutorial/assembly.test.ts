import { describe, expect, it } from 'vitest'
import { Assembly } from './assembly.ts'

function assembly(...parts: readonly [string, string][]): Assembly {
  const made = new Assembly()
  for (const [name, text] of parts) made.give(name, text)
  return made
}

describe('Assembly', () => {
  it('keeps main last whenever it came, and puts a blank line between parts', () => {
    expect(assembly(['a', 'a\n'], ['main', 'm\n'], ['b', 'b\n']).text).toBe('a\n\nb\n\nm\n')
  })

  it('replaces a part in its place', () => {
    expect(assembly(['a', 'a\n'], ['b', 'b\n'], ['a', 'A\n']).text).toBe('A\n\nb\n')
  })

  it('takes an edit back at restore and at the next part', () => {
    const made = assembly(['a', 'one\ntwo\n'])
    made.edit('-two\n+2\n')
    expect(made.text).toBe('one\n2\n')
    made.restore()
    expect(made.text).toBe('one\ntwo\n')
    made.edit('-two\n+2\n')
    made.give('b', 'b\n')
    expect(made.text).toBe('one\ntwo\n\nb\n')
  })

  it.each([
    ['takes nothing away', '+x\n', 'the diff takes no line away'],
    ['takes away what is not there', '-three\n', 'are 0 times in the worker'],
    ['takes away what is there twice', '-same\n', 'are 2 times in the worker'],
  ])('refuses a diff that %s', (_, diff, message) => {
    expect(() => assembly(['a', 'same\nsame\n']).edit(diff)).toThrow(message)
  })
})
