/** The loops of a calling function: lanes that share one count of calls, and batches. */
import type { Context } from '@millrace/sdk'
import type { InternalLoad, Samples } from './load.ts'

/** Largest sample, in nanoseconds. */
const SAMPLE_NS_MAX = 0xffff_ffff

/** Makes the calls of a load from inside a function. Rejects when a call fails, or sends other bytes back. */
export async function makeCalls(load: InternalLoad, ctx: Context): Promise<Samples> {
  const lanes = new Lanes(load, ctx)
  const begun = performance.now()
  if (load.batch > 1) await lanes.batches()
  else await Promise.all(Array.from({ length: load.inFlight }, () => lanes.run()))
  return { elapsedNs: (performance.now() - begun) * 1e6, samplesNs: lanes.samplesNs }
}

/** `performance.now()` when each call is due; a call that begins late has waited since then. Rejects as `makeCalls` does. */
export async function makeCallsAtRate(load: InternalLoad, perSecond: number, ctx: Context): Promise<Samples> {
  const lanes = new Lanes(load, ctx)
  const open: Promise<void>[] = []
  const begun = performance.now()
  while (open.length < load.count) {
    const now = performance.now()
    for (; open.length < load.count; ) {
      const due = begun + (open.length * 1e3) / perSecond
      if (due > now) break
      open.push(lanes.call(due))
    }
    // A turn of the event loop, and no timer: those are late by up to a millisecond. It keeps a core busy.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(open)
  return { elapsedNs: (performance.now() - begun) * 1e6, samplesNs: lanes.samplesNs }
}

class Lanes {
  readonly samplesNs: Uint32Array
  readonly #load: InternalLoad
  readonly #ctx: Context
  readonly #input: Uint8Array
  #begun = 0
  #ended = 0

  constructor(load: InternalLoad, ctx: Context) {
    this.#load = load
    this.#ctx = ctx
    this.#input = new Uint8Array(load.bytes).fill(load.first, 0, 1)
    this.samplesNs = new Uint32Array(load.count)
  }

  async run(): Promise<void> {
    while (this.#begun < this.#load.count) {
      this.#begun += 1
      const at = performance.now()
      this.#check(await this.#ctx.callBytes(this.#load.callee, this.#input))
      this.#note(at)
    }
  }

  async batches(): Promise<void> {
    while (this.#begun < this.#load.count) {
      this.#begun += 1
      const at = performance.now()
      const calls = Array.from({ length: this.#load.batch }, () => this.#ctx.callBytes(this.#load.callee, this.#input))
      for (const output of await Promise.all(calls)) this.#check(output)
      this.#note(at)
    }
  }

  async call(due: number): Promise<void> {
    this.#check(await this.#ctx.callBytes(this.#load.callee, this.#input))
    this.#note(due)
  }

  #note(since: number): void {
    this.samplesNs[this.#ended] = Math.min((performance.now() - since) * 1e6, SAMPLE_NS_MAX)
    this.#ended += 1
  }

  #check(output: Uint8Array): void {
    const { callee, bytes } = this.#load
    if (output.length !== bytes) throw new Error(`${callee} sent ${output.length} bytes back instead of ${bytes}`)
  }
}
