/** From samples to a measurement. Pure. */
import type { Measurement } from './measurement.ts'
import { percentile } from './statistics.ts'

/** Shares of all samples at which a measurement keeps its distribution, for the plots; denser where samples are rarer. */
export const CURVE_SHARES = [
  0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 1,
] as const

/**
 * @param samplesNs - At least one; sorted in place. All are kept, so that percentiles are exact.
 * @param elapsedNs - Time in which all calls were made, in nanoseconds.
 * @param callsPerSample - Default 1.
 */
export function measurementOf(samplesNs: Uint32Array, elapsedNs: number, callsPerSample = 1): Measurement {
  samplesNs.sort()
  const at = (share: number): number => percentile(samplesNs, share) / 1e3
  return {
    p50Us: at(0.5),
    p99Us: at(0.99),
    p999Us: at(0.999),
    perSecond: (samplesNs.length * callsPerSample * 1e9) / elapsedNs,
    curveUs: CURVE_SHARES.map(at),
  }
}
