/**
 * The bench: measures Millrace beside the least that the same work can cost, in one run, and says what it found.
 *
 * `node --conditions=millrace-source bench/main.ts --quick`; `--help` lists the options, README.md explains the figures.
 * Exit codes: 0 measured; 1 a measurement failed, or a regression was found; 64 asked wrongly; 130 interrupted.
 */
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { BenchCase } from './cases/case.ts'
import { allCases } from './cases/index.ts'
import { compare, regressions } from './compare.ts'
import { figuresOf } from './figures.ts'
import { FULL_BUDGET_MS, QUICK_BUDGET_MS } from './limits.ts'
import { machineFacts, watchWeather } from './machine.ts'
import { type Options, parseOptions, USAGE, UsageError } from './options.ts'
import type { Place } from './place.ts'
import { prepare } from './prepare.ts'
import { profileCase } from './profile.ts'
import { plotsOf } from './report/plots.ts'
import { consoleReport, markdownReport } from './report/report.ts'
import { RESULTS_SCHEMA, type Results, readResults } from './results.ts'
import { makeRounds } from './rounds.ts'
import type { Built } from './site.ts'

/** What runs on this repository's own machine gave. */
const RECORDS = join(import.meta.dirname, 'results')

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)))
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = interrupted.signal.aborted ? 130 : error instanceof UsageError ? 64 : 1
  say(`bench: ${(error as Error).message}`)
}

async function main(options: Options): Promise<number> {
  const wanted = casesOf(options)
  if (options.help) return print(USAGE)
  if (options.list) return print(wanted.map(({ name, title }) => `${name.padEnd(36)}${title}`).join('\n'))
  if (wanted.length === 0) throw new UsageError(`--only ${options.only?.source} matches no case: --list names them`)
  // Read first: a base that can't be read should not cost a run.
  const base = options.compare === undefined ? undefined : readResults(options.compare)
  const profiled = options.profile === undefined ? undefined : caseNamed(options.profile)
  const { cases, built } = await prepare(options.out, profiled === undefined ? wanted : [profiled], say)
  const pinned: Place = { name: 'pinned', core: options.core }
  if (profiled !== undefined) {
    const folder = join(options.out, 'profiles', profiled.name)
    return print(await profileCase(profiled, pinned, built, folder))
  }
  const results = await measure(options, cases, [pinned, { name: 'free', core: undefined }], built)
  writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(join(options.out, 'results.md'), markdownReport(results))
  const plots = plotsOf(results)
  for (const { file, svg } of plots) writeFileSync(join(options.out, file), svg)
  if (options.record) record(results)
  print(consoleReport(results))
  const written = ['results.md', ...plots.map(({ file }) => file)]
  say(`written: ${relative('.', join(options.out, 'results.json'))}, ${written.join(', ')}`)
  return base === undefined ? 0 : holdAgainst(base, results, options.maxRegression)
}

/** Keeps the figures, the table and the plots; not each round, which would be most of the file. */
function record(results: Results): void {
  const kept = `${JSON.stringify({ ...results, results: [] }, undefined, 2)}\n`
  writeFileSync(join(RECORDS, 'bench.json'), kept)
  writeFileSync(join(RECORDS, 'bench.md'), markdownReport(results))
  for (const { file, svg } of plotsOf(results)) writeFileSync(join(RECORDS, `bench-${file}`), svg)
}

/** With `--only` those that match, otherwise all, or with `--quick` the main ones. */
function casesOf({ only, quick }: Options): readonly BenchCase[] {
  if (only !== undefined) return allCases.filter(({ name }) => only.test(name))
  return quick ? allCases.filter((each) => each.quick === true) : allCases
}

async function measure(
  options: Options,
  cases: readonly BenchCase[],
  places: readonly Place[],
  built: Built,
): Promise<Results> {
  const at = new Date().toISOString()
  const weather = watchWeather()
  const { quick, rounds } = options
  const budgetMs = quick ? QUICK_BUDGET_MS : FULL_BUDGET_MS
  const results = await makeRounds({ cases, places, rounds, budgetMs, built, say, signal: interrupted.signal })
  return {
    schema: RESULTS_SCHEMA,
    at,
    quick,
    rounds: Math.max(...results.map(({ round }) => round)),
    pinnedCore: options.core,
    machine: machineFacts(),
    weather: weather(),
    figures: figuresOf(
      cases,
      places.map(({ name }) => name),
      results,
    ),
    results,
  }
}

/** Prints what changed; 1 when something is worse than allowed. */
function holdAgainst(base: Results, results: Results, maxRegression: number | undefined): number {
  const comparisons = compare(base.figures, results.figures)
  print(`\nagainst ${base.at}, commit ${base.machine.commit}: ratio to the floor before and now, worst first`)
  for (const { title, before, now, worsePercent } of comparisons) {
    const change = `${worsePercent > 0 ? '+' : ''}${worsePercent.toFixed(1)} %`
    print(`${change.padStart(9)}  ${before.toFixed(2)} × → ${now.toFixed(2)} ×  ${title}`)
  }
  if (maxRegression === undefined) return 0
  const worse = regressions(comparisons, maxRegression)
  if (worse.length === 0) return 0
  say(
    `bench: ${worse.length} ${worse.length === 1 ? 'figure is' : 'figures are'} worse by more than ${maxRegression} %`,
  )
  return 1
}

function caseNamed(name: string): BenchCase {
  const found = allCases.find((each) => each.name === name)
  if (found === undefined) throw new UsageError(`there is no case ${name}: --list names them`)
  return found
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}

/** What is not a result goes to standard error, so that the table can be piped on. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
