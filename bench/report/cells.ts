/** Figures as text. Pure. */
import type { Figure } from '../figures.ts'
import type { Bound } from '../goals.ts'
import type { Spread } from '../statistics.ts'

export const COLUMNS = ['figure', 'value', 'floor', 'ratio', 'must', 'goal'] as const

/** The row of a figure, a cell for each column; an empty cell: there is none. */
export function cellsOf(figure: Figure): string[] {
  return [
    figure.title,
    figure.value === undefined ? '' : quantity(figure.value.median, figure.unit),
    figure.floor === undefined ? '' : quantity(figure.floor.median, figure.unit),
    figure.ratio === undefined ? '' : ratioText(figure.ratio),
    boundText(figure, figure.must, figure.mustHolds),
    boundText(figure, figure.goal, figure.goalHolds),
  ]
}

/** Three digits that count: `4.52 µs`, `45.2 µs`, `452 µs`, `61.3 k/s`. */
export function quantity(value: number, unit: string): string {
  if (unit === '/s' && value >= 1e3) return `${digits(value / 1e3)} k/s`
  return unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`.trimEnd()
}

function digits(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** `2.71 × (2.60 to 2.84)`: the median of the rounds, with the smallest and the largest. Below 0.1 another digit counts. */
function ratioText({ median, min, max }: Spread): string {
  const places = median < 0.1 ? 3 : 2
  return `${median.toFixed(places)} × (${min.toFixed(places)} to ${max.toFixed(places)})`
}

function boundText(figure: Figure, bound: Bound | undefined, holds: boolean | undefined): string {
  if (bound === undefined) return ''
  const sign = figure.better === 'lower' ? '≤' : '≥'
  const limit = bound.of === 'ratio' ? `${bound.limit} ×` : quantity(bound.limit, figure.unit)
  const mark = holds === undefined ? '' : holds ? ' yes' : ' no'
  return `${sign} ${limit}${mark}`
}
