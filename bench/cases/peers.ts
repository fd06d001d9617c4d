/** What others offer: a client that calls a server of its own language directly, against an internal call through the engine. */
import type { PeerKind } from '../peers/peers.ts'
import { LANGUAGE_NAMES, type Language } from '../subject/languages.ts'
import type { BenchCase } from './case.ts'
import { measureInternal } from './internal.ts'
import { WARM_UP } from './sizes.ts'

const CALLS = 6_000

interface Other {
  readonly kind: PeerKind
  readonly title: string
  readonly languages: readonly Language[]
  /** Fewer calls where each takes much longer than ours. */
  readonly count: number
  readonly warmUp: number
}

const OTHERS: readonly Other[] = [
  {
    kind: 'grpc',
    title: 'unary gRPC over a Unix socket',
    languages: ['cpp', 'go', 'node', 'python'],
    count: 3_000,
    warmUp: WARM_UP,
  },
  { kind: 'http', title: 'HTTP over a Unix socket', languages: ['go', 'node'], count: 6_000, warmUp: WARM_UP },
  { kind: 'watchdog', title: 'a process for each call, behind HTTP', languages: ['go'], count: 300, warmUp: 50 },
]

export const peerCases: readonly BenchCase[] = OTHERS.flatMap(({ kind, title, languages, count, warmUp }) =>
  languages.map((language) => ({
    name: `peer.${kind}.${language}`,
    title: `${LANGUAGE_NAMES[language]}: internal call against ${title}`,
    keys: ['p50Us', 'p99Us', 'p999Us'],
    places: ['pinned'],
    languages: [language],
    peer: language,
    floor: {
      name: kind,
      measure: async ({ peers, place }) => await peers.measure(place, { language, kind, count, warmUp, bytes: 0 }),
    },
    subject: {
      name: 'millrace',
      measure: async (site) => {
        const load = { callee: `${language}.echo`, count: CALLS, inFlight: 1, batch: 1, bytes: 0, first: 0 }
        // The other side's server has served nobody else either: code that has served every load is compiled for all of them.
        const question = { caller: language, load, warmUp: WARM_UP }
        return await measureInternal(site, language, question, { onlyFor: `${kind}.${language}` })
      },
    },
  })),
)
