/**
 * Runs simulated towns.
 *
 *   node --conditions=millrace-source packages/engine/src/testing/town-main.ts --seed N [--runs N] [--calls N]
 *
 * `--seed`: the first seed (default 1). `--runs`: how many seeds from there on (default 1). `--calls`: external calls of
 * each town (default: by its seed). Exit codes: 0 all well, 1 the engine broke its word.
 */
import { parseArgs } from 'node:util'
import { runTown } from './town.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    calls: { type: 'string' },
  },
})
const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.runs); seed += 1) {
  try {
    const report = await runTown({ seed, ...(values.calls === undefined ? {} : { calls: Number(values.calls) }) })
    const outcomes = [...report.outcomes].map(([name, count]) => `${name} ${count}`).join(', ')
    console.log(
      `seed ${seed}: ${report.calls} calls in ${report.turns} turns, history ${report.history.toString(16)}: ${outcomes}`,
    )
  } catch (error) {
    console.error((error as Error).message)
    console.error((error as Error & { cause?: Error }).cause?.stack)
    console.error(`again: node --conditions=millrace-source packages/engine/src/testing/town-main.ts --seed ${seed}`)
    process.exitCode = 1
    break
  }
}
