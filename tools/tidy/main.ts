/**
 * The house rules, executed. Prints every offence as `path:line: what is wrong (rule)`.
 *
 *   node tools/tidy/main.ts [--fix] [--rules]
 *
 * `--fix` writes what can be derived: a lower size ratchet, the index of decisions. `--rules` lists the rules.
 * Exit codes: 0 none, 1 some.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rule } from './rule.ts'
import { adr } from './rules/adr.ts'
import { changelog } from './rules/changelog.ts'
import { generated } from './rules/generated.ts'
import { imports } from './rules/imports.ts'
import { lock } from './rules/lock.ts'
import { markdown } from './rules/markdown.ts'
import { os } from './rules/os.ts'
import { places } from './rules/places.ts'
import { silenced } from './rules/silenced.ts'
import { sizes } from './rules/sizes.ts'
import { waits } from './rules/waits.ts'
import { words } from './rules/words.ts'
import { readTree } from './tree.ts'

const RULES: readonly Rule[] = [
  imports,
  os,
  words,
  sizes,
  places,
  waits,
  silenced,
  markdown,
  changelog,
  adr,
  generated,
  lock,
]

const root = join(import.meta.dirname, '../..')
if (process.argv.includes('--rules')) {
  for (const rule of RULES) console.log(`${rule.name}: ${rule.asks}`)
  process.exit(0)
}

if (process.argv.includes('--fix')) {
  const tree = readTree(root)
  for (const rule of RULES) {
    for (const [path, text] of Object.entries(rule.fix?.(tree) ?? {})) {
      if (tree.file(path)?.text === text) continue
      writeFileSync(join(root, path), text)
      console.log(`wrote ${path}`)
    }
  }
}

const tree = readTree(root)
let offences = 0
for (const rule of RULES) {
  for (const { path, line, message } of rule.check(tree)) {
    offences += 1
    console.error(`${path}${line === undefined ? '' : `:${line}`}: ${message} (${rule.name})`)
  }
}
const warnings = RULES.flatMap((rule) => rule.warnings?.(tree) ?? [])
for (const { path, message } of warnings) console.log(`note: ${path} ${message}`)
console.log(`${RULES.length} rules, ${tree.files.length} files, ${offences} offences`)
process.exitCode = offences > 0 ? 1 : 0
