/** A run as a table for the terminal, and as Markdown. Pure. */
import type { Figure } from '../figures.ts'
import type { Results } from '../results.ts'
import { COLUMNS, cellsOf } from './cells.ts'

/** All figures, then once more those that have a bound, for they are lost among the others. */
export function consoleReport(results: Results): string {
  const judged = results.figures.filter(isJudged)
  const again = judged.length === 0 || judged.length === results.figures.length
  return [
    columns(results.figures),
    ...(again ? [] : ['\nof these, with a bound:\n', columns(judged)]),
    '',
    ...conditions(results),
  ].join('\n')
}

/** Columns side by side, numbers to the right. */
function columns(figures: readonly Figure[]): string {
  const rows = [[...COLUMNS], ...figures.map(cellsOf)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

export function markdownReport(results: Results): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = (figures: readonly Figure[]): string[] => [
    row(COLUMNS),
    row(['---', '---:', '---:', '---:', '---', '---']),
    ...figures.map(cellsOf).map(row),
  ]
  const facts = conditions(results).map((line) => `- ${line}`)
  const judged = table(results.figures.filter(isJudged))
  const all = table(results.figures)
  return [
    '# Results of the bench',
    '',
    ...facts,
    '',
    '## With a bound',
    '',
    ...judged,
    '',
    '## All',
    '',
    ...all,
    '',
  ].join('\n')
}

function isJudged({ must, goal }: Figure): boolean {
  return must !== undefined || goal !== undefined
}

/** What the figures were measured under. */
function conditions(results: Results): string[] {
  const { machine, weather, quick, rounds, pinnedCore } = results
  const percent = (weather.steal * 100).toFixed(1)
  return [
    `${results.at}, commit ${machine.commit}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}${quick ? ', quick' : ''}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.arch}, ${machine.kernel}, node ${machine.node}, ${machine.compiler}`,
    `pinned: all processes on core ${pinnedCore}; steal ${percent} %, ${weather.coresBusy.toFixed(1)} cores busy on average, load ${weather.loadAtStart.toFixed(1)} at the start`,
  ]
}
