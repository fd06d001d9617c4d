import { RESTART_DELAY_US_MAX, RESTART_DELAY_US_MIN } from '../base/limits.ts'

/** How long to wait before a lost worker is replaced: 50 ms for the first loss in a row, doubling to 10 s. Pure. */
export function restartDelayUs(lossesInARow: number): number {
  return Math.min(RESTART_DELAY_US_MAX, RESTART_DELAY_US_MIN * 2 ** Math.min(20, Math.max(0, lossesInARow - 1)))
}
