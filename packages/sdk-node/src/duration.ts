import { UsageError } from './errors.ts'
import { TIMEOUT_US_MAX } from './limits.ts'

/** A length of time: a number of milliseconds, or a number with `us`, `ms`, `s` or `m`, such as `'50ms'` or `'1.5s'`. */
export type Duration = number | `${number}us` | `${number}ms` | `${number}s` | `${number}m`

const FORM = /^(\d+(?:\.\d+)?)(us|ms|s|m)$/
const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 }

/**
 * Microseconds of a duration, rounded up to at least 1, so that a limit never turns into none.
 *
 * @param duration Above 0, at most 71 minutes (what the wire's 32 bits hold).
 * @param what Names the option in the error.
 * @throws UsageError for anything else.
 */
export function durationUs(duration: Duration, what: string): number {
  const match = typeof duration === 'string' ? FORM.exec(duration) : undefined
  const us = match
    ? Number(match[1]) * UNIT_US[match[2]!]!
    : typeof duration === 'number'
      ? duration * 1_000
      : Number.NaN
  if (!(us > 0) || us > TIMEOUT_US_MAX) {
    throw new UsageError(
      `${what} is ${JSON.stringify(duration)}; write '50ms', '2s' or a number of ms, above 0 and up to 71 minutes`,
    )
  }
  return Math.max(1, Math.ceil(us))
}
