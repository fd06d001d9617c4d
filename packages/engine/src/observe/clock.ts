/** The real clock. One of the few files that touch the OS. */
import { performance } from 'node:perf_hooks'
import type { Alarm, Clock } from '../world.ts'

/** Longest delay that a timer of the runtime takes, in milliseconds. */
const TIMER_MS_MAX = 2_147_483_647

export const systemClock: Clock = {
  nowUs(): number {
    return performance.now() * 1_000
  },
  alarm(delayUs: number, ring: () => void): Alarm {
    const timer = setTimeout(ring, Math.min(TIMER_MS_MAX, Math.ceil(delayUs / 1_000)))
    return { cancel: () => clearTimeout(timer) }
  },
}
