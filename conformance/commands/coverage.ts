/** `coverage`: writes `spec/coverage.md`, which says for each rule what shows it, and refuses gaps that nobody excused. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { coverageOf, type Exclusions, faultsOfCoverage, markdown } from '../report/coverage.ts'
import { loadCases } from '../runner/case-file.ts'
import { faultsOfMutants, loadMutants } from '../runner/mutants.ts'
import { RULES } from '../runner/rules.ts'

const PATH = fileURLToPath(new URL('../../spec/coverage.md', import.meta.url))
const EXCLUSIONS = fileURLToPath(new URL('../exclusions.yaml', import.meta.url))

const text = { type: 'string', minLength: 8 }
const validate = new Ajv2020({ allErrors: true }).compile({
  type: 'object',
  additionalProperties: false,
  required: ['ceiling', 'exclusions'],
  properties: {
    ceiling: {
      type: 'object',
      additionalProperties: false,
      required: ['harness-gap', 'not-observable'],
      properties: { 'harness-gap': { type: 'integer' }, 'not-observable': { type: 'integer' } },
    },
    exclusions: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['rule', 'role', 'kind'],
        properties: {
          rule: { type: 'string' },
          role: { enum: ['worker', 'engine'] },
          kind: { enum: ['harness-gap', 'not-observable'] },
          plan: text,
          reason: text,
        },
        oneOf: [
          { properties: { kind: { const: 'harness-gap' } }, required: ['plan'] },
          { properties: { kind: { const: 'not-observable' } }, required: ['reason'] },
        ],
      },
    },
  },
})

export function coverage(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean', default: false } } })
  const exclusions = parse(readFileSync(EXCLUSIONS, 'utf8')) as Exclusions
  if (!validate(exclusions)) {
    const faults = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`)
    throw new Error(`exclusions.yaml is wrong:\n${faults.join('\n')}`)
  }
  const cases = loadCases()
  const mutants = loadMutants()
  const rows = coverageOf([...RULES.values()], cases, mutants, exclusions)
  const faults = [...faultsOfMutants(mutants, cases), ...faultsOfCoverage(rows, exclusions)]
  const page = markdown(rows, cases, mutants, exclusions)
  if (values.check) {
    if (readFileSync(PATH, 'utf8') !== page) faults.push('spec/coverage.md is stale: run millrace-conformance coverage')
  } else writeFileSync(PATH, page)
  for (const fault of faults) console.log(`FAULT ${fault}`)
  console.log(`${rows.length} rules by role, ${cases.length} cases, ${mutants.length} mutants, ${faults.length} faults`)
  return faults.length === 0 ? 0 : 1
}
