/** From rounds to figures: the median of each side, and of the ratios of the rounds. Pure. */
import type { BenchCase } from './cases/case.ts'
import { type Bound, figureId, goalsOf, reaches } from './goals.ts'
import { KEYS, type MeasuredKey } from './measurement.ts'
import type { PlaceName } from './place.ts'
import type { RoundResult } from './rounds.ts'
import { type Spread, spread } from './statistics.ts'

export interface Figure {
  /** Permanent: `internal.node.0B.1.pinned.p50Us`. */
  readonly id: string
  /** For people. */
  readonly title: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  /** The subject's rounds. */
  readonly value?: Spread
  /** The floor's rounds. */
  readonly floor?: Spread
  /** Subject by floor, round by round. */
  readonly ratio?: Spread
  readonly must?: Bound
  readonly goal?: Bound
  /** Whether `must` holds for the median. */
  readonly mustHolds?: boolean
  /** Whether `goal` does. */
  readonly goalHolds?: boolean
}

/** Figures in the order of the cases, places and keys; a figure that no round gave is left out. */
export function figuresOf(
  cases: readonly BenchCase[],
  places: readonly PlaceName[],
  results: readonly RoundResult[],
): Figure[] {
  const figures: Figure[] = []
  for (const place of places) {
    for (const each of cases) {
      const rounds = results.filter((result) => result.case === each.name && result.place === place)
      for (const key of each.keys) {
        const figure = figureOf(each, place, key, rounds)
        if (figure !== undefined) figures.push(figure)
      }
    }
  }
  return figures
}

function figureOf(
  each: BenchCase,
  place: PlaceName,
  key: MeasuredKey,
  rounds: readonly RoundResult[],
): Figure | undefined {
  const values = present(rounds.map(({ subject }) => subject?.[key]))
  const floors = present(rounds.map(({ floor }) => floor?.[key]))
  if (values.length === 0 && floors.length === 0) return undefined
  const ratios = present(rounds.map(({ subject, floor }) => quotient(subject?.[key], floor?.[key])))
  const { title, unit, better } = KEYS[key]
  const id = figureId(each.name, place, key)
  const { must, goal } = goalsOf(id)
  const [value, floor, ratio] = [values, floors, ratios].map((all) => (all.length === 0 ? undefined : spread(all)))
  const holds = (bound: Bound | undefined): boolean | undefined =>
    bound === undefined || value === undefined
      ? undefined
      : reaches(bound, { value: value.median, ratio: ratio?.median }, better)
  return withoutUndefined({
    id,
    title: `${each.title}, ${place}: ${title}`,
    unit,
    better,
    value,
    floor,
    ratio,
    must,
    goal,
    mustHolds: holds(must),
    goalHolds: holds(goal),
  })
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined)
}

function quotient(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined || below === 0 ? undefined : above / below
}

/** The same without keys that say undefined, so that what is written and what is read back are equal. */
function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
