/** The worker of the bursty mix. */
import { fn, serve } from '@millrace/sdk'

const light = fn('light', () => spin(0.2))

const wait = fn('wait', async () => {
  const turns = spin(0.05)
  await new Promise((resolve) => setTimeout(resolve, 5))
  return turns
})

const heavy = fn('heavy', () => spin(30))

function spin(ms: number): number {
  const end = performance.now() + ms
  let turns = 0
  while (performance.now() < end) turns += 1
  return turns
}

/** Far more than wait at any time. */
const CALLS_MAX = 4_096

await serve({ light, wait, heavy }, { maxCalls: CALLS_MAX })
