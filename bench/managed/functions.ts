/** A worker with three functions of different nature: one waits, one computes, one does both. */
import { fn, serve } from '@millrace/sdk'

/** Waits 20 ms, as for a database. */
const sleep = fn('sleep', async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return 0
})

/** Computes for about 1 ms. */
const compute = fn('compute', () => spin(1))

/** Computes for about 0.2 ms, waits 5 ms, computes again. */
const both = fn('both', async () => {
  const first = spin(0.2)
  await new Promise((resolve) => setTimeout(resolve, 5))
  return first + spin(0.2)
})

function spin(ms: number): number {
  const end = performance.now() + ms
  let turns = 0
  while (performance.now() < end) turns += 1
  return turns
}

/** Far more than any setting of the sweep lets in. */
const CALLS_MAX = 1_024

await serve({ sleep, compute, both }, { maxCalls: CALLS_MAX })
