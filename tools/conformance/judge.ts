/** Judges subjects one after the other, each with its report in `out/conformance/`, and adds up their verdicts. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Counts, NONE, plus, verdictCounts } from './counts.ts'
import { type Subject, suite } from './subject.ts'

/** Where the reports go. */
export const OUT = join(import.meta.dirname, '../../out/conformance')

/** Runs the suite against each, prints what it says, and counts. */
export function judge(subjects: readonly Subject[]): Counts {
  mkdirSync(OUT, { recursive: true })
  let counts = NONE
  for (const { name, side, options, command, env } of subjects) {
    const stem = join(OUT, name)
    const done = suite(['run', side, '--name', name, '--quiet', '--report', stem, ...options, '--', ...command], env)
    process.stdout.write(done.output)
    const judged = done.reported ? verdictCounts(JSON.parse(readFileSync(`${stem}.json`, 'utf8'))) : NONE
    // A run that broke off, or judged nothing, is a failure of its own.
    const broken = judged.passed + judged.failed === 0 || (done.code !== 0 && judged.failed === 0)
    counts = plus(counts, broken ? { ...judged, failed: judged.failed + 1 } : judged)
  }
  return counts
}
