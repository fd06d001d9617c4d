/** What one measurement gives. Keys are the same on the floor's side and on the subject's, so that one divides the other. */

/** Number by key; the key ends in its unit. A side leaves out what it has not. */
export type Measurement = Readonly<Partial<Record<MeasuredKey, number>>>

export type MeasuredKey =
  | 'p50Us'
  | 'p99Us'
  | 'p999Us'
  | 'perSecond'
  | 'mibPerSecond'
  /** User and system time of the process in the middle (engine, relay, bare server), per call. */
  | 'middleCpuUs'
  /** The same of the process that calls. */
  | 'callerCpuUs'
  /** The same of the process that is called. */
  | 'calleeCpuUs'

/** How a key is shown. */
export interface KeyInfo {
  readonly title: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
}

export const KEYS: Readonly<Record<MeasuredKey, KeyInfo>> = {
  p50Us: { title: 'p50', unit: 'µs', better: 'lower' },
  p99Us: { title: 'p99', unit: 'µs', better: 'lower' },
  p999Us: { title: 'p99.9', unit: 'µs', better: 'lower' },
  perSecond: { title: 'calls/s', unit: '/s', better: 'higher' },
  mibPerSecond: { title: 'throughput', unit: 'MiB/s', better: 'higher' },
  middleCpuUs: { title: 'engine CPU per call', unit: 'µs', better: 'lower' },
  callerCpuUs: { title: 'caller CPU per call', unit: 'µs', better: 'lower' },
  calleeCpuUs: { title: 'callee CPU per call', unit: 'µs', better: 'lower' },
}
