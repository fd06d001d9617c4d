/**
 * Follows the tutorial in docs/tutorial/ and runs the minimal workers of examples/minimal-workers/.
 *
 *   node --conditions=millrace-source tools/tutorial/main.ts [--only tutorial|workers] [--write]
 *
 * `--write` puts the worker that the tutorial ends with, and the counts of the README, where they belong; without it a
 * difference is a fault. The last line is `N passed, N failed, 0 skipped`; exit code 1 when one failed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { count, examine, MINIMAL_WORKERS } from './minimal-workers.ts'
import { play } from './play.ts'
import { withTable } from './readme-table.ts'
import { Stage } from './stage.ts'

const TUTORIAL = 'docs/tutorial/worker-for-a-new-language.md'
const PERL_WORKER = 'examples/minimal-workers/perl/worker.pl'
const WORKERS = 'examples/minimal-workers'

/** Lines of a minimal worker that say something, at most. */
const LINES_MAX = 150

const repository = resolve(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } })
const faults: string[] = []
let passed = 0

if (values.only !== 'workers') await followTutorial()
if (values.only !== 'tutorial') await runWorkers()
for (const fault of faults) console.error(`${fault}\n`)
console.log(`${passed} passed, ${faults.length} failed, 0 skipped`)
process.exitCode = faults.length === 0 ? 0 : 1

async function followTutorial(): Promise<void> {
  const stage = new Stage(repository)
  try {
    const played = await play(TUTORIAL, readFileSync(join(repository, TUTORIAL), 'utf8'), stage, 'worker.pl')
    faults.push(...played.faults)
    passed += played.passed
    expectFile(PERL_WORKER, played.worker, 'is not what the tutorial ends with; mend one')
  } finally {
    await stage.close()
  }
}

async function runWorkers(): Promise<void> {
  const folder = join(repository, WORKERS)
  const build = mkdtempSync(join(tmpdir(), 'millrace-minimal-'))
  const rows = MINIMAL_WORKERS.map((worker) => ({ ...worker, ...count(worker, folder, ruleIds()) }))
  try {
    for (const worker of rows) {
      const found = await examine(worker, folder, build)
      if (worker.lines > LINES_MAX) found.push(`it has ${worker.lines} lines, above ${LINES_MAX}`)
      faults.push(...found.map((fault) => `${WORKERS}/${worker.file}: ${fault}`))
      if (found.length === 0) passed += 1
    }
  } finally {
    rmSync(build, { recursive: true })
  }
  const readme = `${WORKERS}/README.md`
  expectFile(readme, withTable(readFileSync(join(repository, readme), 'utf8'), rows), 'has other counts than the files')
}

function expectFile(file: string, wanted: string, fault: string): void {
  const path = join(repository, file)
  if (values.write) writeFileSync(path, wanted)
  if (readFileSync(path, 'utf8') === wanted) passed += 1
  else faults.push(`${file} ${fault}, or run this tool with --write`)
}

function ruleIds(): ReadonlySet<string> {
  const text = readFileSync(join(repository, 'spec/requirements.json'), 'utf8')
  return new Set((JSON.parse(text) as { requirements: { id: string }[] }).requirements.map(({ id }) => id))
}
