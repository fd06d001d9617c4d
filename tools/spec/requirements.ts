/** Makes `spec/requirements.json`, the registry of all rules, from the prose. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Keyword, parseRules, proseFiles, type Role, type Rule } from './rules.ts'

/** One row of the registry. */
export interface Requirement {
  readonly id: string
  /** Its keyword: what a broken one means for a verdict. */
  readonly level: Keyword
  readonly roles: readonly Role[]
  /** The feature it belongs to; left out when it always holds. */
  readonly feature?: string
  readonly text: string
  readonly intent: string
  readonly observable: string
  readonly since: number
  /** File inside `spec/` and anchor. */
  readonly section: string
}

/** The registry as a whole file. */
export interface Registry {
  readonly note: string
  readonly requirements: readonly Requirement[]
}

/**
 * The text of `spec/requirements.json` for the repository at `root`, rules in reading order.
 * Throws an Error that lists every fault with its place when a rule has not the right form, or the rows break
 * `spec/requirements.schema.json`.
 */
export function requirements(root: string): string {
  const { rules, faults } = parseRules(proseFiles(root))
  if (faults.length > 0) {
    throw new Error(
      `the rules in spec/ are faulty:\n${faults.map((one) => `${one.file}:${one.line}: ${one.message}`).join('\n')}`,
    )
  }
  const registry = registryOf(rules)
  const schema = JSON.parse(readFileSync(join(root, 'spec/requirements.schema.json'), 'utf8')) as object
  const ajv = new Ajv2020({ allErrors: true, strict: true })
  if (!ajv.validate(schema, registry)) {
    throw new Error(
      `spec/requirements.json would break its schema:\n${ajv.errorsText(ajv.errors, { separator: '\n' })}`,
    )
  }
  return `${JSON.stringify(registry, undefined, 2)}\n`
}

/** The registry of some rules. */
export function registryOf(rules: readonly Rule[]): Registry {
  return {
    note: 'Generated from the prose of spec/ by tools/spec. Do not edit: run `make generate`.',
    requirements: rules.map(row),
  }
}

function row(rule: Rule): Requirement {
  return {
    id: rule.id,
    level: rule.keyword,
    roles: rule.roles,
    ...(rule.feature === undefined ? {} : { feature: rule.feature }),
    text: rule.text,
    intent: rule.intent,
    observable: rule.observable,
    since: rule.since,
    section: `${rule.file}#${rule.id}`,
  }
}
