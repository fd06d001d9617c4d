import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadCases } from './case-file.ts'
import { faultsOfMutants, loadMutants } from './mutants.ts'

let folder: string | undefined
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true })
  folder = undefined
})

function withCase(text: string): () => unknown {
  folder = mkdtempSync(join(tmpdir(), 'cases-'))
  writeFileSync(join(folder, 'x.yaml'), text)
  const root = folder
  return () => loadCases(root)
}

const CASE = `- id: call/x
  title: A title that is long enough
  rules: [call-one-final]
  steps:
    - invoke: { call: c1, function: echo }
`

test('every case that is shipped can be read, and kills a mutant', () => {
  const cases = loadCases()
  expect(cases.length).toBeGreaterThan(0)
  expect(faultsOfMutants(loadMutants(), cases)).toEqual([])
})

test('a case is refused that names a rule which does not exist, or one of the other side', () => {
  expect(withCase(CASE.replace('call-one-final', 'no-such-rule'))).toThrow('no-such-rule')
  expect(withCase(CASE.replace('call-one-final', 'welcome-limits'))).toThrow('not about it')
})

test('a case is refused whose step does not exist or has an unknown key', () => {
  expect(withCase(CASE.replace('invoke:', 'invok:'))).toThrow('must NOT have additional properties')
  expect(withCase(CASE.replace('call: c1', 'cal: c1'))).toThrow('must NOT have additional properties')
})

test('two cases with one id, and an accept_pair that does not exist, are refused', () => {
  expect(withCase(CASE + CASE)).toThrow('two cases have the id call/x')
  expect(withCase(CASE.replace('  steps:', '  accept_pair: call/y\n  steps:'))).toThrow('accept_pair call/y')
})

test('a case without a mutant, and a mutant without a case, are faults', () => {
  const cases = loadCases()
  const [one, two] = loadMutants()
  expect(faultsOfMutants([one!], cases)).toContain(
    `case call/any kills no mutant: nothing shows that it can fail`.replace(
      'call/any',
      cases.find((c) => !(c.id in one!.killed_by))!.id,
    ),
  )
  expect(faultsOfMutants([{ ...two!, killed_by: { 'no/case': 'message-size/breach' } }], cases)[0]).toContain('no/case')
})
