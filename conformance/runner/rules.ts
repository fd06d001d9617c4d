/** The registry of rules, `spec/requirements.json`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY'

export interface Rule {
  readonly id: string
  readonly level: Level
  readonly roles: readonly ('worker' | 'engine')[]
  readonly text: string
  readonly intent: string
  readonly observable: string
  /** Holds only when this feature was accepted. */
  readonly feature?: string
  /** File and anchor below `spec/`. */
  readonly section: string
}

const PATH = fileURLToPath(new URL('../../spec/requirements.json', import.meta.url))

/** Every rule by its id, in the order of the chapters. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  (JSON.parse(readFileSync(PATH, 'utf8')) as { requirements: Rule[] }).requirements.map((rule) => [rule.id, rule]),
)

/** Whether a rule is absolute: breaking it is a failure. Others give warnings. */
export function isAbsolute(id: string): boolean {
  return RULES.get(id)?.level.startsWith('MUST') ?? true
}

/** Whether the rule says of itself that no test can see it. */
export function isObservable(rule: Rule): boolean {
  return !rule.observable.startsWith('not-observable')
}

/** Where a rule stands, relative to the repository. */
export function ruleLink(rule: Rule): string {
  return `spec/${rule.section}`
}
