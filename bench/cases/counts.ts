/** What can be counted instead of timed, and so scatters little: bytes allocated, instructions executed. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOnPath } from '../command.ts'
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import type { Site } from '../site.ts'
import type { BenchCase } from './case.ts'
import { WARM_UP } from './sizes.ts'

const CALLS = 20_000
/** What all that is not a call costs is in both runs and cancels out. */
const COUNTED = { few: 500, many: 2_500 } as const

const load = { count: CALLS, inFlight: 1, batch: 1, bytes: 0, first: 0 }

export const countCases: readonly BenchCase[] = [
  {
    name: 'count.engine.allocation',
    title: 'engine, internal call Node to Node, 0 B',
    keys: ['allocatedBytes'],
    places: ['free'],
    languages: ['node'],
    subject: {
      name: 'millrace',
      // An engine of its own: the profiler of the heap leaves its marks on the code.
      measure: async (site) =>
        await site.ownEngine(
          [site.workers.program('node', 'caller'), site.workers.program('node', 'callee')],
          async (engine) => {
            const question = { caller: 'node', load: { ...load, callee: 'node.echo' }, warmUp: CALLS } as const
            return await engine.ask('allocations', question, MEASURE_LIMIT_MS)
          },
        ),
    },
  },
  {
    name: 'count.cpp.instructions',
    title: 'C++ worker, internal call C++ to C++, 0 B',
    keys: ['calleeInstructions'],
    places: ['free'],
    languages: ['cpp'],
    missing: () => (isOnPath('valgrind') ? undefined : 'valgrind is not installed'),
    subject: { name: 'millrace', measure: instructionsPerCall },
  },
]

async function instructionsPerCall(site: Site): Promise<Measurement> {
  const few = await instructions(site, COUNTED.few)
  const many = await instructions(site, COUNTED.many)
  return { calleeInstructions: (many - few) / (COUNTED.many - COUNTED.few) }
}

/** Of a whole worker that answers `count` calls besides the warm-up, by valgrind's callgrind. */
async function instructions(site: Site, count: number): Promise<number> {
  const folder = join(site.folder, 'callgrind')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${count}.out`)
  const wrap = ['valgrind', '--quiet', '--tool=callgrind', `--callgrind-out-file=${file}`]
  const programs = [site.workers.program('cpp', 'caller'), site.workers.program('cpp', 'callee', { wrap })]
  await site.ownEngine(programs, async (engine) => {
    const question = { caller: 'cpp', load: { ...load, count, callee: 'cpp.echo' }, warmUp: WARM_UP } as const
    await engine.ask('internal', question, MEASURE_LIMIT_MS)
  })
  // It is there when the engine has ended, for an engine waits for its workers.
  const total = /^(?:summary|totals): (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]
  if (total === undefined) throw new Error(`${file} has no sum of instructions`)
  return Number(total)
}
