/**
 * Open loop: calls are due at a rate whether answers come or not, and each is timed from the moment it was due, so that a
 * stall counts for all calls that it delays. Only free: the caller looks at the clock all the time and needs a core.
 */
import type { BenchCase } from './case.ts'
import { HELLO_PATH, httpCase } from './external.ts'
import { measureInternal } from './internal.ts'
import { WARM_UP } from './sizes.ts'

const SECONDS = 1.5
const INTERNAL_RATES = [5_000, 20_000, 40_000] as const
const HTTP_RATES = [1_000, 4_000] as const
const HTTP_SOCKETS = 64

const KEYS = ['p50Us', 'p99Us', 'p999Us', 'perSecond'] as const

export const openLoopCases: readonly BenchCase[] = [
  ...INTERNAL_RATES.map(
    (perSecond): BenchCase => ({
      name: `open.internal.node.${perSecond}`,
      title: `open loop, internal call Node to Node, ${perSecond} calls/s due`,
      keys: KEYS,
      places: ['free'],
      languages: ['node'],
      floor: {
        name: 'relay',
        measure: async ({ floor, place }) => {
          const count = perSecond * SECONDS
          return await floor.measure(place, { kind: 'relay', count, warmUp: WARM_UP, inFlight: 1, perSecond })
        },
      },
      subject: {
        name: 'millrace',
        measure: async (site) => {
          const load = { callee: 'node.echo', count: perSecond * SECONDS, inFlight: 1, batch: 1, bytes: 0, first: 0 }
          return await measureInternal(site, 'node', { caller: 'node', load, warmUp: WARM_UP, perSecond })
        },
      },
    }),
  ),
  ...HTTP_RATES.map((perSecond) => ({
    ...httpCase(
      `open.http.hello.${perSecond}`,
      `open loop, external call over HTTP, hello, ${perSecond} requests/s due`,
      HELLO_PATH,
      { bodyBytes: 0, sockets: HTTP_SOCKETS, count: perSecond * SECONDS, perSecond },
      KEYS,
      false,
    ),
    places: ['free'] as const,
  })),
]
