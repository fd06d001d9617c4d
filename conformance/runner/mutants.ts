/** Proof that the cases can fail: each mutant of `mutants.yaml` must die of the cases, and the causes, that stand there. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import schema from '../mutants.schema.json' with { type: 'json' }
import type { Case } from './case-types.ts'
import { RULES } from './rules.ts'

export interface Mutant {
  readonly id: string
  readonly of: 'worker' | 'engine'
  /** The rule that it breaks. */
  readonly rule: string
  /** What it does wrong, in words. */
  readonly change: string
  /** Cases that must kill it, each with the cause: `rule/code`. */
  readonly killed_by: Readonly<Record<string, string>>
}

const PATH = fileURLToPath(new URL('../mutants.yaml', import.meta.url))

/** How long a run with a mutant waits for what will not come. Unit: milliseconds. */
export const MUTANT_PATIENCE_MS = 1_000
/** How long it waits when the mutant is to die of something that comes. Unit: milliseconds. */
export const MUTANT_WAIT_MS = 10_000

/** Every mutant. Throws with every fault of the file. */
export function loadMutants(path = PATH): Mutant[] {
  const document = parse(readFileSync(path, 'utf8')) as unknown
  const validate = new Ajv2020({ allErrors: true }).compile(schema)
  if (!validate(document)) {
    const faults = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`)
    throw new Error(`mutants.yaml is wrong:\n${faults.join('\n')}`)
  }
  return document as unknown as Mutant[]
}

/** What is wrong between mutants, cases and rules: names that do not exist, cases that kill nothing. */
export function faultsOfMutants(mutants: readonly Mutant[], cases: readonly Case[]): string[] {
  const byId = new Map(cases.map((one) => [one.id, one]))
  const faults: string[] = []
  const seen = new Set<string>()
  for (const mutant of mutants) {
    if (seen.has(mutant.id)) faults.push(`two mutants have the id ${mutant.id}`)
    seen.add(mutant.id)
    if (!RULES.has(mutant.rule)) faults.push(`mutant ${mutant.id} breaks the rule ${mutant.rule}, which does not exist`)
    for (const [id, cause] of Object.entries(mutant.killed_by)) {
      const killer = byId.get(id)
      if (killer === undefined) faults.push(`mutant ${mutant.id} is killed by ${id}, which does not exist`)
      else if (killer.side !== mutant.of)
        faults.push(`mutant ${mutant.id} of the ${mutant.of} is killed by ${id}, a case of the ${killer.side}`)
      if (!RULES.has(cause.split('/')[0]!)) faults.push(`mutant ${mutant.id}: ${cause} names no rule`)
    }
  }
  const killers = new Set(mutants.flatMap((mutant) => Object.keys(mutant.killed_by)))
  for (const one of cases)
    if (!killers.has(one.id)) faults.push(`case ${one.id} kills no mutant: nothing shows that it can fail`)
  return faults
}

/** How long to wait in a run whose cause is known: short only for what must not come. */
export function patienceFor(cause: string): number {
  return /\/(no-message|no-end|no-exit|wrong-output|wrong-segment)$/.test(cause) ? MUTANT_PATIENCE_MS : MUTANT_WAIT_MS
}
