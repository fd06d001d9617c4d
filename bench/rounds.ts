/** Makes the rounds: in each, at each place, case after case, floor then subject, so that both see the same machine. */
import type { BenchCase } from './cases/case.ts'
import type { Measurement } from './measurement.ts'
import type { Place, PlaceName } from './place.ts'
import { type Built, Site } from './site.ts'

/** What both sides of one case gave in one round. */
export interface RoundResult {
  readonly case: string
  readonly place: PlaceName
  /** From 1. */
  readonly round: number
  readonly floor?: Measurement
  readonly subject?: Measurement
}

export interface RoundsPlan {
  readonly cases: readonly BenchCase[]
  readonly places: readonly Place[]
  readonly rounds: number
  /** A round that would take longer than what is left of this, as the longest so far did, is not begun. */
  readonly budgetMs: number
  readonly built: Built
  /** Told of every step. */
  readonly say: (line: string) => void
  /** Aborted when the user wants to stop: the next measurement is not begun. */
  readonly signal: AbortSignal
}

export async function makeRounds(plan: RoundsPlan): Promise<RoundResult[]> {
  const results: RoundResult[] = []
  const begun = performance.now()
  let longestMs = 0
  for (let round = 1; round <= plan.rounds; round += 1) {
    const roundBegun = performance.now()
    if (round > 1 && roundBegun - begun + longestMs > plan.budgetMs) {
      plan.say(`there is no time for more than ${round - 1} of ${plan.rounds} rounds`)
      break
    }
    for (const place of plan.places) {
      plan.say(`round ${round} of ${plan.rounds}, ${place.name}`)
      results.push(...(await makeRound(plan, place, round)))
    }
    longestMs = Math.max(longestMs, performance.now() - roundBegun)
  }
  return results
}

async function makeRound(plan: RoundsPlan, place: Place, round: number): Promise<RoundResult[]> {
  const site = new Site(place, plan.built)
  const results: RoundResult[] = []
  try {
    for (const each of plan.cases) {
      if (!(each.places?.includes(place.name) ?? true)) continue
      if (each.once === true && round > 1) continue
      plan.say(`  ${each.name}`)
      plan.signal.throwIfAborted()
      const floor = await each.floor?.measure(site)
      plan.signal.throwIfAborted()
      const subject = await each.subject?.measure(site)
      results.push({
        case: each.name,
        place: place.name,
        round,
        ...(floor === undefined ? {} : { floor }),
        ...(subject === undefined ? {} : { subject }),
      })
    }
  } finally {
    await site.end()
  }
  return results
}
