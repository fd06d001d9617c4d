/** What the figures must reach, and what they should. Goals are against the floor of the same run where they can be. */
import type { MeasuredKey } from './measurement.ts'
import type { PlaceName } from './place.ts'

/** A bound on a figure's ratio to the floor, or on the figure itself in its own unit. */
export interface Bound {
  readonly of: 'ratio' | 'value'
  readonly limit: number
}

export interface Goals {
  readonly must?: Bound
  readonly goal?: Bound
}

/** Case, place and key of a figure, as one permanent name. */
export function figureId(caseName: string, place: PlaceName, key: MeasuredKey): string {
  return `${caseName}.${place}.${key}`
}

const ratio = (limit: number): Bound => ({ of: 'ratio', limit })
const value = (limit: number): Bound => ({ of: 'value', limit })

const GOALS: Readonly<Record<string, Goals>> = {
  [figureId('internal.node.0B.1', 'pinned', 'p50Us')]: { must: ratio(3), goal: ratio(1.7) },
  [figureId('internal.node.0B.1', 'pinned', 'p99Us')]: { goal: value(57) },
  [figureId('internal.node.0B.8', 'pinned', 'middleCpuUs')]: { goal: value(3.5) },
  [figureId('external.http.hello.1', 'pinned', 'p50Us')]: { goal: ratio(1.7) },
  [figureId('external.http.hello.32', 'pinned', 'perSecond')]: { goal: ratio(0.75) },
}

export function goalsOf(id: string): Goals {
  return GOALS[id] ?? {}
}

/** Whether a figure reaches a bound; undefined when it has no such ratio. */
export function reaches(
  bound: Bound,
  figure: { readonly value: number; readonly ratio?: number | undefined },
  better: 'lower' | 'higher',
): boolean | undefined {
  const reached = bound.of === 'value' ? figure.value : figure.ratio
  if (reached === undefined) return undefined
  return better === 'lower' ? reached <= bound.limit : reached >= bound.limit
}
