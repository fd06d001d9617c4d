import { type Fuzzer, SeededRandom } from './fuzzer.ts'

/** A fuzzer that breaks for every seed. Where it passes, the harness cannot tell a broken contract. */
export const fuzzer: Fuzzer = {
  contract: 'The canary, whose contract is false, is seen to break.',
  smokeRounds: 1_000,
  run(seed, rounds) {
    const random = new SeededRandom(seed)
    for (let round = 0; round < rounds; round += 1) {
      if (random.below(2) === 1) throw new Error(`a coin fell on its other side in round ${round}`)
    }
  },
}
