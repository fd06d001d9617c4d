/** A run as a table for the terminal, and as Markdown. Pure. */
import type { Results } from '../results.ts'
import { COLUMNS, cellsOf } from './cells.ts'

/** Columns side by side, numbers to the right. */
export function consoleTable(results: Results): string {
  const rows = [[...COLUMNS], ...results.figures.map(cellsOf)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, '', ...conditions(results)].join('\n')
}

export function markdownReport(results: Results): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = [
    row(COLUMNS),
    row(['---', '---:', '---:', '---:', '---', '---']),
    ...results.figures.map(cellsOf).map(row),
  ]
  const facts = conditions(results).map((line) => `- ${line}`)
  return ['# Results of the bench', '', ...facts, '', ...table, ''].join('\n')
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
