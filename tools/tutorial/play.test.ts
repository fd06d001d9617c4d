import { describe, expect, it } from 'vitest'
import { commandsOf } from './play.ts'

describe('commandsOf', () => {
  it('gives each command the lines up to the next one', () => {
    expect(commandsOf('$ one\na\nb\n$ two\n')).toEqual([
      { command: 'one', quoted: ['a', 'b'] },
      { command: 'two', quoted: [] },
    ])
  })

  it('refuses a session that begins with output', () => {
    expect(() => commandsOf('a\n$ one\n')).toThrow('begins with "$ "')
  })
})
