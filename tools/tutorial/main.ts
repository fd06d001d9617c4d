/**
 * Follows the tutorial in docs/tutorial/ and runs the minimal workers of examples/minimal-workers/.
 *
 *   node --conditions=millrace-source tools/tutorial/main.ts [--only tutorial|workers] [--write]
 *
 * `--write` puts the worker that the tutorial ends with, and the line counts of the README, where they belong; without it a
 * difference is a fault. The last line is `N passed, N failed`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { play } from './play.ts'
import { Stage } from './stage.ts'

const TUTORIAL = 'docs/tutorial/worker-for-a-new-language.md'
const PERL_WORKER = 'examples/minimal-workers/perl/worker.pl'

const repository = resolve(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } })
const faults: string[] = []
let passed = 0

if (values.only !== 'workers') await tutorial()
for (const fault of faults) console.error(`${fault}\n`)
console.log(`${passed} passed, ${faults.length} failed`)
process.exitCode = faults.length === 0 ? 0 : 1

async function tutorial(): Promise<void> {
  const stage = new Stage(repository)
  try {
    const played = await play(TUTORIAL, readFileSync(join(repository, TUTORIAL), 'utf8'), stage, 'worker.pl')
    faults.push(...played.faults)
    passed += played.compared - played.faults.length
    const path = join(repository, PERL_WORKER)
    if (values.write) writeFileSync(path, played.worker)
    if (readFileSync(path, 'utf8') === played.worker) passed += 1
    else faults.push(`${PERL_WORKER} is not what the tutorial ends with; mend one, or run this tool with --write`)
  } finally {
    await stage.close()
  }
}
