/**
 * Refuses prose that is not fit to be a specification: rules of the wrong form, keywords outside a rule, names of
 * rules that do not exist, rules that changed or went without a word, links and examples that are wrong.
 *
 *   node --conditions=millrace-source tools/spec/lint.ts [--against <git revision>]
 *
 * `--against`: the revision whose `spec/requirements.json` says what the rules were; HEAD by default.
 * Exit codes: 0 clean, 1 faults (one a line, as file:line: what).
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadLayout } from '../generate/layout.ts'
import { earlierRegistry, unannounced } from './changes.ts'
import { examples } from './examples.ts'
import {
  brokenLinks,
  type Reference,
  ruleReferences,
  sourceFiles,
  vectorFiles,
  vectorReferences,
} from './references.ts'
import type { Requirement } from './requirements.ts'
import { type Fault, parseRules, proseFiles, type Rule, type TextFile } from './rules.ts'
import { loadStates } from './states.ts'

/** Everything that the linter looks at. */
export interface Material {
  /** The chapters, and with them the changelog. */
  readonly prose: readonly TextFile[]
  /** Source files that may name rules. */
  readonly sources: readonly TextFile[]
  /** Files of golden vectors, each of which names its rules. */
  readonly vectors: readonly TextFile[]
  /** Names of the features that a rule may belong to. */
  readonly features: readonly string[]
  /** The rules as they were; undefined: there were none. */
  readonly earlier: readonly Requirement[] | undefined
  /** Whether a path from the repository's top folder exists. */
  readonly exists: (path: string) => boolean
}

/** What a clean prose has, and the faults of one that is not. */
export interface Report {
  readonly rules: readonly Rule[]
  readonly examples: number
  readonly faults: readonly Fault[]
}

const CHANGELOG = 'spec/CHANGELOG.md'

/** Every fault of the material, by file and line. Reads nothing itself. */
export function lint(material: Material): Report {
  const { prose, sources, vectors, features, earlier, exists } = material
  const { rules, faults } = parseRules(prose)
  const ids = new Set(rules.map((rule) => rule.id))
  for (const rule of rules) {
    if (rule.feature === undefined || features.includes(rule.feature)) continue
    const message = `rule ${rule.id}: there is no feature ${rule.feature} in spec/layout.yaml`
    faults.push({ file: `spec/${rule.file}`, line: rule.line, message })
  }
  const worked = examples(prose)
  const named: Reference[] = [
    ...sources.flatMap(ruleReferences),
    ...vectors.flatMap(vectorReferences),
    ...worked.examples.flatMap(({ breaks, file, line }) => (breaks === undefined ? [] : [{ id: breaks, file, line }])),
  ]
  for (const { id, file, line } of named) {
    if (!ids.has(id))
      faults.push({ file, line, message: `there is no rule ${id} in spec/: mend the name, or write the rule` })
  }
  faults.push(...worked.faults, ...brokenLinks(prose, exists))
  const changelog = prose.find((file) => file.path === CHANGELOG)
  if (changelog === undefined)
    faults.push({ file: CHANGELOG, line: 1, message: 'is missing: changes of rules are named there' })
  else if (earlier !== undefined) faults.push(...unannounced(rules, earlier, changelog))
  faults.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
  return { rules, examples: worked.examples.length, faults }
}

function main(args: readonly string[]): number {
  const root = join(import.meta.dirname, '../..')
  const at = args.indexOf('--against')
  const {
    rules,
    examples: shown,
    faults,
  } = lint({
    prose: proseFiles(root),
    sources: sourceFiles(root),
    vectors: vectorFiles(root),
    features: loadLayout(root).features.map((feature) => feature.name),
    earlier: earlierRegistry(root, at === -1 ? undefined : args[at + 1]),
    exists: (path) => existsSync(join(root, path)),
  })
  for (const { file, line, message } of faults) console.error(`${file}:${line}: ${message}`)
  if (faults.length > 0) return 1
  const machines = Object.keys(loadStates(root)).length
  console.log(`spec: ${rules.length} rules, ${shown} example messages, ${machines} state tables, no fault`)
  return 0
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
