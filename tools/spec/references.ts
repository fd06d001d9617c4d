/** Finds where code and prose name rules, so that a name that is no rule is found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault, type TextFile, withoutFences } from './rules.ts'

/** A place that names a rule. */
export interface Reference {
  readonly id: string
  /** Path from the repository's top folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
}

const LITERALS = [/\bbroken\(\s*'([^']+)'/g, /\brule: '([^']+)'/g]
/** A space, or the end of a comment's line and the mark that begins the next. */
const GAP = String.raw`(?: |\n[ \t]*(?:\*|//) ?)`
const SLUG = '`[a-z0-9-]+`'
const COMMENT = new RegExp(`\\b[Rr]ules?${GAP}(${SLUG}(?:(?:,|${GAP}and)${GAP}${SLUG})*)`, 'g')

/**
 * The rules that a source file names: the first argument of `broken('...')`, the value of `rule: '...'`, and what a
 * comment calls "rule `...`" or "rules `...`, `...` and `...`", on one line or broken over two of one comment.
 */
export function ruleReferences(file: TextFile): Reference[] {
  const found: Reference[] = []
  const add = (id: string, at: number): void => {
    found.push({ id, file: file.path, line: file.text.slice(0, at).split('\n').length })
  }
  for (const pattern of LITERALS) for (const match of file.text.matchAll(pattern)) add(match[1]!, match.index)
  for (const match of file.text.matchAll(COMMENT)) {
    for (const id of match[1]!.matchAll(/`([a-z0-9-]+)`/g))
      add(id[1]!, match.index + match[0].indexOf(match[1]!) + id.index)
  }
  return found
}

/** The rules that a file of golden vectors names: `rule` and `rules` of each vector. */
export function vectorReferences(file: TextFile): Reference[] {
  return file.text
    .split('\n')
    .flatMap((text, i) =>
      [...text.matchAll(/"rules?":(\[[^\]]*\]|"[^"]*")/g)].flatMap((match) =>
        [...match[1]!.matchAll(/"([^"]+)"/g)].map(([, id]) => ({ id: id!, file: file.path, line: i + 1 })),
      ),
    )
}

/** The files of golden vectors; none when they are not generated yet. */
export function vectorFiles(root: string): TextFile[] {
  const folder = join(root, 'spec/vectors')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ path: `spec/vectors/${name}`, text: readFileSync(join(folder, name), 'utf8') }))
}

/** Source files under `packages/<package>/src` that are written by hand and are no tests. */
export function sourceFiles(root: string): TextFile[] {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join('packages', name, 'src')
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('generated/'))
      .sort()
      .map((path) => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') }))
  })
}

/** Links between chapters whose file or anchor does not exist. */
export function brokenLinks(files: readonly TextFile[], exists: (path: string) => boolean): Fault[] {
  const anchors = new Map(files.map((file) => [file.path, anchorsOf(file.text)]))
  const faults: Fault[] = []
  for (const file of files) {
    withoutFences(file.text).forEach((line, i) => {
      for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue
        const [name, anchor] = target!.split('#')
        const path = name === '' ? file.path : `spec/${name}`
        const complain = (what: string): void => {
          faults.push({ file: file.path, line: i + 1, message: `link to ${target}: ${what}` })
        }
        if (!exists(path)) complain(`there is no ${path}`)
        else if (anchor !== undefined && anchors.get(path)?.has(anchor) !== true)
          complain(`${path} has no heading ${anchor}`)
      }
    })
  }
  return faults
}

/** Anchors of a Markdown file, as GitHub makes them from headings, and those set by hand. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const line of withoutFences(text)) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1]
    if (heading !== undefined)
      anchors.add(
        heading
          .toLowerCase()
          .replace(/[^a-z0-9 _-]/g, '')
          .replaceAll(' ', '-'),
      )
    for (const [, id] of line.matchAll(/<a id="([^"]+)">/g)) anchors.add(id!)
  }
  return anchors
}
