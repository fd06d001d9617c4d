/** What it brings that the engine reads pipes ahead of the event loop: with, against without. */
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../subject/languages.ts'
import type { BenchCase, Side } from './case.ts'
import { measureInternal } from './internal.ts'
import { WARM_UP } from './sizes.ts'

const CALLS = 6_000
const PARALLEL_CALLS = 20_000

export const pollCases: readonly BenchCase[] = [
  ...LANGUAGES.map((language) => pollCase(language, 1, CALLS)),
  ...(['cpp', 'node'] as const).map((language) => pollCase(language, 8, PARALLEL_CALLS)),
]

function pollCase(language: Language, inFlight: number, count: number): BenchCase {
  const load = { callee: `${language}.echo`, count, inFlight, batch: 1, bytes: 0, first: 0 }
  const side = (name: string, pollPipes: boolean): Side => ({
    name,
    measure: async (site) =>
      await measureInternal(site, language, { caller: language, load, warmUp: WARM_UP }, { pollPipes }),
  })
  return {
    name: `poll.${language}.${inFlight}`,
    title: `${LANGUAGE_NAMES[language]}: internal call, ${inFlight} in flight, pipes polled against the event loop alone`,
    keys: inFlight === 1 ? ['p50Us', 'p99Us', 'middleCpuUs'] : ['perSecond', 'p50Us', 'p99Us', 'middleCpuUs'],
    places: ['pinned'],
    languages: [language],
    floor: side('event loop alone', false),
    subject: side('millrace', true),
  }
}
