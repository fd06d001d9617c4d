/**
 * Judges what this repository has: the four SDKs' fixtures, the same by rings and shut off at the core level, the minimal workers at the
 * core level, and the engine with all processors and with one.
 *
 *   node --conditions=millrace-source tools/conformance/main.ts
 *
 * Builds the fixtures that need it, runs the suite against each, shows by the mutants that the cases can fail, and checks
 * `spec/coverage.md`. Reports: `out/conformance/NAME.json`, `.xml`, `.html`, and `report.json` and `report.html` of all. The
 * last line counts the verdicts, each mutant and the coverage as one. Exit codes: 0 all is well, 1 otherwise.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allowedCores } from '../../bench/place.ts'
import { buildFixtures } from '../fixtures/fixtures.ts'
import { mutantCounts, plus } from './counts.ts'
import { judge, OUT } from './judge.ts'
import { plainSubject, ringSubjects, type Subject, shutSubjects, suite } from './subject.ts'

const root = join(import.meta.dirname, '../..')
const perl = join(root, 'examples/minimal-workers/perl')
const CORE = ['--level', 'core']

const engine = {
  side: 'engine',
  options: [],
  command: [process.execPath, '--conditions=millrace-source', join(root, 'conformance/engine-adapter.ts')],
  env: {},
} as const

const fixtures = buildFixtures()
const subjects: Subject[] = [
  ...fixtures.map(plainSubject),
  ...ringSubjects(fixtures),
  ...shutSubjects(fixtures, CORE),
  {
    name: 'perl-minimal',
    side: 'worker',
    options: CORE,
    command: ['perl', join(perl, 'worker.pl'), join(perl, 'interp.pl')],
    env: {},
  },
  { ...engine, name: 'engine' },
  // With its workers on one processor the engine polls its pipes.
  { ...engine, name: 'engine-packed', command: onOneCore(engine.command) },
]

/** Each process of it on one core, not all on the same: which one goes by the process id. */
function onOneCore(command: readonly string[]): readonly string[] {
  const pick =
    'cores=$1; shift; exec taskset -c "$(echo $cores | cut -d " " -f $(($$ % $(echo $cores | wc -w) + 1)))" "$@"'
  return ['sh', '-c', pick, 'sh', allowedCores().join(' '), ...command]
}

let counts = judge(subjects)
for (const args of [['mutants'], ['coverage', '--check']]) {
  const done = suite(args, {})
  process.stdout.write(done.output)
  counts = plus(counts, mutantCounts(done.output, done.code))
}
const reports = subjects.map(({ name }) => join(OUT, `${name}.json`))
const merged = suite(['report', ...reports, '--html', join(OUT, 'report.html')], {})
process.stdout.write(merged.output)
writeFileSync(
  join(OUT, 'report.json'),
  `${JSON.stringify(reports.map((file) => JSON.parse(readFileSync(file, 'utf8')) as unknown))}\n`,
)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 && merged.code === 0 ? 0 : 1
