/**
 * Judges what this repository has: the four SDKs' fixtures, the minimal workers at the core level, and the engine.
 *
 *   node --conditions=millrace-source tools/conformance/main.ts
 *
 * Builds the fixtures that need it, runs the suite against each, shows by the mutants that the cases can fail, and checks
 * `spec/coverage.md`. Reports: `out/conformance/NAME.json`, `.xml`, `.html`, and `report.json` and `report.html` of all. The
 * last line counts the verdicts, each mutant and the coverage as one. Exit codes: 0 all is well, 1 otherwise.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildFixtures } from '../fixtures/fixtures.ts'
import { mutantCounts, NONE, plus, verdictCounts } from './counts.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/conformance')
const SUITE = ['--conditions=millrace-source', join(root, 'conformance/main.ts')]
const RUN_SECONDS_MAX = 900
const perl = join(root, 'examples/minimal-workers/perl')

/** Something to judge. */
interface Subject {
  readonly name: string
  readonly side: 'worker' | 'engine'
  readonly options: readonly string[]
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

mkdirSync(out, { recursive: true })
const subjects: Subject[] = [
  ...buildFixtures().map(({ language, command, env }) => worker(language, [], command, env)),
  worker('perl-minimal', ['--level', 'core'], ['perl', join(perl, 'worker.pl'), join(perl, 'interp.pl')], {}),
  {
    name: 'engine',
    side: 'engine',
    options: [],
    command: [process.execPath, '--conditions=millrace-source', join(root, 'conformance/engine-adapter.ts')],
    env: {},
  },
]

let counts = NONE
for (const { name, side, options, command, env } of subjects) {
  const stem = join(out, name)
  const done = suite(['run', side, '--name', name, '--quiet', '--report', stem, ...options, '--', ...command], env)
  process.stdout.write(done.output)
  const judged = done.reported ? verdictCounts(JSON.parse(readFileSync(`${stem}.json`, 'utf8'))) : NONE
  // A run that broke off, or judged nothing, is a failure of its own.
  const broken = judged.passed + judged.failed === 0 || (done.code !== 0 && judged.failed === 0)
  counts = plus(counts, broken ? { ...judged, failed: judged.failed + 1 } : judged)
}
for (const args of [['mutants'], ['coverage', '--check']]) {
  const done = suite(args, {})
  process.stdout.write(done.output)
  counts = plus(counts, mutantCounts(done.output, done.code))
}
const reports = subjects.map(({ name }) => join(out, `${name}.json`))
const merged = suite(['report', ...reports, '--html', join(out, 'report.html')], {})
process.stdout.write(merged.output)
writeFileSync(
  join(out, 'report.json'),
  `${JSON.stringify(reports.map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown))}\n`,
)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 && merged.code === 0 ? 0 : 1

function worker(
  name: string,
  options: readonly string[],
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Subject {
  return { name, side: 'worker', options, command, env }
}

function suite(args: readonly string[], env: Readonly<Record<string, string>>) {
  const done = spawnSync(process.execPath, [...SUITE, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: RUN_SECONDS_MAX * 1_000,
    maxBuffer: 256 * 1_048_576,
  })
  if (done.error !== undefined) throw new Error(`millrace-conformance ${args[0]} could not run: ${done.error.message}`)
  return { code: done.status, output: done.stdout + done.stderr, reported: done.stdout.includes('report: ') }
}
