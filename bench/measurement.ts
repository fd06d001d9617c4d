/** What one measurement gives. Keys are the same on the floor's side and on the subject's, so that one divides the other. */

/** Number by key; the key ends in its unit. A side leaves out what it has not. */
export type Measurement = Readonly<Partial<Record<MeasuredKey, number>>> & {
  /** The distribution of its samples in microseconds, at `CURVE_SHARES`. For plots; never compared. */
  readonly curveUs?: readonly number[]
}

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
  /** Memory beyond that of a process that does nothing, shared pages in full, in 1,000,000 bytes. */
  | 'rssMb'
  /** The same with shared pages divided by those that share them. */
  | 'pssMb'
  /** Memory of the engine's process at the end of a long run by that after its first part, a ratio. */
  | 'rssGrowth'
  /** Bytes that the engine's process allocates on its heap, per call. */
  | 'allocatedBytes'
  /** Instructions of the process that is called, per call. */
  | 'calleeInstructions'

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
  rssMb: { title: 'RSS beyond', unit: 'MB', better: 'lower' },
  pssMb: { title: 'PSS beyond', unit: 'MB', better: 'lower' },
  rssGrowth: { title: 'RSS at the end by RSS after the first million', unit: '×', better: 'lower' },
  allocatedBytes: { title: 'engine allocation per call', unit: 'B', better: 'lower' },
  calleeInstructions: { title: 'callee instructions per call', unit: '', better: 'lower' },
}
