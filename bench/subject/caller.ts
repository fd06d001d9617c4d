/** A worker's code: the function that makes internal calls and times them. */
import { type Context, fn } from '@millrace/sdk'
import { percentiles } from '../statistics.ts'
import type { InternalLoad, InternalTimes } from './load.ts'
import { type ProbeRequest, probe } from './probe.ts'

export const calls = fn('bench.calls', async (load: InternalLoad, ctx): Promise<InternalTimes> => {
  const lanes = new Lanes(load, ctx)
  const begun = performance.now()
  await Promise.all(Array.from({ length: load.inFlight }, () => lanes.run()))
  const seconds = (performance.now() - begun) / 1e3
  const { p50, p99, p999 } = percentiles(lanes.samplesUs)
  return { p50Us: p50, p99Us: p99, p999Us: p999, perSecond: load.count / seconds }
})

export const callerProbe = fn('bench.caller.probe', async (request: ProbeRequest) => await probe(request))

/** Several loops that share one count of calls. */
class Lanes {
  readonly samplesUs: Float64Array
  readonly #load: InternalLoad
  readonly #ctx: Context
  readonly #input: Uint8Array
  #begun = 0
  #ended = 0

  constructor(load: InternalLoad, ctx: Context) {
    this.#load = load
    this.#ctx = ctx
    this.#input = new Uint8Array(load.bytes).fill(0x6d)
    this.samplesUs = new Float64Array(load.count)
  }

  async run(): Promise<void> {
    const { callee, count, bytes } = this.#load
    while (this.#begun < count) {
      this.#begun += 1
      const at = performance.now()
      const output = await this.#ctx.callBytes(callee, this.#input)
      this.samplesUs[this.#ended] = (performance.now() - at) * 1e3
      this.#ended += 1
      if (output.length !== bytes) throw new Error(`${callee} sent ${output.length} bytes back instead of ${bytes}`)
    }
  }
}
