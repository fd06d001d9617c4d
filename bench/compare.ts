/** Holds a run against an earlier one. Only ratios are compared: they survive another machine and a busy neighbour. Pure. */
import type { Figure } from './figures.ts'

export interface Comparison {
  readonly id: string
  readonly title: string
  /** Medians of the ratios to the floor. */
  readonly before: number
  readonly now: number
  /** How much worse, in percent of before; negative: better. */
  readonly worsePercent: number
}

/** Every figure that both runs have with a ratio, worst first. */
export function compare(before: readonly Figure[], now: readonly Figure[]): Comparison[] {
  const byId = new Map(before.map((figure) => [figure.id, figure]))
  const comparisons = now.flatMap((figure): Comparison[] => {
    const [from, to] = [byId.get(figure.id)?.ratio?.median, figure.ratio?.median]
    if (from === undefined || to === undefined) return []
    const worse = figure.better === 'lower' ? to / from - 1 : from / to - 1
    return [{ id: figure.id, title: figure.title, before: from, now: to, worsePercent: worse * 100 }]
  })
  return comparisons.sort((a, b) => b.worsePercent - a.worsePercent)
}

/** Those that are worse by more than `maxPercent`. */
export function regressions(comparisons: readonly Comparison[], maxPercent: number): Comparison[] {
  return comparisons.filter(({ worsePercent }) => worsePercent > maxPercent)
}
