/** Memory of an idle Node worker beyond that of a bare `node` process. Both run at the same time, so that they share alike. */

import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import { type Memory, memoryOf } from '../processes.ts'
import type { Site } from '../site.ts'
import { spread } from '../statistics.ts'
import { bareNodes } from '../subject/bare-nodes.ts'
import { installedSdk } from '../subject/installed-sdk.ts'
import type { BenchCase } from './case.ts'

const PROCESSES = 5

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
]

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
