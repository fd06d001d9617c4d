/** What the figures must reach, and what they should. Goals are against the floor of the same run where they can be. */
import type { MeasuredKey } from './measurement.ts'
import type { PlaceName } from './place.ts'
import { LANGUAGES, type Language } from './subject/languages.ts'

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

/** Internal call of a language to itself, pinned: p50 by the relay's, and p99 in microseconds. */
const BY_LANGUAGE: Readonly<
  Record<Language, { readonly must: number; readonly goal: number; readonly p99Us: number }>
> = {
  cpp: { must: 1.35, goal: 1.05, p99Us: 23 },
  go: { must: 1.8, goal: 1.55, p99Us: 60 },
  node: { must: 2.2, goal: 1.7, p99Us: 57 },
  python: { must: 2.1, goal: 1.55, p99Us: 50 },
}

const GOALS: Readonly<Record<string, Goals>> = Object.fromEntries([
  ...LANGUAGES.flatMap((language): [string, Goals][] => {
    const { must, goal, p99Us } = BY_LANGUAGE[language]
    return [
      [figureId(`internal.${language}.0B.1`, 'pinned', 'p50Us'), { must: ratio(must), goal: ratio(goal) }],
      [figureId(`internal.${language}.0B.1`, 'pinned', 'p99Us'), { goal: value(p99Us) }],
    ]
  }),
  [figureId('internal.cpp.0B.8', 'free', 'perSecond'), { must: value(85_000), goal: value(100_000) }],
  [figureId('internal.cpp.0B.8', 'pinned', 'perSecond'), { must: value(130_000), goal: value(160_000) }],
  [figureId('internal.cpp.0B.64', 'pinned', 'perSecond'), { goal: value(300_000) }],
  [figureId('internal.cpp.16KiB.1', 'pinned', 'p50Us'), { must: ratio(5), goal: ratio(3) }],
  ...(['go', 'node', 'python'] as const).map((language): [string, Goals] => [
    figureId(`internal.${language}.16KiB.1`, 'pinned', 'p50Us'),
    { goal: ratio(3) },
  ]),
  ...(['cpp', 'node'] as const).map((language): [string, Goals] => [
    figureId(`internal.${language}.0B.8`, 'pinned', 'middleCpuUs'),
    { must: value(4.5), goal: value(3.5) },
  ]),
  ...LANGUAGES.map((language): [string, Goals] => [
    figureId(`peer.grpc.${language}`, 'pinned', 'p50Us'),
    language === 'go' ? { must: ratio(1), goal: ratio(0.7) } : { must: ratio(0.6), goal: ratio(0.4) },
  ]),
  ...(['pinned', 'free'] as const).flatMap((place) =>
    LANGUAGES.map((language): [string, Goals] => [
      figureId(`shape.${language}.chain-8`, place, 'p99Us'),
      { must: ratio(10) },
    ]),
  ),
  [figureId('memory.node.idle', 'free', 'pssMb'), { must: value(12), goal: value(8) }],
  [figureId('memory.node.idle', 'free', 'rssMb'), { must: value(12), goal: value(8) }],
  [figureId('memory.engine.long', 'free', 'rssGrowth'), { must: value(1.05), goal: value(1.05) }],
  [figureId('external.http.hello.1', 'pinned', 'p50Us'), { must: ratio(2), goal: ratio(1.7) }],
  [figureId('external.http.hello.32', 'pinned', 'perSecond'), { must: ratio(0.6), goal: ratio(0.75) }],
])

/** Every figure that is judged. */
export function judgedFigures(): string[] {
  return Object.keys(GOALS)
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
