/** `mutants`: each mutant must die of the cases, and the causes, that `mutants.yaml` names; the good one must pass all. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadCases } from '../runner/case-file.ts'
import type { Case } from '../runner/case-types.ts'
import { faultsOfMutants, loadMutants, type Mutant, patienceFor } from '../runner/mutants.ts'
import type { Outcome } from '../runner/run-case.ts'
import { runWorkerSuite } from '../runner/suite.ts'
import { UsageError } from './options.ts'

const WORKER = [
  process.execPath,
  '--conditions=millrace-source',
  fileURLToPath(new URL('../mutant-worker.ts', import.meta.url)),
]
/** Node cannot fork: the mutants of a zygote are of a worker in Python. */
const ZYGOTE = ['python3', fileURLToPath(new URL('../mutant-zygote.py', import.meta.url))]
/** What LOAD names: the mutant worker looks only whether it is there. */
const CODE = fileURLToPath(new URL('../mutant-worker/interp.ts', import.meta.url))
/** The seed of these runs: what a mutant does must not hang on luck. */
const SEED = 1
const PATIENCE_MS = 10_000

type RunOne = (one: Case, mutant: Mutant | undefined, patienceMs: number) => Promise<Outcome>

export async function mutants(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      of: { type: 'string' },
      mutant: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string' },
    },
  })
  const sides = values.of === undefined ? (['worker', 'engine'] as const) : [values.of]
  const cases = loadCases()
  const all = loadMutants()
  const faults = faultsOfMutants(all, cases)
  const jobs = values.jobs === undefined ? availableParallelism() : Number(values.jobs)
  for (const side of sides) {
    if (side !== 'worker' && side !== 'engine') throw new UsageError(`--of is ${side}; use worker or engine`)
    const chosen = all.filter(
      (one) => one.of === side && (values.mutant.length === 0 || values.mutant.includes(one.id)),
    )
    if (values.mutant.length > 0 && chosen.length === 0) continue
    const runOne = side === 'worker' ? runWorker : (await import('../runner/engine-proxy.ts')).runEngineMutant
    faults.push(...(await proveSide(side, chosen, cases, runOne, jobs)))
  }
  for (const fault of faults) console.log(`FAULT ${fault}`)
  return faults.length === 0 ? 0 : 1
}

async function proveSide(
  side: 'worker' | 'engine',
  chosen: readonly Mutant[],
  cases: readonly Case[],
  runOne: RunOne,
  jobs: number,
): Promise<string[]> {
  const faults: string[] = []
  const byId = new Map(cases.map((one) => [one.id, one]))
  const began = performance.now()
  const good = cases.filter((one) => one.side === side)
  await lanes(good, jobs, async (one) => {
    const outcome = await runOne(one, undefined, PATIENCE_MS)
    if (outcome.verdict !== 'pass')
      faults.push(
        `without a mutant, ${one.id} is ${outcome.verdict}: ${outcome.failure?.message ?? outcome.reason ?? ''}`,
      )
  })
  const runs = chosen.flatMap((mutant) =>
    Object.entries(mutant.killed_by).map(([id, cause]) => ({ mutant, id, cause })),
  )
  await lanes(runs, jobs, async ({ mutant, id, cause }) => {
    const one = byId.get(id)
    if (one === undefined) return // Told by `faultsOfMutants`.
    const outcome = await runOne(one, mutant, patienceFor(cause))
    const { failure } = outcome
    const got = failure === undefined ? outcome.verdict : `${failure.rule}/${failure.code}`
    if (got !== cause)
      faults.push(
        `mutant ${mutant.id} under ${id}: wanted ${cause}, got ${got}: ${failure?.message ?? outcome.reason ?? 'it lives'}`,
      )
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${side}: ${chosen.length} mutants, ${runs.length} killings, ${good.length} cases pass without a mutant; ${faults.length} faults; ${seconds} s`,
  )
  return faults
}

async function runWorker(one: Case, mutant: Mutant | undefined, patienceMs: number): Promise<Outcome> {
  const env = mutant === undefined ? {} : { MILLRACE_MUTANT: mutant.id }
  const command = one.launch?.zygote === true ? ZYGOTE : WORKER
  const worker = { command, env, code: CODE, patienceMs, zygote: true }
  const [outcome] = await runWorkerSuite(worker, { cases: [one], seed: SEED, jobs: 1 })
  return outcome!
}

async function lanes<T>(list: readonly T[], jobs: number, run: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...list]
  await Promise.all(
    Array.from({ length: Math.max(1, jobs) }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await run(one)
    }),
  )
}
