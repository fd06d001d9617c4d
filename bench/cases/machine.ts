/** Cases without Millrace, which show what this machine can do. */
import type { FloorLoad } from '../floor.ts'
import type { BenchCase } from './case.ts'

const COUNT = 10_000
const WARM_UP = 2_000

export const machineCases: readonly BenchCase[] = [
  floorOnly('machine.pipe', 'pipe round trip, two processes', { kind: 'pipe', ...sequential() }),
  floorOnly('machine.relay-block', 'relay with blocking reads', { kind: 'relay', wait: 'block', ...sequential() }),
]

function sequential(): { readonly count: number; readonly warmUp: number; readonly inFlight: number } {
  return { count: COUNT, warmUp: WARM_UP, inFlight: 1 }
}

function floorOnly(name: string, title: string, load: FloorLoad): BenchCase {
  const floor = { name: 'C++', measure: (site) => site.floor.measure(site.place, load) } satisfies BenchCase['floor']
  return { name, title, keys: ['p50Us', 'p99Us'], quick: true, floor }
}
