/**
 * Internal calls from C++ to C++, Go to Go and Node to Node by rings against the same by pipes, side by side in one run.
 *
 *   node --conditions=millrace-source bench/ring/main.ts [--rounds N] [--core N] [--only LANGUAGE] [--record]
 *
 * Each round starts a fresh engine and fresh workers for every language and way in turn: by pipes, by rings that are polled, by
 * rings without polling. `--rounds`: 1 to 100, default 5. `--core`: everything on this one core; default: placed by the kernel.
 * `--only`: cpp, go or node. Whoever starts it with `taskset -c 0,1` says how many processors there are. `--record` writes the
 * figures of a whole run into `bench/results/ring.json`, beside those of other numbers of processors. The workers are those of
 * `bench/workers`.
 * Exit codes: 0 the goals below are met, 1 they are not, 2 wrong options. With `--core` there are no goals, and on fewer
 * than three processors, one for each of caller, callee and engine, C++ alone has some.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, type EngineOptions } from '@millrace/engine'
import { CALL_LIMIT_US, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import { allowedCores } from '../place.ts'
import { measurementOf } from '../samples.ts'
import { spread } from '../statistics.ts'
import { calleeRole, type Language, type Role, Workers } from '../subject/languages.ts'
import { loadText, parseSamples } from '../workers/node/load.ts'

/** Polled rings against pipes, of one language. */
interface Goal {
  /** One call at a time: p50, at most. */
  readonly p50RatioMax: number
  /** Many calls at once: calls per second, at least. */
  readonly rateRatioMin: number
  /** The same calls: CPU time of the engine for each, at most. */
  readonly cpuRatioMax: number
}

const GOALS: Readonly<Partial<Record<Language, Goal>>> = {
  cpp: { p50RatioMax: 0.6, rateRatioMin: 1.2, cpuRatioMax: 1 },
  // A call passes through goroutines, which wake one another beside the rings.
  go: { p50RatioMax: 0.8, rateRatioMin: 1.2, cpuRatioMax: 1 },
  node: { p50RatioMax: 0.6, rateRatioMin: 1.2, cpuRatioMax: 1 },
}
/** Those whose SDKs have rings. */
const LANGUAGES: readonly Language[] = ['cpp', 'go', 'node']

const WAYS: Readonly<Record<string, EngineOptions['rings'] | undefined>> = {
  pipes: undefined,
  'rings, auto': 'auto',
  'rings, park': 'park',
}
const POLLED = 'rings, auto'
/** On fewer, C++ alone has goals. */
const PROCESSORS_FOR_ALL = 3
const PAYLOAD_BYTES = 64
const LOADS = [
  { inFlight: 1, calls: 10_000 },
  // For some tenths of a second: in less, what the compiler of the engine does beside them is a good part of its processor time.
  { inFlight: 32, calls: 200_000 },
  { inFlight: 64, calls: 200_000 },
]
const WARM_UP_SHARE = 0.25

/** One measurement: latencies in microseconds, seen by the calling function; CPU of the engine for each call. */
interface Figures {
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
  readonly engineUs: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    core: { type: 'string' },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
const languages = LANGUAGES.filter((language) => values.only === undefined || values.only === language)
if (languages.length === 0) {
  console.error(`--only is ${values.only}; use ${LANGUAGES.join(', ')}`)
  process.exit(2)
}
if (values.record && (values.core !== undefined || values.only !== undefined)) {
  console.error('--record keeps a whole run, so it goes with neither --core nor --only')
  process.exit(2)
}
if (values.core !== undefined) run('taskset', ['-cp', values.core, `${process.pid}`])
const folder = mkdtempSync(join(tmpdir(), 'millrace-ring-'))
const rows = new Map<string, Figures[]>()
try {
  const workers = await Workers.build(folder, new Set(languages))
  for (let round = 0; round < rounds; round += 1) {
    const ways = Object.keys(WAYS)
    // The order turns, so that no way always has the machine that the one before it left.
    for (const language of languages) {
      for (let i = 0; i < ways.length; i += 1) await measureAll(workers, language, ways[(i + round) % ways.length]!)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const table = report()
const misses = values.core === undefined ? judge() : []
for (const miss of misses) console.log(`MISSED: ${miss}`)
if (values.record) record()
console.log(misses.length === 0 ? 'holds' : 'FAILS')
process.exitCode = misses.length === 0 ? 0 : 1

async function measureAll(workers: Workers, language: Language, way: string): Promise<void> {
  for (const role of new Set(LOADS.map(({ inFlight }) => calleeRole(language, inFlight)))) {
    const loads = LOADS.filter(({ inFlight }) => calleeRole(language, inFlight) === role)
    await measureLoads(workers, language, way, role, loads)
  }
}

async function measureLoads(
  workers: Workers,
  language: Language,
  way: string,
  role: Role,
  loads: typeof LOADS,
): Promise<void> {
  const rings = WAYS[way]
  const engine = createEngine({
    programs: [workers.program(language, 'caller'), workers.program(language, role)],
    timeoutUs: CALL_LIMIT_US,
    ...(rings === undefined ? {} : { rings }),
    onOutput: (program, _workerId, _stream, line) => console.error(`${program}: ${line}`),
  })
  try {
    const { failures } = await engine.start()
    if (failures[0] !== undefined) throw new Error(failures[0].message)
    const have = engine.workers().filter(({ features }) => features.includes('shm-ring')).length
    if (have !== (rings === undefined ? 0 : 2)) throw new Error(`${language}, ${way}: ${have} workers have rings`)
    for (const { inFlight, calls } of loads) {
      const measure = async (count: number): Promise<Uint8Array> => {
        const load = { callee: `${language}.echo`, count, inFlight, batch: 1, bytes: PAYLOAD_BYTES, first: 0 }
        const outcome = await engine.invoke(`${language}.calls`, new TextEncoder().encode(loadText(load)))
        if (!outcome.ok) throw new Error(`${language}, ${way}: ${outcome.failure.message}`)
        return outcome.output
      }
      await measure(calls * WARM_UP_SHARE)
      const before = process.cpuUsage()
      const { samplesNs, elapsedNs } = parseSamples(await measure(calls))
      const { user, system } = process.cpuUsage(before)
      const { p50Us, p99Us, perSecond } = measurementOf(samplesNs, elapsedNs)
      const figures = { p50: p50Us!, p99: p99Us!, perSecond: perSecond!, engineUs: (user + system) / calls }
      const name = rowName(language, way, inFlight)
      rows.set(name, [...(rows.get(name) ?? []), figures])
    }
  } finally {
    await engine.stop()
  }
}

function rowName(language: Language, way: string, inFlight: number): string {
  return `${language} | ${way} | ${inFlight}`
}

function median(language: Language, way: string, inFlight: number, figure: keyof Figures): number {
  return spread(rows.get(rowName(language, way, inFlight))!.map((one) => one[figure])).median
}

function report(): object[] {
  const out = languages.flatMap((language) =>
    LOADS.flatMap(({ inFlight }) =>
      Object.keys(WAYS).map((way) => {
        const value = (figure: keyof Figures): number => median(language, way, inFlight, figure)
        const of = (figure: keyof Figures): number => Number(value(figure).toFixed(2))
        const to = (figure: keyof Figures): number =>
          Number((value(figure) / median(language, 'pipes', inFlight, figure)).toFixed(2))
        return {
          language,
          way,
          inFlight,
          p50Us: of('p50'),
          p99Us: of('p99'),
          perSecond: Math.round(of('perSecond')),
          engineUs: of('engineUs'),
          p50Ratio: to('p50'),
          rateRatio: to('perSecond'),
          cpuRatio: to('engineUs'),
        }
      }),
    ),
  )
  console.table(out)
  return out
}

/** What is missed, in words. */
function judge(): string[] {
  const missed: string[] = []
  for (const language of languages) {
    const goal = GOALS[language]
    if (goal === undefined) continue
    // A worker in Node cannot give way, and one in Go has threads of its runtime beside it.
    if (language !== 'cpp' && allowedCores().length < PROCESSORS_FOR_ALL) continue
    const { p50RatioMax, rateRatioMin, cpuRatioMax } = goal
    const check = (inFlight: number, figure: keyof Figures, holds: (ratio: number) => boolean, goal: string): void => {
      const ratio = median(language, POLLED, inFlight, figure) / median(language, 'pipes', inFlight, figure)
      if (holds(ratio)) return
      missed.push(`${language}: ${figure} with ${inFlight} in flight is ${ratio.toFixed(2)} × that by pipes; ${goal}`)
    }
    check(1, 'p50', (ratio) => ratio <= p50RatioMax, `at most ${p50RatioMax}`)
    for (const { inFlight } of LOADS.filter((load) => load.inFlight > 1)) {
      check(inFlight, 'perSecond', (ratio) => ratio >= rateRatioMin, `at least ${rateRatioMin}`)
      check(inFlight, 'engineUs', (ratio) => ratio <= cpuRatioMax, `at most ${cpuRatioMax}`)
    }
  }
  return missed
}

/** What was recorded of other numbers of processors stays. */
function record(): void {
  const directory = join(import.meta.dirname, '../results')
  const file = join(directory, 'ring.json')
  mkdirSync(directory, { recursive: true })
  const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>) : {}
  const cores = allowedCores()
  const command = `taskset -c ${cores.join(',')} node --conditions=millrace-source bench/ring/main.ts --rounds ${rounds} --record`
  all[`${cores.length} processors`] = { command, machine: machineFacts(), figures: table }
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`)
}

/** Throws with what the command printed when it fails. */
function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${done.error ?? done.stdout + done.stderr}`)
}
