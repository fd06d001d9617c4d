/** Lists of failures that are known: each pinned to its cause, so that another failure, or none, is seen. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import type { Outcome } from '../runner/run-case.ts'

export interface KnownFailing {
  readonly case: string
  /** `rule/code` of the failure. */
  readonly cause: string
  /** Why it fails. */
  readonly reason: string
  /** Where it is being mended. */
  readonly link: string
}

const text = { type: 'string', minLength: 1 }
const validate = new Ajv2020({ allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['case', 'cause', 'reason', 'link'],
    properties: { case: text, cause: { type: 'string', pattern: '^[a-z0-9-]+/[a-z-]+$' }, reason: text, link: text },
  },
})

/** Reads a list. Throws with what is wrong in it. */
export function loadKnown(path: string): KnownFailing[] {
  const document = parse(readFileSync(path, 'utf8')) as unknown
  if (validate(document ?? [])) return (document ?? []) as KnownFailing[]
  const faults = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`)
  throw new Error(`${path} is wrong: each entry needs case, cause (rule/code), reason and link\n${faults.join('\n')}`)
}

/** Holds outcomes against a list. `whole`: every case ran, so an entry without a case is stale. */
export function applyKnown(
  outcomes: readonly Outcome[],
  known: readonly KnownFailing[],
  whole: boolean,
): { outcomes: Outcome[]; faults: string[] } {
  const byCase = new Map(known.map((one) => [one.case, one]))
  const faults = whole
    ? known
        .filter((one) => !outcomes.some((outcome) => outcome.case.id === one.case))
        .map((one) => `the known-failing list names ${one.case}, which is no case: remove it`)
    : []
  return { outcomes: outcomes.map((one) => judged(one, byCase.get(one.case.id))), faults }
}

function judged(one: Outcome, known: KnownFailing | undefined): Outcome {
  if (known === undefined) return one
  if (one.verdict === 'pass')
    return { ...one, verdict: 'unexpected-pass', reason: `known to fail with ${known.cause}: remove it from the list` }
  if (one.verdict !== 'fail') return one
  const cause = `${one.failure!.rule}/${one.failure!.code}`
  return cause === known.cause
    ? { ...one, verdict: 'expected-fail', reason: `${known.reason} (${known.link})` }
    : { ...one, reason: `known to fail with ${known.cause}, and failed with ${cause}` }
}
