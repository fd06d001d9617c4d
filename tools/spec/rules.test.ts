import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRules, proseFiles } from './rules.ts'
import { chapter, ruleText } from './testing.ts'

/** The messages of all faults in one chapter. */
function faultsOf(text: string): string[] {
  return parseRules([chapter(text)]).faults.map((fault) => `${fault.line}: ${fault.message}`)
}

describe('a rule', () => {
  test('is read with everything that it says', () => {
    const { rules, faults } = parseRules([chapter(`# 4 Calls\n\n${ruleText({ more: '*Feature:* streaming' })}`)])
    expect(faults).toEqual([])
    expect(rules).toEqual([
      {
        id: 'call-one-final',
        file: '4-calls.md',
        line: 3,
        text: 'A callee MUST send one final message.',
        keyword: 'MUST',
        intent: 'A call without an end leaks.',
        observable: 'One final message comes.',
        roles: ['worker', 'engine'],
        feature: 'streaming',
        since: 1,
      },
    ])
  })

  test.each(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'])('may have the keyword %s', (keyword) => {
    const { rules, faults } = parseRules([chapter(ruleText({ sentence: `The engine ${keyword} wait.` }))])
    expect(faults).toEqual([])
    expect(rules[0]?.keyword).toBe(keyword)
  })

  test.each([
    [
      'two keywords',
      { sentence: 'A worker MUST read and SHOULD write.' },
      '1: rule call-one-final: has 2 keywords (MUST, SHOULD): make it 2 rules',
    ],
    [
      'the same keyword twice',
      { sentence: 'A worker MUST read and MUST write.' },
      '1: rule call-one-final: has 2 keywords (MUST, MUST): make it 2 rules',
    ],
    ['no keyword', { sentence: 'A worker reads.' }, '1: rule call-one-final: has no upper-case keyword'],
    [
      'a keyword in inline code only',
      { sentence: 'A worker `MUST` read.' },
      '1: rule call-one-final: has no upper-case keyword',
    ],
    [
      'a keyword that the document does not use',
      { sentence: 'A worker SHALL read.' },
      '1: rule call-one-final: SHALL is no keyword of this document: use MUST NOT, MUST, SHOULD NOT, SHOULD, MAY',
    ],
    [
      'two sentences',
      { sentence: 'A worker MUST read. It then writes.' },
      '1: rule call-one-final: a rule is one sentence that ends with a full stop',
    ],
    [
      'no full stop',
      { sentence: 'A worker MUST read' },
      '1: rule call-one-final: a rule is one sentence that ends with a full stop',
    ],
    [
      'nobody who obeys',
      { sentence: 'Messages MUST be read.' },
      '1: rule call-one-final: must begin with who obeys, such as "The engine" or "A worker"',
    ],
    [
      'an id with a capital',
      { id: 'Call-final' },
      '1: rule Call-final: an id is a slug of at least two words, such as call-one-final',
    ],
    [
      'an id of one word',
      { id: 'final' },
      '1: rule final: an id is a slug of at least two words, such as call-one-final',
    ],
    ['an unknown role', { roles: 'worker, client' }, '1: rule call-one-final: role "client" is none of worker, engine'],
    [
      'a version that is no number',
      { since: 'soon' },
      '1: rule call-one-final: Since is the number of a protocol version',
    ],
    [
      'not-observable without a reason',
      { observable: 'not-observable' },
      '1: rule call-one-final: not-observable needs a reason: "not-observable: why"',
    ],
    [
      'an unknown label',
      { more: '*Example:* none' },
      '1: rule call-one-final: "Example" is no label: use Intent, Observable as, Roles, Feature, Since',
    ],
    ['a label twice', { more: '*Roles:* worker' }, '1: rule call-one-final: has "Roles" twice'],
  ])('with %s is refused', (_, change, message) => {
    expect(faultsOf(ruleText(change))).toContain(message)
  })

  test.each([
    ['Intent', 'intent'],
    ['Observable as', 'observable'],
    ['Roles', 'roles'],
    ['Since', 'since'],
  ])('without %s is refused', (label, part) => {
    const without = ruleText()
      .split('\n')
      .filter((line) => !line.startsWith(`*${label}:*`))
      .join('\n')
    expect(faultsOf(without)).toContain(`1: rule call-one-final: has no line "*${label}:* ..."`)
    expect(faultsOf(ruleText({ [part]: '' }))).toContain(`1: rule call-one-final: "${label}" is empty`)
  })

  test('without a quoted sentence is refused', () => {
    expect(faultsOf('#### call-one-final\n\nA callee answers.')).toContain(
      '1: rule call-one-final: the line below the heading must be its sentence, quoted with "> "',
    )
  })

  test('with a second quoted line is refused', () => {
    expect(faultsOf(ruleText().replace('\n\n', '\n> And more.\n\n'))).toContain(
      '1: rule call-one-final: a rule is one sentence on one line',
    )
  })

  test('with the id of another, in the same or another file, is refused with the place of the first', () => {
    const { rules, faults } = parseRules([chapter(ruleText()), chapter(ruleText(), 'spec/5-payloads.md')])
    expect(rules).toHaveLength(1)
    expect(faults).toEqual([
      {
        file: 'spec/5-payloads.md',
        line: 1,
        message: 'rule call-one-final is there already, at spec/4-calls.md:1: give this one its own id',
      },
    ])
  })
})

describe('a keyword outside a rule', () => {
  test.each(['MUST', 'MUST NOT', 'SHALL', 'SHOULD', 'MAY', 'REQUIRED', 'RECOMMENDED', 'OPTIONAL'])(
    '%s is refused',
    (keyword) => {
      expect(faultsOf(`# 4 Calls\n\nA worker ${keyword} read.`)).toEqual([
        `3: ${keyword} outside a rule: make it a rule, or write it in lower case`,
      ])
    },
  )

  test('in the intent of a rule is refused', () => {
    expect(faultsOf(ruleText({ intent: 'A call MUST end.' }))).toEqual([
      '4: MUST outside a rule: make it a rule, or write it in lower case',
    ])
  })

  test('in inline code, in a fenced block or inside a longer word is no keyword', () => {
    expect(faultsOf('The keyword `MUST` and MUSTARD.\n\n```text\nMUST\n```\n')).toEqual([])
  })
})

test('the chapters of the repository are read in reading order and have no fault', () => {
  const files = proseFiles(join(import.meta.dirname, '../..'))
  const paths = files.map((file) => file.path)
  expect(paths.indexOf('spec/9-limits.md')).toBeLessThan(paths.indexOf('spec/10-conformance.md'))
  const { rules, faults } = parseRules(files)
  expect(faults).toEqual([])
  expect(rules[0]?.file).toBe('1-messages.md')
})
