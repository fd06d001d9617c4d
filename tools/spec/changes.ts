/** Compares the rules of the prose with those of an earlier registry: an id must keep its meaning. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Registry, Requirement } from './requirements.ts'
import type { Fault, Rule, TextFile } from './rules.ts'

const REGISTRY = 'spec/requirements.json'

/**
 * The registry as it was checked in at `revision`; where there is none (no such file yet, or no git), the one on disk;
 * undefined when there is none either.
 */
export function earlierRegistry(root: string, revision = 'HEAD'): readonly Requirement[] | undefined {
  const text = checkedIn(root, revision) ?? onDisk(root)
  return text === undefined ? undefined : (JSON.parse(text) as Registry).requirements
}

/**
 * Faults of rules whose sentence changed, or that are gone, without a word in the newest section of the changelog:
 * under "Changed" or "Retired", the id in backquotes.
 */
export function unannounced(rules: readonly Rule[], earlier: readonly Requirement[], changelog: TextFile): Fault[] {
  const faults: Fault[] = []
  const now = new Map(rules.map((rule) => [rule.id, rule]))
  const changed = announced(changelog.text, 'Changed')
  const retired = announced(changelog.text, 'Retired')
  for (const { id, text } of earlier) {
    const rule = now.get(id)
    if (rule === undefined) {
      if (retired.has(id)) continue
      faults.push({
        file: changelog.path,
        line: 1,
        message: `rule ${id} is gone: name it under "### Retired", or bring it back`,
      })
    } else if (rule.text !== text && !changed.has(id)) {
      const message = `rule ${id} changed its text, which was "${text}": name it under "### Changed" in ${changelog.path}, or give the new rule its own id`
      faults.push({ file: `spec/${rule.file}`, line: rule.line, message })
    }
  }
  return faults
}

/** Ids in backquotes below `### <heading>` of the first `## ` section. */
function announced(changelog: string, heading: string): Set<string> {
  const ids = new Set<string>()
  let section = 0
  let inside = false
  for (const line of changelog.split('\n')) {
    if (line.startsWith('## ')) section += 1
    if (section > 1) break
    if (/^#{1,3} /.test(line)) inside = line === `### ${heading}`
    if (!inside) continue
    for (const [, id] of line.matchAll(/`([a-z0-9-]+)`/g)) ids.add(id!)
  }
  return ids
}

function checkedIn(root: string, revision: string): string | undefined {
  try {
    return execFileSync('git', ['show', `${revision}:${REGISTRY}`], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined // No git, no such revision, or no registry in it yet: the one on disk is what there is.
  }
}

function onDisk(root: string): string | undefined {
  const path = join(root, REGISTRY)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
