/**
 * Reads the prose of `spec/` and finds its rules. A rule is a heading of the fourth level with one quoted sentence and
 * four or five labelled lines; whatever else the prose says is explanation and may not have an upper-case keyword.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The keywords of BCP 14 that a rule may have. */
export const KEYWORDS = ['MUST NOT', 'MUST', 'SHOULD NOT', 'SHOULD', 'MAY'] as const
export type Keyword = (typeof KEYWORDS)[number]

export const ROLES = ['worker', 'engine'] as const
export type Role = (typeof ROLES)[number]

/** One rule of the prose. */
export interface Rule {
  /** Permanent slug. */
  readonly id: string
  /** File name inside `spec/`. */
  readonly file: string
  /** Line of its heading, from 1. */
  readonly line: number
  /** The quoted sentence. */
  readonly text: string
  readonly keyword: Keyword
  readonly intent: string
  readonly observable: string
  /** Who must obey. */
  readonly roles: readonly Role[]
  /** The feature it belongs to; undefined: it always holds. */
  readonly feature: string | undefined
  /** The first protocol version that has it. */
  readonly since: number
}

/** Something wrong in a file: where, and what to do about it. */
export interface Fault {
  /** Path from the repository's top folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** A text file of the repository. */
export interface TextFile {
  /** Path from the repository's top folder. */
  readonly path: string
  readonly text: string
}

/** Every upper-case word that BCP 14 gives a meaning to, the ones that this document does not use included. */
const ANY_KEYWORD =
  /\b(?:MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b/g
const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/
const ACTOR = /^(?:The|An?|Each) (?:[a-z]+ )?(?:engine|worker|side|sender|receiver|caller|callee)\b/
const LABELS = ['Intent', 'Observable as', 'Roles', 'Feature', 'Since'] as const
type Label = (typeof LABELS)[number]

/** Generated from the rules and the cases: a table of both, with no rule of its own. */
const COVERAGE = 'coverage.md'

/** Every Markdown file of `spec/`, in name order. */
export function proseFiles(root: string): TextFile[] {
  return readdirSync(join(root, 'spec'))
    .filter((name) => name.endsWith('.md') && name !== COVERAGE)
    .sort(byChapter)
    .map((name) => ({ path: `spec/${name}`, text: readFileSync(join(root, 'spec', name), 'utf8') }))
}

/** The rules of all files in reading order, and everything that is wrong with their form. */
export function parseRules(files: readonly TextFile[]): { rules: Rule[]; faults: Fault[] } {
  const rules: Rule[] = []
  const faults: Fault[] = []
  const places = new Map<string, string>()
  for (const file of files) {
    for (const rule of parseFile(file, faults)) {
      const before = places.get(rule.id)
      const place = `${file.path}:${rule.line}`
      if (before !== undefined) {
        faults.push({
          file: file.path,
          line: rule.line,
          message: `rule ${rule.id} is there already, at ${before}: give this one its own id`,
        })
      } else {
        places.set(rule.id, place)
        rules.push(rule)
      }
    }
  }
  return { rules, faults }
}

/** Lines of a text with its fenced blocks blanked, so that what is inside them is neither heading nor prose. */
export function withoutFences(text: string): string[] {
  let inside = false
  return text.split('\n').map((line) => {
    if (!line.startsWith('```')) return inside ? '' : line
    inside = !inside
    return ''
  })
}

function parseFile(file: TextFile, faults: Fault[]): Rule[] {
  const lines = withoutFences(file.text)
  const rules: Rule[] = []
  const sentences = new Set<number>()
  for (let i = 0; i < lines.length; i += 1) {
    const id = /^#### (.*)$/.exec(lines[i]!)?.[1]
    if (id === undefined) continue
    const complain = (message: string): void => {
      faults.push({ file: file.path, line: i + 1, message: `rule ${id}: ${message}` })
    }
    if (!SLUG.test(id)) complain('an id is a slug of at least two words, such as call-one-final')
    const next = lines.findIndex((line, at) => at > i && /^#{1,4} /.test(line))
    const rule = parseRule(lines, i, next === -1 ? lines.length : next, complain)
    sentences.add(i + 1)
    if (rule !== undefined) rules.push({ id, file: file.path.replace(/^spec\//, ''), line: i + 1, ...rule })
  }
  lines.forEach((line, i) => {
    if (sentences.has(i)) return
    for (const keyword of keywordsIn(line)) {
      faults.push({
        file: file.path,
        line: i + 1,
        message: `${keyword} outside a rule: make it a rule, or write it in lower case`,
      })
    }
  })
  return rules
}

function parseRule(
  lines: readonly string[],
  heading: number,
  end: number,
  complain: (message: string) => void,
): Omit<Rule, 'id' | 'file' | 'line'> | undefined {
  const quoted = lines[heading + 1] ?? ''
  if (!quoted.startsWith('> ')) {
    complain('the line below the heading must be its sentence, quoted with "> "')
    return undefined
  }
  const text = quoted.slice(2)
  const keyword = sentence(text, complain)
  if (lines[heading + 2]?.startsWith('>')) complain('a rule is one sentence on one line')
  const labels = readLabels(lines.slice(heading + 2, end), complain)
  for (const label of LABELS) {
    if (label !== 'Feature' && labels.get(label) === undefined) complain(`has no line "*${label}:* ..."`)
  }
  const roles = (labels.get('Roles') ?? '').split(', ')
  for (const role of roles) if (!isRole(role)) complain(`role "${role}" is none of ${ROLES.join(', ')}`)
  const since = Number(labels.get('Since'))
  if (!Number.isInteger(since) || since < 1) complain('Since is the number of a protocol version')
  const observable = labels.get('Observable as') ?? ''
  if (/^`?not-observable/.test(observable) && !/^not-observable: \S/.test(observable)) {
    complain('not-observable needs a reason: "not-observable: why"')
  }
  if (keyword === undefined) return undefined
  const intent = labels.get('Intent') ?? ''
  return { text, keyword, intent, observable, roles: roles.filter(isRole), feature: labels.get('Feature'), since }
}

/** Checks the sentence and returns its one keyword. */
function sentence(text: string, complain: (message: string) => void): Keyword | undefined {
  const found = keywordsIn(text)
  if (found.length !== 1) {
    complain(
      found.length === 0
        ? 'has no upper-case keyword'
        : `has ${found.length} keywords (${found.join(', ')}): make it ${found.length} rules`,
    )
    return undefined
  }
  if (!text.endsWith('.') || /\. [A-Z`]/.test(text)) complain('a rule is one sentence that ends with a full stop')
  if (!ACTOR.test(text)) complain('must begin with who obeys, such as "The engine" or "A worker"')
  const keyword = KEYWORDS.find((one) => one === found[0])
  if (keyword === undefined) complain(`${found[0]} is no keyword of this document: use ${KEYWORDS.join(', ')}`)
  return keyword
}

function readLabels(lines: readonly string[], complain: (message: string) => void): Map<Label, string> {
  const labels = new Map<Label, string>()
  for (const line of lines) {
    const match = /^\*([A-Z][A-Za-z ]*):\*(.*)$/.exec(line)
    if (match === null) continue
    const label = LABELS.find((one) => one === match[1])
    const value = match[2]!.trim()
    if (label === undefined) complain(`"${match[1]}" is no label: use ${LABELS.join(', ')}`)
    else if (labels.has(label)) complain(`has "${label}" twice`)
    else if (value === '') complain(`"${label}" is empty`)
    else labels.set(label, value)
  }
  return labels
}

/** Keywords that are used, not mentioned: inline code does not count. */
function keywordsIn(line: string): string[] {
  return line.replace(/`[^`]*`/g, '').match(ANY_KEYWORD) ?? []
}

function isRole(role: string): role is Role {
  return ROLES.some((one) => one === role)
}

/** `2-channel.md` before `10-conformance.md`, and numbered chapters before the rest. */
function byChapter(a: string, b: string): number {
  const number = (name: string): number => Number(/^\d+/.exec(name)?.[0] ?? Number.POSITIVE_INFINITY)
  return number(a) === number(b) ? (a < b ? -1 : 1) : number(a) - number(b)
}
