/**
 * Runs every check and every test suite, then prints a table and, last, one line: `N passed, N failed, N skipped`.
 *
 *   node tools/test/main.ts [STAGE or SUITE ...]
 *
 * Without names: all. Whole logs stay in out/test/. A language that the machine lacks is skipped aloud; with CI=true
 * it fails. Exit codes: 0 all passed, 1 something failed, 2 a name that is none.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Counts, NOTHING } from './counts.ts'
import { endRunningSuites, runSuite, type SuiteResult } from './run-suite.ts'
import { STAGES, type Stage, type Suite } from './suites.ts'

const TAIL_LINES_MAX = 60
const DIGEST_LINES_MAX = 12
/** How the tools that run here mark a line that tells a failure. */
const TELLS_A_FAILURE = /FAULT|FAIL|WARNING|not ok|✗|×|error:|Error:|panic:/

const root = join(import.meta.dirname, '../..')
const mustHaveLanguages = process.env.CI === 'true'

function chosen(names: readonly string[]): readonly Stage[] {
  const known = new Set(STAGES.flatMap((stage) => [stage.name, ...stage.suites.map((suite) => suite.name)]))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) {
    console.error(`no suite is called ${unknown}; there are: ${[...known].join(' ')}`)
    process.exit(2)
  }
  if (names.length === 0) return STAGES
  return STAGES.map((stage) => {
    if (names.includes(stage.name)) return stage
    return { ...stage, suites: stage.suites.filter((suite) => names.includes(suite.name)) }
  })
}

const inWords = (counts: Counts) => `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`

/** At most `atOnce` suites at a time; a suite that has the machine to itself shows what it prints as it comes. */
async function runStage(stage: Stage): Promise<SuiteResult[]> {
  const results: SuiteResult[] = []
  const waiting = [...stage.suites]
  const onLine = stage.atOnce === 1 ? (line: string) => console.log(`  ${line}`) : () => {}
  const runNext = async (): Promise<void> => {
    for (let suite: Suite | undefined = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      console.log(`${suite.name} ...`)
      const result = await runSuite(root, suite, mustHaveLanguages, onLine)
      const note = result.note === undefined ? '' : `: ${result.note}`
      console.log(`${suite.name}: ${inWords(result.counts)} in ${result.seconds.toFixed(1)} s${note}`)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: stage.atOnce }, runNext))
  return results
}

function printTail(result: SuiteResult): void {
  if (result.log === undefined) return
  const lines = readFileSync(join(root, result.log), 'utf8').trimEnd().split('\n')
  console.log(`\n--- ${result.name}: the last of ${lines.length} lines of ${result.log}`)
  console.log(lines.slice(-TAIL_LINES_MAX).join('\n'))
}

/** The lines that tell what failed, again after the table: who keeps only the end of a log finds them there. */
function printDigest(result: SuiteResult): void {
  if (result.log === undefined) return
  const lines = readFileSync(join(root, result.log), 'utf8')
    .split('\n')
    .filter((line) => TELLS_A_FAILURE.test(line))
  for (const line of lines.slice(0, DIGEST_LINES_MAX)) console.log(`${result.name}: ${line.trim()}`)
  if (lines.length > DIGEST_LINES_MAX)
    console.log(`${result.name}: ${lines.length - DIGEST_LINES_MAX} more in ${result.log}`)
}

function printTable(results: readonly SuiteResult[]): void {
  const width = Math.max(...results.map((result) => result.name.length))
  console.log(`\n${'suite'.padEnd(width)}   passed   failed  skipped  seconds`)
  for (const { name, counts, seconds, note } of results) {
    const figures = [counts.passed, counts.failed, counts.skipped, seconds.toFixed(1)]
    console.log(`${name.padEnd(width)}${figures.map((figure) => String(figure).padStart(9)).join('')}  ${note ?? ''}`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endRunningSuites()
    process.kill(process.pid, signal)
  })
}

const results: SuiteResult[] = []
for (const stage of chosen(process.argv.slice(2))) results.push(...(await runStage(stage)))

for (const result of results) if (result.counts.failed > 0) printTail(result)
printTable(results)
for (const result of results) if (result.counts.failed > 0) printDigest(result)
const total = results.reduce<Counts>(
  (sum, { counts }) => ({
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
  }),
  NOTHING,
)
for (const { name, note, log } of results) {
  if (log === undefined && note?.includes('IS MISSING')) console.log(`SKIPPED ${name}: ${note}`)
}
console.log(inWords(total))
process.exitCode = total.failed > 0 ? 1 : 0
