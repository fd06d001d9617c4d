/** `run worker` and `run engine`: judges, prints, writes the reports. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describeReport, describeResult } from '../report/console.ts'
import { html } from '../report/html.ts'
import { junit } from '../report/junit.ts'
import { loadKnown } from '../report/known-failing.ts'
import { exitCodeOf, makeReport, type Report } from '../report/model.ts'
import type { Outcome } from '../runner/run-case.ts'
import { runWorkerSuite } from '../runner/suite.ts'
import { type RunOptions, runOptions, UsageError } from './options.ts'

const MARKS: Readonly<Record<string, string>> = { pass: '.', fail: 'F', inconclusive: '?', 'not-applicable': '-' }

export async function run(args: readonly string[]): Promise<number> {
  const [side, ...rest] = args
  if (side !== 'worker' && side !== 'engine') throw new UsageError('say what to judge: run worker or run engine')
  const options = runOptions(side, rest)
  const known = options.known === undefined ? [] : loadKnown(options.known)
  const started = new Date()
  const began = performance.now()
  const outcomes = await judge(side, options)
  const report = makeReport({
    ...options,
    side,
    started,
    ms: performance.now() - began,
    outcomes,
    known,
    whole: options.whole,
  })
  print(report, options)
  return exitCodeOf(report)
}

async function judge(side: 'worker' | 'engine', options: RunOptions): Promise<Outcome[]> {
  const suite = {
    cases: options.cases,
    seed: options.seed,
    jobs: options.jobs,
    onOutcome: (one: Outcome) => {
      if (!options.quiet) process.stdout.write(MARKS[one.verdict] ?? '!')
    },
  }
  const { command, env, code, patienceMs, isolation, zygote, rings } = options
  if (side === 'worker')
    return await runWorkerSuite({ command, env, code, patienceMs, isolation, zygote, rings }, suite)
  const { runEngineSuite } = await import('../runner/engine-suite.ts')
  return await runEngineSuite({ command, patienceMs }, suite)
}

/** Prints a report and writes its files. */
export function print(report: Report, options: { readonly report: string | undefined; readonly quiet: boolean }): void {
  if (!options.quiet) process.stdout.write('\n')
  for (const one of report.results) {
    if (one.verdict !== 'pass' && one.verdict !== 'not-applicable')
      console.log(`\n${describeResult(one, report.strict)}`)
  }
  console.log(`\n${describeReport(report)}`)
  if (options.report === undefined) return
  mkdirSync(dirname(options.report), { recursive: true })
  writeFileSync(`${options.report}.json`, `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(`${options.report}.xml`, junit(report))
  writeFileSync(`${options.report}.html`, html([report]))
  console.log(`report: ${options.report}.json, .xml, .html`)
}
