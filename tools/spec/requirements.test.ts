import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Registry, requirements } from './requirements.ts'
import { ruleText } from './testing.ts'

const root = join(import.meta.dirname, '../..')

describe('the registry of a prose', () => {
  let copy = ''
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'millrace-requirements-'))
    mkdirSync(join(copy, 'spec'))
    cpSync(join(root, 'spec/requirements.schema.json'), join(copy, 'spec/requirements.schema.json'))
  })
  afterEach(() => rmSync(copy, { recursive: true }))
  const write = (text: string): void => writeFileSync(join(copy, 'spec/4-calls.md'), text)

  test('has a row for each rule, with its place', () => {
    write(ruleText() + ruleText({ id: 'data-credit', more: '*Feature:* streaming' }))
    const { requirements: rows } = JSON.parse(requirements(copy)) as Registry
    expect(rows).toHaveLength(2)
    expect(rows[0]).toEqual({
      id: 'call-one-final',
      level: 'MUST',
      roles: ['worker', 'engine'],
      text: 'A callee MUST send one final message.',
      intent: 'A call without an end leaks.',
      observable: 'One final message comes.',
      since: 1,
      section: '4-calls.md#call-one-final',
    })
    expect(rows[1]).toMatchObject({ id: 'data-credit', feature: 'streaming' })
  })

  test('is refused, with file and line, when a rule has not the right form', () => {
    write(`\n${ruleText({ sentence: 'A callee answers.' })}`)
    expect(() => requirements(copy)).toThrow('spec/4-calls.md:2: rule call-one-final: has no upper-case keyword')
  })

  test('is refused when a row breaks the schema', () => {
    write(ruleText({ intent: 'no full stop' }))
    expect(() => requirements(copy)).toThrow(/requirements\/0\/intent must match pattern/)
  })

  test('of no rule at all is refused', () => {
    write('# 4 Calls\n')
    expect(() => requirements(copy)).toThrow(/must NOT have fewer than 1 items/)
  })
})

test('every row of the repository points at a heading of its own', () => {
  const { requirements: rows } = JSON.parse(requirements(root)) as Registry
  expect(new Set(rows.map((row) => row.section)).size).toBe(rows.length)
})
