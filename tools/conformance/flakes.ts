/**
 * Judges the four SDKs' fixtures again and again while busy processes hold every processor: a verdict that is not the same
 * each time is a flake, of the suite or of the worker.
 *
 *   node --conditions=millrace-source tools/conformance/flakes.ts [--times N] [--only LANGUAGE] [--record]
 *
 * `--times`: runs of each fixture, 1 to 1000, default 20; each has its own seed, and none is tried twice. `--record` writes
 * `conformance/results/flakes.json`. Exit codes: 0 every verdict of every run is pass or not-applicable, 1 otherwise.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildFixtures, type Fixture } from '../fixtures/fixtures.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/conformance')
const RUN_SECONDS_MAX = 900

interface Report {
  readonly seed: number
  readonly results: readonly { readonly case: string; readonly verdict: string; readonly failure?: unknown }[]
}

/** What came of all runs of one fixture. `odd`: every verdict that is neither pass nor not-applicable. */
interface Record {
  readonly language: string
  readonly runs: number
  readonly cases: number
  readonly verdicts: number
  readonly secondsPerRun: { readonly min: number; readonly max: number }
  readonly odd: readonly { readonly seed: number; readonly case: string; readonly verdict: string }[]
}

const { values } = parseArgs({
  options: { times: { type: 'string', default: '20' }, only: { type: 'string' }, record: { type: 'boolean' } },
})
const times = Number(values.times)
if (!Number.isInteger(times) || times < 1 || times > 1_000) {
  console.error(`--times is ${values.times}; use a whole number from 1 to 1000`)
  process.exit(2)
}
const fixtures = buildFixtures().filter(({ language }) => values.only === undefined || values.only === language)
if (fixtures.length === 0) {
  console.error(`--only ${values.only} is no language; use node, python, go or cpp`)
  process.exit(2)
}
mkdirSync(out, { recursive: true })

const load: ChildProcess[] = Array.from({ length: availableParallelism() }, () =>
  spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' }),
)
const records: Record[] = []
try {
  for (const fixture of fixtures) records.push(judge(fixture))
} finally {
  for (const one of load) one.kill('SIGKILL')
}

if (values.record) {
  const directory = join(root, 'conformance/results')
  mkdirSync(directory, { recursive: true })
  const machine = { cpu: cpus()[0]?.model, processors: availableParallelism(), memoryBytes: totalmem() }
  const load = `${availableParallelism()} processes that never wait`
  const record = { command: `tools/conformance/flakes.ts --times ${times} --record`, machine, load, records }
  writeFileSync(join(directory, 'flakes.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = records.some(({ odd }) => odd.length > 0) ? 1 : 0

function judge({ language, command, env, code }: Fixture): Record {
  const options = ['--name', language, '--quiet', ...(code === undefined ? [] : ['--code', code])]
  const stem = join(out, `flakes-${language}`)
  const seconds: number[] = []
  const odd: { seed: number; case: string; verdict: string }[] = []
  let cases = 0
  let verdicts = 0
  for (let i = 1; i <= times; i += 1) {
    const began = performance.now()
    const done = spawnSync(
      join(root, 'bin/millrace-conformance'),
      ['run', 'worker', '--seed', String(i), ...options, '--report', stem, '--', ...command],
      { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, timeout: RUN_SECONDS_MAX * 1_000 },
    )
    if (done.error !== undefined) throw new Error(`the suite could not run: ${done.error.message}`)
    if (!done.stdout.includes('report: ')) throw new Error(`the suite wrote no report:\n${done.stdout}${done.stderr}`)
    seconds.push((performance.now() - began) / 1_000)
    const report = JSON.parse(readFileSync(`${stem}.json`, 'utf8')) as Report
    cases = report.results.length
    verdicts += cases
    const bad = report.results.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable')
    odd.push(...bad.map((one) => ({ seed: i, case: one.case, verdict: one.verdict })))
    const told = bad.map((one) => `${one.case} ${one.verdict} ${JSON.stringify(one.failure ?? '')}`).join('; ')
    console.log(`${language} ${i}/${times}: ${bad.length} odd of ${cases}, ${seconds.at(-1)!.toFixed(1)} s ${told}`)
  }
  const secondsPerRun = { min: round(Math.min(...seconds)), max: round(Math.max(...seconds)) }
  return { language, runs: times, cases, verdicts, secondsPerRun, odd }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
