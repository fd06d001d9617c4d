/** Memory: of an idle Node worker beyond that of a bare `node` process, both at the same time, so that they share alike; of an engine after many calls. */
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import { type Memory, memoryOf } from '../processes.ts'
import type { Site } from '../site.ts'
import { spread } from '../statistics.ts'
import { bareNodes } from '../subject/bare-nodes.ts'
import { installedSdk } from '../subject/installed-sdk.ts'
import type { BenchCase } from './case.ts'

const PROCESSES = 5
const STEPS = 50
const CALLS_PER_STEP = 200_000
/** Calls of one run: its samples come back through the engine under test, and must be little beside what it needs itself. */
const CALLS_PER_RUN = 20_000
const STEPS_OF_FIRST_MILLION = 5
const READINGS = 5

export const memoryCases: readonly BenchCase[] = [
  {
    name: 'memory.node.idle',
    title: 'memory of an idle Node worker beyond a bare node process',
    keys: ['pssMb', 'rssMb'],
    quick: true,
    // It is the same wherever processes run.
    places: ['free'],
    subject: { name: 'millrace', measure },
  },
  {
    name: 'memory.engine.long',
    title: `memory of the engine after ${(STEPS * CALLS_PER_STEP) / 1e6} million internal calls C++ to C++`,
    keys: ['rssGrowth'],
    once: true,
    places: ['free'],
    languages: ['cpp'],
    subject: { name: 'millrace', measure: growth },
  },
]

/** RSS wavers with the collector's rounds: the median of five readings from the first million calls on, and of the last five. */
async function growth(site: Site): Promise<Measurement> {
  const programs = [site.workers.program('cpp', 'caller'), site.workers.program('cpp', 'wide')]
  return await site.ownEngine(programs, async (engine) => {
    const load = { callee: 'cpp.echo', count: CALLS_PER_RUN, inFlight: 64, batch: 1, bytes: 0, first: 0 }
    const rss: number[] = []
    for (let step = 0; step < STEPS; step += 1) {
      for (let calls = 0; calls < CALLS_PER_STEP; calls += CALLS_PER_RUN) {
        await engine.ask('internal', { caller: 'cpp', load, warmUp: 1 }, MEASURE_LIMIT_MS)
      }
      rss.push(await engine.ask('rss', null, MEASURE_LIMIT_MS))
    }
    const first = spread(rss.slice(STEPS_OF_FIRST_MILLION - 1, STEPS_OF_FIRST_MILLION - 1 + READINGS)).median
    return { rssGrowth: spread(rss.slice(-READINGS)).median / first }
  })
}

async function measure(site: Site): Promise<Measurement> {
  const command = await installedSdk(site.folder)
  return await site.ownEngine([{ name: 'idle', command, workers: PROCESSES }], async (engine) => {
    const pids = await engine.ask('workers', { program: 'idle' }, MEASURE_LIMIT_MS)
    const bare = await bareNodes(PROCESSES)
    try {
      const own = medians(pids.map(memoryOf))
      const least = medians(bare.pids.map(memoryOf))
      return { pssMb: own.pssMb - least.pssMb, rssMb: own.rssMb - least.rssMb }
    } finally {
      bare.end()
    }
  })
}

function medians(all: readonly Memory[]): Memory {
  const median = (values: number[]): number => spread(values).median
  return { pssMb: median(all.map(({ pssMb }) => pssMb)), rssMb: median(all.map(({ rssMb }) => rssMb)) }
}
