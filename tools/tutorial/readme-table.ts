/** The table in the README of the minimal workers, between two marks. Pure. */
import type { Counted } from './minimal-workers.ts'

const BEGIN = '<!-- counted -->'
const END = '<!-- /counted -->'

export interface Row extends Counted {
  readonly language: string
  readonly file: string
}

/** The README with this table. Throws when the marks are not there. */
export function withTable(readme: string, rows: readonly Row[]): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`the README has no ${BEGIN} with ${END} behind it`)
  const cells = [
    ['Language', 'File', 'Lines', 'Rules it checks'],
    ...rows.map(({ language, file, lines, rules }) => [language, `[${file}](${file})`, `${lines}`, `${rules}`]),
  ]
  // Columns are aligned as the formatter aligns them.
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  const [head, ...body] = cells.map((row) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const table = [head, rule, ...body].join('\n')
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${readme.slice(end)}`
}
