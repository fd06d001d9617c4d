/** Before the first round: which of the cases this machine can measure, and what they need built or installed. */
import { join } from 'node:path'
import type { BenchCase } from './cases/case.ts'
import { Floor } from './floor.ts'
import { Peers } from './peers/peers.ts'
import type { Built } from './site.ts'
import { Workers } from './subject/languages.ts'

export interface Prepared {
  /** At least one. */
  readonly cases: readonly BenchCase[]
  readonly built: Built
}

/**
 * Builds into `folder` what the wanted cases need, and names each that has to be left out with what it lacks.
 *
 * @throws Error when one of our own programs can't be built, or when no case is left.
 */
export async function prepare(
  folder: string,
  wanted: readonly BenchCase[],
  say: (line: string) => void,
): Promise<Prepared> {
  const without = (cases: readonly BenchCase[], missing: (each: BenchCase) => string | undefined) =>
    cases.filter((each) => {
      const what = missing(each)
      if (what !== undefined) say(`LEFT OUT: ${each.name}: ${what}`)
      return what === undefined
    })
  const possible = without(wanted, (each) => each.missing?.())
  const others = new Set(possible.flatMap(({ peer }) => peer ?? []))
  if (others.size > 0) say(`installs the peers in ${[...others].join(', ')}`)
  const peers = await Peers.install(join(folder, 'peers'), others)
  const cases = without(possible, ({ peer }) => (peer === undefined ? undefined : peers.missing.get(peer)))
  if (cases.length === 0) throw new Error('this machine can measure none of these cases')
  const languages = new Set(cases.flatMap((each) => each.languages ?? []))
  say(`builds the relay${languages.size === 0 ? '' : ` and workers in ${[...languages].join(', ')}`}`)
  const workers = await Workers.build(join(folder, 'workers'), languages)
  return { cases, built: { floor: await Floor.build(folder), workers, peers, folder } }
}
