/** For the tests of this package: numbers that a seed determines. No part of what the package exports. */

/** A generator of numbers in [0, 1), the same for the same seed on every machine (mulberry32). */
export class Random {
  #state: number

  /** `seed`: any unsigned 32-bit number. */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

/** Cuts bytes at random places; pieces may be empty. */
export function cuts(random: Random, bytes: Uint8Array, longest: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.below(longest + 1))
    pieces.push(bytes.slice(at, end))
    at = end
  }
  return pieces
}
