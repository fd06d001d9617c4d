/** Cases without Millrace, which show what this machine can do. */
import type { FloorLoad } from '../floor.ts'
import type { Measurement } from '../measurement.ts'
import type { Site } from '../site.ts'
import { STEPS } from '../subject/languages.ts'
import type { BenchCase } from './case.ts'

const COUNT = 10_000
const WARM_UP = 2_000

export const machineCases: readonly BenchCase[] = [
  floorOnly('machine.pipe', 'pipe round trip, two processes', { kind: 'pipe', ...sequential() }),
  {
    name: `machine.relay-chain-${STEPS.length}`,
    title: `relay, a chain of ${STEPS.length} calls, each to a process of its own, against the p50 of one`,
    keys: ['p50Us', 'p99Us'],
    quick: true,
    places: ['pinned'],
    floor: { name: 'p50 of one', measure: async (site) => await oneTrip(site) },
    subject: {
      name: 'relay',
      measure: (site) => site.floor.measure(site.place, { kind: 'chain', ...sequential(), steps: STEPS.length }),
    },
  },
  floorOnly('machine.relay-block', 'relay with blocking reads', { kind: 'relay', wait: 'block', ...sequential() }),
]

async function oneTrip(site: Site): Promise<Measurement> {
  const { p50Us } = await site.floor.measure(site.place, { kind: 'relay', ...sequential() })
  return p50Us === undefined ? {} : { p50Us, p99Us: p50Us }
}

function sequential(): { readonly count: number; readonly warmUp: number; readonly inFlight: number } {
  return { count: COUNT, warmUp: WARM_UP, inFlight: 1 }
}

function floorOnly(name: string, title: string, load: FloorLoad): BenchCase {
  const floor = { name: 'C++', measure: (site) => site.floor.measure(site.place, load) } satisfies BenchCase['floor']
  return { name, title, keys: ['p50Us', 'p99Us'], quick: true, floor }
}
