import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import type { Case } from '../runner/case-types.ts'
import type { Outcome } from '../runner/run-case.ts'
import { describeResult } from './console.ts'
import { dumpEntry } from './dump.ts'
import { html } from './html.ts'
import { junit } from './junit.ts'
import type { KnownFailing } from './known-failing.ts'
import { exitCodeOf, makeReport, type Report } from './model.ts'

const CASE: Case = {
  id: 'call/x',
  title: 'A title with <angles> & "quotes"',
  side: 'worker',
  rules: ['call-one-final'],
  needs: [],
  steps: [{ barrier: null }],
}
const PASS: Outcome = {
  case: CASE,
  verdict: 'pass',
  warning: false,
  assertions: 2,
  ms: 3,
  transcript: [],
  stderr: '',
  after: [],
}
const FAIL: Outcome = {
  ...PASS,
  verdict: 'fail',
  failure: { rule: 'call-one-final', code: 'no-message', message: 'nothing came\u0007' },
  transcript: [
    {
      channel: 'worker',
      from: 'peer',
      number: 1,
      summary: 'PONG',
      hex: `2100000000000000${'00'.repeat(8)}07000000${'00'.repeat(44)}`,
    },
  ],
  stderr: 'boom',
}
const WARNING: Outcome = {
  ...FAIL,
  warning: true,
  failure: { rule: 'result-run-time', code: 'wrong-field', message: 'run_us is 0' },
}
const KNOWN: KnownFailing = {
  case: 'call/x',
  cause: 'call-one-final/no-message',
  reason: 'not done yet',
  link: 'docs/x.md',
}

function report(
  outcomes: readonly Outcome[],
  more: { strict?: boolean; known?: readonly KnownFailing[]; whole?: boolean } = {},
): Report {
  return makeReport({
    name: 'tester',
    side: 'worker',
    command: ['python', "it's.py"],
    seed: 9,
    strict: more.strict ?? false,
    started: new Date(0),
    ms: 12,
    outcomes,
    known: more.known ?? [],
    whole: more.whole ?? true,
  })
}

test('the exit code is 0 when all is well, 1 for a broken rule and 2 for what could not be judged', () => {
  expect(exitCodeOf(report([PASS]))).toBe(0)
  expect(exitCodeOf(report([PASS, FAIL]))).toBe(1)
  expect(exitCodeOf(report([PASS, { ...PASS, verdict: 'inconclusive', reason: 'no HELLO' }]))).toBe(2)
})

test('a run in which no assertion was executed is not green', () => {
  expect(exitCodeOf(report([{ ...PASS, verdict: 'not-applicable', assertions: 0 }]))).toBe(2)
  expect(exitCodeOf(report([]))).toBe(2)
})

test('a warning counts only with --strict', () => {
  expect(report([PASS, WARNING]).totals).toMatchObject({ warning: 1, fail: 0 })
  expect(exitCodeOf(report([PASS, WARNING]))).toBe(0)
  expect(exitCodeOf(report([PASS, WARNING], { strict: true }))).toBe(1)
})

test('a known failure is expected only with the cause that the list pins', () => {
  expect(report([FAIL], { known: [KNOWN] }).results[0]!.verdict).toBe('expected-fail')
  const other = report([FAIL], { known: [{ ...KNOWN, cause: 'call-one-final/breach' }] })
  expect(other.results[0]).toMatchObject({
    verdict: 'fail',
    reason: expect.stringContaining('failed with call-one-final/no-message'),
  })
})

test('a known failure that passes, and an entry without a case, are seen', () => {
  const passes = report([PASS], { known: [KNOWN] })
  expect(passes.results[0]!.verdict).toBe('unexpected-pass')
  expect(exitCodeOf(passes)).toBe(1)
  const stale = report([PASS], { known: [{ ...KNOWN, case: 'call/gone' }] })
  expect(stale.faults[0]).toContain('call/gone')
  expect(exitCodeOf(stale)).toBe(2)
  expect(report([PASS], { known: [{ ...KNOWN, case: 'call/gone' }], whole: false }).faults).toEqual([])
})

test('the JSON of a report is what its schema says', () => {
  const schema = JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8')) as object
  const validate = new Ajv2020({ allErrors: true }).compile(schema)
  const document: unknown = JSON.parse(JSON.stringify(report([PASS, FAIL, WARNING])))
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
})

test('a failure shows the rule, its text, the messages and how to run it again', () => {
  const text = describeResult(report([{ ...FAIL, after: ['call/y'] }]).results[0]!, false)
  expect(text).toContain('FAIL call/x')
  expect(text).toContain('rule call-one-final: A callee MUST send exactly one final message')
  expect(text).toContain('spec/4-calls.md#call-one-final')
  expect(text).toContain('07 00 00 00')
  expect(text).toContain("--seed 9 --jobs 1 --case call/y --case call/x -- python 'it'\\''s.py'")
  expect(text).toContain('boom')
})

test('a dump names each field and finds a reserved byte that is set', () => {
  const bytes = Buffer.alloc(64)
  bytes[0] = 0x20
  bytes[28] = 1
  const lines = dumpEntry({ channel: 'w', from: 'runner', number: 1, summary: 'PING', hex: bytes.toString('hex') })
  expect(lines.some((line) => line.includes('# type 32 PING'))).toBe(true)
  expect(lines.some((line) => line.includes('NOT ZERO'))).toBe(true)
})

test('JUnit has no character that XML does not allow, and HTML escapes what cases and workers say', () => {
  const one = report([PASS, FAIL])
  expect(junit(one)).toContain('failures="1"')
  expect(junit(one)).not.toContain('\u0007')
  expect(junit(one)).toContain('&lt;angles&gt;')
  expect(html([one])).toContain('call-one-final')
  expect(html([one])).not.toContain('<angles>')
})
