/**
 * Internal calls and HTTP with engine and workers placed by the kernel, packed, spread and by `auto`, side by side in one run.
 *
 *   node --conditions=millrace-source bench/affinity/main.ts [--rounds N] [--only REGEX] [--record]
 *
 * Each round starts a fresh engine and fresh workers for every way in turn, and plays all loads to it one after the other; each
 * is measured for `MEASURE_MS` after it has gone on for a while. Whoever starts it with `taskset -c 0,1` says how many processors there are. The HTTP client
 * is placed by the kernel. `--rounds`: 1 to 100, default 3. `--only`: loads whose name matches. `--record` writes the figures into
 * `bench/results/affinity.json`, beside those of other loads and of other numbers of processors.
 * Exit codes: 0 `auto` is within `AUTO_SHARE_MIN` of the better of pack and spread in most loads, 1 it is not, 2 wrong options.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EngineOptions, ProgramOptions } from '@millrace/engine'
import { HELLO } from '../http/hello.ts'
import type { HttpClientQuestions } from '../http/load.ts'
import { MEASURE_LIMIT_MS, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import type { Measurement } from '../measurement.ts'
import { Peer } from '../peer.ts'
import { allowedCores } from '../place.ts'
import { spread } from '../statistics.ts'
import type { EnginePlan, EngineQuestions } from '../subject/engine-questions.ts'
import { type Language, Workers } from '../subject/languages.ts'
import { WORK_ANSWER } from './work-answer.ts'

/** What `auto` must reach of the better of pack and spread, in calls per second, in more than half of the loads. */
const AUTO_SHARE_MIN = 0.9

const WAYS: Readonly<Record<string, EngineOptions['affinity'] | undefined>> = {
  kernel: undefined,
  pack: 'pack',
  spread: 'spread',
  auto: 'auto',
}
const PAYLOAD_BYTES = 64
/** Where the bench itself may run. */
const FREE = { name: 'free', core: undefined } as const

/** Four workers that compute. */
const WORK: ProgramOptions = {
  name: 'work',
  command: [process.execPath, '--conditions=millrace-source', join(import.meta.dirname, 'work.ts')],
  workers: 4,
}

/** For compilers to be done; by `auto` until it has found its place, which it looks for every two seconds at first. */
const WARM_UP_MS = 600
const WARM_UP_AUTO_MS = 2_800
const MEASURE_MS = 1_000

/** Asked for piece by piece, until the time is over. */
interface Load {
  readonly name: string
  readonly language: Language | 'http' | 'work'
  /** Internal calls in flight, or HTTP sockets. */
  readonly inFlight: number
  /** Calls of one piece: some tenths of a second. */
  readonly calls: number
}

const LOADS: readonly Load[] = [
  { name: 'node.1', language: 'node', inFlight: 1, calls: 1_500 },
  { name: 'node.8', language: 'node', inFlight: 8, calls: 10_000 },
  { name: 'node.64', language: 'node', inFlight: 64, calls: 25_000 },
  { name: 'cpp.1', language: 'cpp', inFlight: 1, calls: 2_000 },
  { name: 'cpp.8', language: 'cpp', inFlight: 8, calls: 15_000 },
  { name: 'cpp.64', language: 'cpp', inFlight: 64, calls: 40_000 },
  { name: 'http.1', language: 'http', inFlight: 1, calls: 1_000 },
  { name: 'http.32', language: 'http', inFlight: 32, calls: 5_000 },
  { name: 'work.1', language: 'work', inFlight: 1, calls: 500 },
  { name: 'work.8', language: 'work', inFlight: 8, calls: 1_000 },
]
/** Makes the code hot before the first measurement. */
const FIRST_CALLS = { overlapping: 40_000, sequential: 5_000, trees: 0 }

/** What is printed and recorded of one load by one way. */
interface Row {
  readonly load: string
  readonly way: string
  readonly p50Us: number
  readonly p99Us: number
  readonly perSecond: number
  readonly p50Ratio: number
  readonly rateRatio: number
  /** Of `auto`: calls per second against the better of pack and spread. */
  readonly ofBetter?: number
}

interface Recorded {
  readonly command: string
  readonly machine: object
  readonly figures: readonly Row[]
}

interface Figures {
  readonly p50Us: number
  readonly p99Us: number
  readonly perSecond: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    record: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
const loads = LOADS.filter(({ name }) => new RegExp(values.only).test(name))
const languages = ['node', 'cpp'] as const
const workers = await Workers.build(join(import.meta.dirname, '../../out/bench'), new Set(languages))
const client = await Peer.start<HttpClientQuestions>(script('../http/client-process.ts'), FREE)

const rows = new Map<string, Figures[]>()
try {
  for (let round = 0; round < rounds; round += 1) {
    const ways = Object.keys(WAYS)
    // The order turns, so that no way always has the machine that the one before it left.
    for (let i = 0; i < ways.length; i += 1) await measureAll(ways[(i + round) % ways.length]!)
  }
} finally {
  await client.end()
}
const table = report()
const near = loads.filter(({ name }) => autoShare(name) >= AUTO_SHARE_MIN).length
console.log(`auto is within ${AUTO_SHARE_MIN} of the better of pack and spread in ${near} of ${loads.length} loads`)
if (values.record) record()
process.exitCode = near * 2 > loads.length ? 0 : 1

async function measureAll(way: string): Promise<void> {
  const affinity = WAYS[way]
  const roles = (['caller', 'callee', 'wide'] as const).flatMap((role) =>
    languages.map((language) => workers.program(language, role)),
  )
  const plan: EnginePlan = {
    programs: [...roles.filter(({ name }) => name !== 'node-wide' && name !== 'cpp-callee'), WORK],
    http: true,
    firstCalls: FIRST_CALLS,
    ...(affinity === undefined ? {} : { affinity }),
  }
  const engine = await Peer.start<EngineQuestions>(script('../subject/engine-process.ts'), FREE, [JSON.stringify(plan)])
  try {
    for (const load of loads) {
      const figures = await measure(engine, load, way === 'auto' ? WARM_UP_AUTO_MS : WARM_UP_MS)
      rows.set(key(way, load.name), [...(rows.get(key(way, load.name)) ?? []), figures])
    }
  } finally {
    await engine.end()
  }
}

async function measure(engine: Peer<EngineQuestions>, load: Load, warmUpMs: number): Promise<Figures> {
  const run = await runner(engine, load)
  await during(warmUpMs, run)
  const pieces = await during(MEASURE_MS, run)
  const middle = (figure: keyof Figures): number => spread(pieces.map((piece) => piece[figure]!)).median
  const seconds = pieces.reduce((sum, piece) => sum + load.calls / piece.perSecond!, 0)
  return {
    p50Us: middle('p50Us'),
    p99Us: middle('p99Us'),
    perSecond: (pieces.length * load.calls) / seconds,
  }
}

/** Makes one piece of a load. */
async function runner(
  engine: Peer<EngineQuestions>,
  { language, inFlight, calls }: Load,
): Promise<() => Promise<Measurement>> {
  if (language === 'http' || language === 'work') {
    const { host, port } = await engine.ask('address', null, MEASURE_LIMIT_MS)
    const [path, answer] = language === 'http' ? ['node.hello', HELLO] : ['work', WORK_ANSWER]
    const load = {
      ...{ host, port, path: `/function/${path}` },
      ...{ bodyBytes: 0, answerBytes: answer.length, sockets: inFlight, count: calls },
    }
    return () => client.ask('run', load, MEASURE_LIMIT_MS)
  }
  const load = { callee: `${language}.echo`, count: calls, inFlight, batch: 1, bytes: PAYLOAD_BYTES, first: 0 }
  return () => engine.ask('internal', { caller: language, load, warmUp: 1 }, MEASURE_LIMIT_MS)
}

/** What all pieces gave that began within so many milliseconds. */
async function during(ms: number, run: () => Promise<Measurement>): Promise<Measurement[]> {
  const end = performance.now() + ms
  const pieces: Measurement[] = []
  while (performance.now() < end) pieces.push(await run())
  return pieces
}

function median(way: string, load: string, figure: keyof Figures): number {
  return spread(rows.get(key(way, load))!.map((one) => one[figure])).median
}

/** Calls per second by `auto` against the better of the two that it chooses from. */
function autoShare(load: string): number {
  return (
    median('auto', load, 'perSecond') / Math.max(...['pack', 'spread'].map((way) => median(way, load, 'perSecond')))
  )
}

function report(): Row[] {
  const out = loads.flatMap(({ name }) =>
    Object.keys(WAYS).map((way) => {
      const to = (figure: keyof Figures): number =>
        Number((median(way, name, figure) / median('kernel', name, figure)).toFixed(2))
      return {
        load: name,
        way,
        p50Us: Number(median(way, name, 'p50Us').toFixed(1)),
        p99Us: Number(median(way, name, 'p99Us').toFixed(1)),
        perSecond: Math.round(median(way, name, 'perSecond')),
        p50Ratio: to('p50Us'),
        rateRatio: to('perSecond'),
        ...(way === 'auto' ? { ofBetter: Number(autoShare(name).toFixed(2)) } : {}),
      }
    }),
  )
  console.table(out)
  return out
}

/** What was recorded of other loads and of other numbers of processors stays. */
function record(): void {
  const directory = join(import.meta.dirname, '../results')
  const file = join(directory, 'affinity.json')
  mkdirSync(directory, { recursive: true })
  const place = `${allowedCores().length} processors`
  const all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Recorded>) : {}
  const others = (all[place]?.figures ?? []).filter(({ load }) => loads.every(({ name }) => name !== load))
  const parts = values.only === '' ? '' : ', in parts by --only'
  const command = `taskset -c ${allowedCores().join(',')} node --conditions=millrace-source bench/affinity/main.ts --rounds ${rounds} --record${parts}`
  all[place] = { command, machine: machineFacts(), figures: [...others, ...table] }
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`)
}

function key(way: string, load: string): string {
  return `${way} | ${load}`
}

function script(path: string): string {
  return join(import.meta.dirname, path)
}
