/** Decisions: numbered without a gap, in one shape, and indexed. */
import { headings } from '../markdown-text.ts'
import type { Offence, Rule } from '../rule.ts'
import type { SourceFile, Tree } from '../tree.ts'

const FOLDER = 'docs/adr/'
const INDEX = `${FOLDER}README.md`
const NAME = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$/
const STATUS = /^Status: (Proposed|Accepted|Partly built|Built|Replaced by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\))$/m
const SECTIONS = ['Context', 'Decision', 'Consequences', 'Revisions']
const BEGIN = '<!-- index: written by `make fix` -->'
const END = '<!-- end of index -->'

function records(tree: Tree): SourceFile[] {
  return tree.files.filter(({ path }) => path.startsWith(FOLDER) && path !== INDEX)
}

function recordOffences(file: SourceFile, at: number): Offence[] {
  const { path, text } = file
  const name = path.slice(FOLDER.length)
  const number = NAME.exec(name)?.[1]
  if (number === undefined) return [{ path, message: 'is not named like 0001-what-was-decided.md' }]
  const offences: Offence[] = []
  if (Number(number) !== at + 1) offences.push({ path, message: `should be number ${at + 1}: numbers have no gap` })
  const all = headings(text)
  if (!all[0]?.title.startsWith(`${number}. `)) offences.push({ path, message: `the title must begin “# ${number}. ”` })
  if (!STATUS.test(text)) {
    offences.push({
      path,
      message: 'has no line “Status: Proposed, Accepted, Partly built, Built or Replaced by [n](file)”',
    })
  }
  const sections = all.filter(({ level }) => level === 2).map(({ title }) => title)
  if (sections.join() !== SECTIONS.join()) {
    offences.push({ path, message: `must have the sections ${SECTIONS.join(', ')}, in this order and no other` })
  }
  if (!/^\| \d{4}-\d{2}-\d{2} \| .+ \|$/m.test(text.slice(text.indexOf('## Revisions')))) {
    offences.push({ path, message: 'the table of revisions has no row “| 2026-01-31 | what changed |”' })
  }
  return offences
}

/** The README with its index as the records say it is. */
function withIndex(tree: Tree): string {
  const text = tree.file(INDEX)?.text ?? ''
  const rows = records(tree).map(({ path, text: record }) => {
    const name = path.slice(FOLDER.length)
    const title = headings(record)[0]?.title ?? name
    return `| [${title}](${name}) | ${STATUS.exec(record)?.[1] ?? ''} |`
  })
  const table = ['| decision | status |', '| --- | --- |', ...rows].join('\n')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin === -1 || end < begin) return `${text.trimEnd()}\n\n${BEGIN}\n\n${table}\n\n${END}\n`.trimStart()
  return `${text.slice(0, begin)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`
}

export const adr: Rule = {
  name: 'adr',
  asks: `${FOLDER} holds decisions in one shape, numbered without a gap, and its README lists them.`,
  check(tree) {
    const offences = records(tree).flatMap(recordOffences)
    if (tree.file(INDEX)?.text !== withIndex(tree)) {
      offences.push({ path: INDEX, message: 'the index is stale: `make fix` writes it' })
    }
    return offences
  },
  fix: (tree) => ({ [INDEX]: withIndex(tree) }),
}
