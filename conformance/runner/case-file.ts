/** Reads cases from `conformance/cases`, and refuses what the schema or the registry of rules does not allow. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import schema from '../case.schema.json' with { type: 'json' }
import type { Case } from './case-types.ts'
import { RULES } from './rules.ts'

const ROOT = fileURLToPath(new URL('../cases', import.meta.url))

/** Every case below a folder, by id. Throws with every fault that was found, each with its file. */
export function loadCases(root = ROOT): Case[] {
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)
  const cases: Case[] = []
  const faults: string[] = []
  for (const path of yamlFiles(root)) {
    const name = relative(root, path)
    const document = parse(readFileSync(path, 'utf8')) as unknown
    if (!validate(document)) {
      for (const error of validate.errors ?? []) faults.push(`${name}: ${error.instancePath || '/'} ${error.message}`)
      continue
    }
    const folder = name.replace(/\.yaml$/, '')
    for (const one of document as unknown as Case[]) {
      const full: Case = {
        ...one,
        side: one.side ?? (folder.startsWith('engine') ? 'engine' : 'worker'),
        needs: one.needs ?? [],
      }
      faults.push(...faultsOf(full, name))
      cases.push(full)
    }
  }
  faults.push(...faultsBetween(cases))
  if (faults.length > 0) throw new Error(`cases are wrong:\n${faults.join('\n')}`)
  return cases.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function yamlFiles(root: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function faultsOf(one: Case, file: string): string[] {
  return one.rules.flatMap((id) => {
    const rule = RULES.get(id)
    if (rule === undefined)
      return [`${file}: ${one.id} names the rule ${id}, which spec/requirements.json does not have`]
    // A rule for the other side is what this side, as its receiver, checks.
    return breaches(one).includes(id) || rule.roles.includes(one.side)
      ? []
      : [`${file}: ${one.id} judges the ${one.side} by ${id}, which is not about it`]
  })
}

/** The rules that the case breaks on purpose. */
function breaches(one: Case): string[] {
  return one.steps.flatMap((step) => {
    const broken = step['expect-breach'] as string | string[] | { rule: string | string[] } | undefined
    if (broken === undefined) return []
    return typeof broken === 'object' && 'rule' in broken ? [broken.rule].flat() : [broken].flat()
  })
}

function faultsBetween(cases: readonly Case[]): string[] {
  const ids = new Map<string, number>()
  for (const one of cases) ids.set(one.id, (ids.get(one.id) ?? 0) + 1)
  const twice = [...ids].filter(([, count]) => count > 1).map(([id]) => `two cases have the id ${id}`)
  const lost = cases
    .filter((one) => one.accept_pair !== undefined && !ids.has(one.accept_pair))
    .map((one) => `${one.id} names the accept_pair ${one.accept_pair}, which does not exist`)
  return [...twice, ...lost]
}
