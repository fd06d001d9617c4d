/**
 * Runs every fuzzer. A fuzzer lies beside the file it attacks, as `x.fuzz.ts`, and exports a `fuzzer`.
 *
 *   node tools/test/fuzz.ts [--smoke | --long] [--seed N] [--rounds N] [NAME ...]
 *
 * Without a seed it picks one and prints it first. `--smoke` (the default): the rounds that take seconds; `--long`:
 * `LONG_FACTOR` times as many. The canary, which must fail, runs first: where it passes, a passing fuzzer means
 * nothing. Exit codes: 0 every contract held, 1 one did not.
 */
import { randomInt } from 'node:crypto'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Fuzzer } from './fuzzer.ts'

const LONG_FACTOR = 100
const SEEDS = 2 ** 32
const CANARY = 'tools/test/canary.fuzz.ts'

const root = join(import.meta.dirname, '../..')
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean' },
    long: { type: 'boolean' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
  },
})
const seed = options.seed === undefined ? randomInt(SEEDS) : Number(options.seed)
if (!Number.isInteger(seed)) throw new Error(`--seed takes a whole number, not ${options.seed}`)
console.log(`seed ${seed}`)

const load = async (path: string) => ((await import(join(root, path))) as { fuzzer: Fuzzer }).fuzzer

/** What broke, or undefined when the contract held. */
async function run(fuzzer: Fuzzer): Promise<unknown> {
  const rounds = options.rounds === undefined ? fuzzer.smokeRounds * (options.long ? LONG_FACTOR : 1) : options.rounds
  try {
    await fuzzer.run(seed, Number(rounds))
    return undefined
  } catch (error) {
    return error
  }
}

let [passed, failed] = [0, 0]
const report = (name: string, fault: unknown, contract: string) => {
  if (fault === undefined) {
    passed += 1
    console.log(`held: ${name}: ${contract}`)
    return
  }
  failed += 1
  console.log(`BROKEN: ${name}: ${contract}`)
  console.log(fault)
  console.log(`again: node --conditions=millrace-source tools/test/fuzz.ts --seed ${seed} ${name}`)
}

const canary = await load(CANARY)
const canarySang = (await run(canary)) !== undefined
report('canary', canarySang ? undefined : new Error('the canary passed: no fuzzer here can fail'), canary.contract)

const paths = globSync('{packages,tools,conformance}/**/*.fuzz.ts', {
  cwd: root,
  exclude: (path) => path.includes('node_modules') || path.includes('dist'),
}).toSorted()
for (const path of paths) {
  const name = basename(path, '.fuzz.ts')
  if (path === CANARY || (names.length > 0 && !names.includes(name))) continue
  const fuzzer = await load(path)
  report(name, await run(fuzzer), fuzzer.contract)
}
// The canary alone proves nothing.
if (passed + failed < 2) report('fuzzers', new Error('no other x.fuzz.ts was found'), 'there is something to fuzz')
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
