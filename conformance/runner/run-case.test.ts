/** The runner against workers that misbehave: each must get the verdict that it deserves, and for the right reason. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadCases } from './case-file.ts'
import type { Case } from './case-types.ts'
import { isClean, type Outcome } from './run-case.ts'
import { runWorkerSuite } from './suite.ts'

const MUTANT = [
  process.execPath,
  '--conditions=millrace-source',
  fileURLToPath(new URL('../mutant-worker.ts', import.meta.url)),
]
const CASES = new Map(loadCases().map((one) => [one.id, one]))
const PATIENCE_MS = 20_000

async function judge(ids: readonly string[], mutant = '', command = MUTANT): Promise<Outcome[]> {
  const cases = ids.map((id) => CASES.get(id)!)
  return await runWorkerSuite(
    { command, env: { MILLRACE_MUTANT: mutant }, patienceMs: PATIENCE_MS },
    { cases, seed: 7, jobs: 1 },
  )
}

test('a worker that obeys the rules passes, and cases that leave it clean share one process', async () => {
  const outcomes = await judge(['call/echo-inline', 'call/echo-960', 'lifecycle/drain-idle'])
  expect(outcomes.map((one) => one.verdict)).toEqual(['pass', 'pass', 'pass'])
  expect(outcomes.map((one) => one.after)).toEqual([[], ['call/echo-inline'], []])
})

test('a worker that breaks a rule in any case fails by that rule, whatever the case is about', async () => {
  const [outcome] = await judge(['lifecycle/ping-once'], 'call-id-on-pong')
  expect(outcome!.verdict).toBe('fail')
  expect(outcome!.failure).toMatchObject({ rule: 'message-call-id', code: 'breach' })
  expect(outcome!.transcript.some((entry) => entry.from === 'peer' && entry.summary.startsWith('PONG'))).toBe(true)
})

test('a worker that lets a wrong message pass fails by what it answers, without waiting', async () => {
  const [outcome] = await judge(['message/reserved-invoke-first'], 'lax-message-reserved-zero')
  expect(outcome!.failure).toMatchObject({ rule: 'message-reserved-zero', code: 'wrong-type' })
})

test('a rule with SHOULD gives a warning', async () => {
  const [outcome] = await judge(['call/run-time'], 'run-time-zero')
  expect(outcome).toMatchObject({ verdict: 'fail', warning: true, failure: { rule: 'result-run-time' } })
})

test('a case of a feature that is not offered is not applicable', async () => {
  const [outcome] = await judge(['payload/output-961'], 'offers-nothing')
  expect(outcome).toMatchObject({ verdict: 'not-applicable', reason: 'HELLO does not offer streaming', assertions: 0 })
})

test('a program that is no worker is inconclusive and never green', async () => {
  const [outcome] = await judge(['call/echo-inline'], '', ['sh', '-c', 'echo oops >&2; exit 5'])
  expect(outcome!.verdict).toBe('inconclusive')
  expect(outcome!.reason).toContain('ended with 5 before HELLO')
  expect(outcome!.reason).toContain('oops')
})

test('a command that does not exist is inconclusive', async () => {
  const [outcome] = await judge(['call/echo-inline'], '', ['/no/such/program'])
  expect(outcome!.verdict).toBe('inconclusive')
})

test('a case that asserts nothing fails', async () => {
  const empty: Case = {
    ...CASES.get('call/echo-inline')!,
    id: 'call/empty',
    steps: [{ invoke: { call: 'c1', function: 'echo' } }],
    names: {},
  }
  const [outcome] = await runWorkerSuite(
    { command: MUTANT, patienceMs: PATIENCE_MS },
    { cases: [empty], seed: 1, jobs: 1 },
  )
  expect(outcome).toMatchObject({ verdict: 'fail', failure: { code: 'no-assertion' } })
})

test('the same seed gives the same payloads, another seed others', async () => {
  const inputs: string[] = []
  for (const seed of [1, 1, 2]) {
    const broken = {
      ...CASES.get('call/echo-1')!,
      steps: [{ invoke: { call: 'c1', function: 'echo', body: { random: 8 } } }, { result: { call: 'c1', body: '' } }],
    }
    const [outcome] = await runWorkerSuite(
      { command: MUTANT, patienceMs: PATIENCE_MS },
      { cases: [broken], seed, jobs: 1 },
    )
    inputs.push(outcome!.failure!.message.split('got ').at(-1)!)
  }
  expect(inputs[0]).toBe(inputs[1])
  expect(inputs[2]).not.toBe(inputs[0])
})

test('a case that ends the channel, or moves its ids far, is not followed by another on its process', () => {
  expect(isClean(CASES.get('call/echo-inline')!)).toBe(true)
  expect(isClean(CASES.get('lifecycle/drain-idle')!)).toBe(false)
  expect(isClean(CASES.get('call/id-gap')!)).toBe(false)
  expect(isClean(CASES.get('message/type-zero')!)).toBe(false)
})
