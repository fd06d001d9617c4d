import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { examples } from './examples.ts'
import { proseFiles } from './rules.ts'
import { chapter } from './testing.ts'

const PING = '20 00 00 00 00 00 00 00 # type to call_id\n00 00 00 00 00 00 00 00\n07 # nonce'

/** What is wrong with a block of these lines. */
function fault(...lines: string[]): string | undefined {
  return examples([chapter(`\`\`\`message\n${lines.join('\n')}\n\`\`\`\n`)]).faults[0]?.message
}

describe('an example message', () => {
  test('is read whole, with its zeros', () => {
    const found = examples([chapter(`# x\n\n\`\`\`message\n# engine to worker: PING\n${PING}\n\`\`\`\n`)])
    expect(found.faults).toEqual([])
    const [example] = found.examples
    expect(example).toMatchObject({
      file: 'spec/4-calls.md',
      line: 3,
      sender: 'engine',
      type: 'PING',
      breaks: undefined,
    })
    expect(example?.bytes).toHaveLength(1024)
    expect(example?.bytes[16]).toBe(7)
  })

  test('may break the rule that its title names', () => {
    expect(fault('# engine to worker: PING, breaks message-reserved-zero', `${PING}\n00 00 00 01`)).toBeUndefined()
  })

  test.each([
    ['without a title', [PING], 'a message begins with "# worker to engine: TYPE" or "# engine to worker: TYPE"'],
    [
      'from a side to itself',
      ['# worker to worker: PING', PING],
      'a message begins with "# worker to engine: TYPE" or "# engine to worker: TYPE"',
    ],
    [
      'with a word that is no byte',
      ['# engine to worker: PING', '20 0x00'],
      '"0x00" is no byte: write two hexadecimal digits and a space',
    ],
    [
      'with zeros at its end',
      ['# engine to worker: PING', `${PING}\n00`],
      'ends with a zero byte: leave the zeros at the end away',
    ],
    ['with 1,025 bytes', ['# engine to worker: PING', '01 '.repeat(1025)], 'has 1025 bytes, more than 1024'],
    [
      'of another type than its title says',
      ['# worker to engine: PONG', PING],
      'is titled PONG, but its type byte says PING',
    ],
    [
      'that breaks a rule silently',
      ['# engine to worker: PING', `${PING}\n00 00 00 01`],
      'should break no rule, but breaks message-reserved-zero',
    ],
    [
      'that breaks no rule although it says so',
      ['# engine to worker: PING, breaks message-call-id', PING],
      'should break message-call-id, but breaks none',
    ],
    [
      'that breaks another rule than it says',
      ['# engine to worker: PING, breaks message-call-id', `${PING}\n00 00 00 01`],
      'should break message-call-id, but breaks message-reserved-zero',
    ],
  ])('%s is refused', (_, lines, message) => {
    expect(fault(...lines)).toBe(message)
  })
})

test('every example of the prose is what it claims to be', () => {
  const found = examples(proseFiles(join(import.meta.dirname, '../..')))
  expect(found.faults).toEqual([])
  const types = new Set(found.examples.map((example) => example.type))
  for (const type of ['HELLO', 'WELCOME', 'INVOKE', 'RESULT', 'ERROR', 'DATA', 'WINDOW', 'DRAIN', 'GOODBYE']) {
    expect(types).toContain(type)
  }
})
