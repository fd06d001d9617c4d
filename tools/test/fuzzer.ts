/** What an `x.fuzz.ts` exports, as `fuzzer`. */

/** Attacks one idea with whatever a seed gives. */
export interface Fuzzer {
  /** One sentence that holds for any input: "Any bytes, cut anywhere, give messages or a verdict." */
  readonly contract: string
  /** Rounds that take a second or two. */
  readonly smokeRounds: number
  /** Throws, or rejects, as soon as the contract does not hold. Equal seeds and rounds do exactly the same. */
  run(seed: number, rounds: number): void | Promise<void>
}

/** Random whole numbers from a seed: xorshift32, which is enough for choosing bytes and cuts. */
export class SeededRandom {
  #state: number

  /** Any whole number; taken modulo 2^32. */
  constructor(seed: number) {
    // xorshift never leaves 0, so 0 gets a stand-in.
    this.#state = seed >>> 0 || 0x9e3779b9
  }

  /** A whole number from 0 to `limit` - 1; `limit` is 1 to 2^32. */
  below(limit: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }
}
