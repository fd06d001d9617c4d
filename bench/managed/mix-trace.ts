/** The arrival trace of the bursty mix: who calls what, and when, in units of the mean gap. Pure, fixed by its seed. */

/** A function of the mix. */
export interface MixFunction {
  readonly name: string
  /** Of 1,000 calls. */
  readonly share: number
  /** Urgency of RFC 9218 that its callers ask for: 0 the most urgent, 7 the least. */
  readonly urgency: number
}

/**
 * Interactive calls, calls that wait for something, and batches of long computations that nobody is in a hurry for. The
 * batches are 6 in 1,000 calls and about half of the processor time.
 */
export const MIX: readonly MixFunction[] = [
  { name: 'light', share: 794, urgency: 3 },
  { name: 'wait', share: 200, urgency: 3 },
  { name: 'heavy', share: 6, urgency: 6 },
]

/** The seed of the recorded runs. */
export const SEED = 20_211

/** Mean length of a phase, in mean gaps. */
const PHASE = 400
/** Rate in a burst and between bursts, as factors of the mean rate; each half of the time. */
const BURST = 1.6
const CALM = 0.4
/** Heavy calls come in batches of this many. */
const BATCH = 12

export interface Arrival {
  /** From the begin, in mean gaps between two calls. */
  readonly at: number
  readonly fn: MixFunction
}

/** `count` calls: Poisson arrivals whose rate changes between burst and calm, heavy ones in batches. */
export function mixTrace(seed: number, count: number): Arrival[] {
  const random = mulberry32(seed)
  const heavy = MIX.find(({ name }) => name === 'heavy')!
  const others = MIX.filter((one) => one !== heavy)
  const othersShare = others.reduce((sum, { share }) => sum + share, 0)
  const trace: Arrival[] = []
  let at = 0
  let isBurst = false
  let phaseEnd = 0
  while (trace.length < count) {
    if (at >= phaseEnd) {
      isBurst = !isBurst
      phaseEnd = at + PHASE * (0.5 + random())
    }
    at += -Math.log(1 - random()) / (isBurst ? BURST : CALM)
    // A batch stands for as many draws of a heavy call, so that the shares hold.
    if (random() * 1_000 < heavy.share / BATCH) {
      for (let i = 0; i < BATCH; i += 1) trace.push({ at, fn: heavy })
      continue
    }
    let dice = random() * othersShare
    let chosen = others[0]!
    for (const one of others) {
      if (dice < one.share) {
        chosen = one
        break
      }
      dice -= one.share
    }
    trace.push({ at, fn: chosen })
  }
  return trace.slice(0, count)
}

/** A small generator of good enough numbers from 0 to 1, the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
