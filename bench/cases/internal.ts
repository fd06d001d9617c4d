/** Internal calls: a function calls another one in another process, against the relay that moves the same messages. */
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import type { PlaceName } from '../place.ts'
import type { Site } from '../site.ts'
import type { InternalLoad } from '../subject/load.ts'
import type { BenchCase } from './case.ts'

/** Calls before the measured ones, on both sides. The subject's code was made hot before: see `engine-process.ts`. */
const WARM_UP = 2_000
/** Calls one after the other. Fewer where each waits for another core to wake: more would show the same scatter. */
const SEQUENTIAL_COUNT: Readonly<Record<PlaceName, number>> = { pinned: 10_000, free: 4_000 }
const PARALLEL_COUNT = 40_000
/** A profile needs samples: at one in 100 µs this is some ten thousand. */
const PROFILE_COUNT = 60_000

const LATENCY_KEYS = ['p50Us', 'p99Us', 'p999Us', 'middleCpuUs', 'callerCpuUs', 'calleeCpuUs'] as const
const RATE_KEYS = ['perSecond', 'p50Us', 'p99Us', 'middleCpuUs', 'callerCpuUs', 'calleeCpuUs'] as const

export const internalCases: readonly BenchCase[] = [
  internalCase({ bytes: 0, inFlight: 1 }),
  internalCase({ bytes: 960, inFlight: 1 }),
  internalCase({ bytes: 0, inFlight: 8 }),
  internalCase({ bytes: 0, inFlight: 32 }),
]

function internalCase({ bytes, inFlight }: { readonly bytes: number; readonly inFlight: number }): BenchCase {
  const loadAt = ({ place }: Site): InternalLoad => {
    const count = inFlight === 1 ? SEQUENTIAL_COUNT[place.name] : PARALLEL_COUNT
    return { callee: 'bench.echo', count, inFlight, bytes }
  }
  return {
    name: `internal.node.${bytes}B.${inFlight}`,
    title: `internal call Node to Node, ${bytes} B, ${inFlight} in flight`,
    keys: inFlight === 1 ? LATENCY_KEYS : RATE_KEYS,
    floor: {
      name: 'relay',
      measure: async (site) => {
        const { count } = loadAt(site)
        return await site.floor.measure(site.place, { kind: 'relay', count, warmUp: WARM_UP, inFlight })
      },
    },
    subject: { name: 'millrace', measure: async (site) => await measure(site, loadAt(site)) },
    profile: async (site, folder) => {
      await measure(site, { ...loadAt(site), count: PROFILE_COUNT * (inFlight === 1 ? 1 : 4) }, folder)
    },
  }
}

async function measure(site: Site, load: InternalLoad, profileTo?: string): Promise<Measurement> {
  const engine = await site.engine()
  const profile = profileTo === undefined ? {} : { profileTo }
  return await engine.ask('internal', { load, warmUp: WARM_UP, ...profile }, MEASURE_LIMIT_MS)
}
