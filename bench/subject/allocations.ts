/** How much this process allocates on its heap while something runs, by V8's sampling profiler. */
import { Session } from 'node:inspector/promises'

/** Bytes between two samples on average: small, for a figure that scatters little. */
const SAMPLING_INTERVAL_BYTES = 512

/** A node of the profile, as the inspector gives it. */
interface HeapNode {
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

/** Counts what was allocated whether or not it lives; an estimate from samples. */
export async function bytesAllocated(run: () => Promise<void>): Promise<number> {
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING_INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    await run()
    const { profile } = await session.post('HeapProfiler.stopSampling')
    return sizeOf(profile.head)
  } finally {
    session.disconnect()
  }
}

function sizeOf({ selfSize, children }: HeapNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize)
}
