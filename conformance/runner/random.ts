/** Numbers and bytes that a seed determines, so that a run can be replayed. */

/** A generator, the same for the same seed on every machine (mulberry32). */
export class Random {
  #state: number

  /** `seed`: any unsigned 32-bit number. `stream`: a text that makes the generators of one seed differ. */
  constructor(seed: number, stream = '') {
    let state = seed >>> 0
    for (const byte of Buffer.from(stream)) state = (Math.imul(state ^ byte, 0x0100_0193) + 0x9e37_79b9) >>> 0
    this.#state = state
  }

  /** An unsigned 32-bit number. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor((this.u32() / 4_294_967_296) * (max - min + 1))
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i += 1) bytes[i] = this.u32() & 0xff
    return bytes
  }
}

/** The pattern bytes of the fixture: x begins as the seed, x = x * 1664525 + 1013904223, and the byte is x >> 24. */
export function pattern(count: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let x = seed >>> 0
  for (let i = 0; i < count; i += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}
