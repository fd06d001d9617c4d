/**
 * One engine against two behind one port: internal calls from C++ to C++ within a shard and across shards, and HTTP.
 *
 *   node --conditions=millrace-source bench/shards/main.ts [--rounds N] [--record]
 *
 * Two callers call two callees at the same time, each of the four in a process of its own. Each round starts every way in
 * turn: one engine; two shards with each pair on one of them; two shards with each caller on one and its callee on the other.
 * The names of the functions are chosen so that the plan of the shards places them so. Then HTTP requests to the two
 * callees: one engine; two shards, where each second request lands on the shard that does not serve its function.
 * `--rounds`: 1 to 100, default 5. `--record` writes `bench/results/shards.json`. Exit codes: 0 measured, 2 wrong options.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
// The plan is the engine's own affair; only who measures it has to ask.
import { ownersOf } from '../../packages/engine/src/shard/plan.ts'
import type { HttpClientQuestions } from '../http/load.ts'
import { MEASURE_LIMIT_MS, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import { Peer } from '../peer.ts'
import { cpuUs } from '../processes.ts'
import { spread } from '../statistics.ts'
import { type BenchFunction, ShardSite } from './site.ts'

const PAYLOAD_BYTES = 64
/** By what callees: a C++ worker that takes one call at a time makes one quickest, and many at once slowest. */
const LOADS = [
  { inFlight: 1, calls: 15_000, role: 'callee' },
  { inFlight: 32, calls: 60_000, role: 'wide' },
] as const
type Role = (typeof LOADS)[number]['role']
const HTTP_LOAD = { sockets: 16, count: 8_000 }
const WARM_UP_SHARE = 0.25

/** Two callers, two callees: on which of the shards each is to lie, in the order calls-a, echo-a, calls-b, echo-b. */
const WAYS = {
  'one engine': [0, 0, 0, 0],
  'two shards, within': [0, 0, 1, 1],
  'two shards, across': [0, 1, 1, 0],
} as const
type Way = keyof typeof WAYS
const BASE: Way = 'one engine'

/** One measurement. Latency in microseconds as the caller sees it, mean of both callers; CPU of all engines for each call. */
interface Figures {
  readonly p50Us: number
  readonly p99Us: number
  readonly perSecond: number
  readonly engineUs: number
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, record: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
const root = join(import.meta.dirname, '../..')
const build = join(root, 'out/cpp')
run('cmake', ['-S', join(root, 'sdks/cpp'), '-B', build, '-DCMAKE_BUILD_TYPE=RelWithDebInfo'])
run('cmake', ['--build', build, '--parallel', '2', '--target', 'internal_calls'])

const rows = new Map<string, Figures[]>()
const client = await Peer.start<HttpClientQuestions>(join(root, 'bench/http/client-process.ts'), {
  name: 'free',
  core: undefined,
})
try {
  const ways = Object.keys(WAYS) as Way[]
  for (let round = 0; round < rounds; round += 1) {
    // The order turns, so that no way always has the machine that the one before it left.
    for (let i = 0; i < ways.length; i += 1) await measureAll(ways[(i + round) % ways.length]!)
  }
} finally {
  await client.end()
}
const table = report()
if (values.record) {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const command = `bench/shards/main.ts --rounds ${rounds} --record`
  const text = JSON.stringify({ command, machine: machineFacts(), figures: table }, undefined, 2)
  writeFileSync(join(directory, 'shards.json'), `${text}\n`)
}

async function measureAll(way: Way): Promise<void> {
  for (const { inFlight, calls, role } of LOADS) {
    await at(way, role, async (site, [callsA, echoA, callsB, echoB]) => {
      await internal(site, [callsA, callsB], calls * WARM_UP_SHARE, inFlight)
      keep(`${way} | internal | ${inFlight}`, await internal(site, [callsA, callsB], calls, inFlight))
      if (role === 'callee' || way === 'two shards, across') return // To a gateway it is the same as the other.
      await external(site, [echoA, echoB], HTTP_LOAD.count * WARM_UP_SHARE)
      keep(`${way} | http | ${HTTP_LOAD.sockets}`, await external(site, [echoA, echoB], HTTP_LOAD.count))
    })
  }
}

type Names = readonly [callsA: string, echoA: string, callsB: string, echoB: string]

/** Runs `measure` with fresh engines and workers. */
async function at(way: Way, role: Role, measure: (site: ShardSite, names: Names) => Promise<void>): Promise<void> {
  const functions = placed(way, role)
  const [callsA, echoA, callsB, echoB] = functions.map(({ name }) => name) as [string, string, string, string]
  const site = await ShardSite.start(functions, Math.max(...WAYS[way]) + 1)
  try {
    await measure(site, [callsA, echoA, callsB, echoB])
  } finally {
    await site.end()
  }
}

/** Both callers at once. */
async function internal(site: ShardSite, names: readonly string[], calls: number, inFlight: number): Promise<Figures> {
  const before = engineCpuUs(site)
  const began = performance.now()
  const answers = await Promise.all(names.map((name) => site.call(name, `${calls} ${PAYLOAD_BYTES} ${inFlight}`)))
  const seconds = (performance.now() - began) / 1e3
  const all = calls * names.length
  const [p50Us, p99Us] = [0, 1].map((at) => mean(answers.map((answer) => Number(answer.split(' ')[at]))))
  return { p50Us: p50Us!, p99Us: p99Us!, perSecond: all / seconds, engineUs: (engineCpuUs(site) - before) / all }
}

/** Half of the requests to each function, one after the other. */
async function external(site: ShardSite, names: readonly string[], count: number): Promise<Figures> {
  const before = engineCpuUs(site)
  const measured = []
  for (const name of names) {
    const load = {
      host: site.url.hostname,
      port: Number(site.url.port),
      path: `/function/${name}`,
      bodyBytes: PAYLOAD_BYTES,
      answerBytes: PAYLOAD_BYTES,
      sockets: HTTP_LOAD.sockets,
      count,
    }
    measured.push(await client.ask('run', load, MEASURE_LIMIT_MS))
  }
  return {
    p50Us: mean(measured.map((one) => one.p50Us!)),
    p99Us: mean(measured.map((one) => one.p99Us!)),
    perSecond: mean(measured.map((one) => one.perSecond!)),
    engineUs: (engineCpuUs(site) - before) / (count * names.length),
  }
}

function engineCpuUs(site: ShardSite): number {
  return site.enginePids.reduce((sum, pid) => sum + cpuUs(pid), 0)
}

/** The four functions, by names that put each where `way` has it. */
function placed(way: Way, role: Role): BenchFunction[] {
  const worker = join(build, 'internal_calls')
  const wanted = WAYS[way]
  const shards = Math.max(...wanted) + 1
  for (let salt = 0; ; salt += 1) {
    const [callsA, echoA, callsB, echoB] = ['calls-a', 'echo-a', 'calls-b', 'echo-b'].map((name) => `${name}${salt}`)
    const names = [callsA!, echoA!, callsB!, echoB!]
    const owners = ownersOf(
      names.map((name) => ({ name, functions: [name] })),
      shards,
    )
    if (owners.some((owner, at) => owner !== wanted[at])) continue
    return [
      { name: callsA!, command: [worker, 'caller', callsA!, echoA!] },
      { name: echoA!, command: [worker, role, echoA!] },
      { name: callsB!, command: [worker, 'caller', callsB!, echoB!] },
      { name: echoB!, command: [worker, role, echoB!] },
    ]
  }
}

function keep(row: string, figures: Figures): void {
  rows.set(row, [...(rows.get(row) ?? []), figures])
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function report(): object[] {
  const out = [...rows.keys()].toSorted(byLoad).map((row) => {
    const [way, kind, inFlight] = row.split(' | ')
    const base = rows.get(`${BASE} | ${kind} | ${inFlight}`)!
    const of = (figure: keyof Figures, digits = 1): number =>
      Number(spread(rows.get(row)!.map((one) => one[figure])).median.toFixed(digits))
    // Round for round: what changed on the machine from round to round falls out.
    const to = (figure: keyof Figures): number =>
      Number(spread(rows.get(row)!.map((one, round) => one[figure] / base[round]![figure])).median.toFixed(2))
    return {
      kind,
      inFlight: Number(inFlight),
      way,
      p50Us: of('p50Us'),
      p99Us: of('p99Us'),
      perSecond: of('perSecond', 0),
      engineUs: of('engineUs'),
      p50Ratio: to('p50Us'),
      rateRatio: to('perSecond'),
      cpuRatio: to('engineUs'),
    }
  })
  console.table(out)
  return out
}

/** By kind and load first, so that what is to be compared stands together. */
function byLoad(a: string, b: string): number {
  const key = (row: string): string => {
    const [way, kind, inFlight] = row.split(' | ')
    return `${kind} ${inFlight!.padStart(4)} ${Object.keys(WAYS).indexOf(way!)}`
  }
  return key(a) < key(b) ? -1 : 1
}

/** Throws with what the command printed when it fails. */
function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${done.error ?? done.stdout + done.stderr}`)
}
