/** What the calling function is asked to do. */
export interface InternalLoad {
  /** Name of the function to call. */
  readonly callee: string
  /** Calls in all. */
  readonly count: number
  /** Calls on their way at once; 1: one after the other. */
  readonly inFlight: number
  /** Bytes of every input; the callee sends them back. */
  readonly bytes: number
}

/** What it answers. Latencies are from `ctx.callBytes` to its promise's continuation, as a user's code sees it. */
export interface InternalTimes {
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly perSecond: number
}
