/**
 * Internal calls from C++ to C++ by rings against the same by pipes, side by side in one run.
 *
 *   node --conditions=millrace-source bench/ring/main.ts [--rounds N] [--core N] [--record]
 *
 * Each round starts a fresh engine and fresh workers for every way in turn: by pipes, by rings that the engine polls, by rings
 * without polling. `--rounds`: 1 to 100, default 5. `--core`: everything on this one core; default: placed by the kernel.
 * `--record` writes `bench/results/ring.json`. The workers are `sdks/cpp/bench/internal_calls.cpp`, built into `out/cpp`.
 * Exit codes: 0 the goals below are met, 1 they are not, 2 wrong options. With `--core` there are no goals.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, type EngineOptions } from '@millrace/engine'
import { CALL_LIMIT_US, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import { spread } from '../statistics.ts'

/** One call at a time: p50 by polled rings against p50 by pipes, at most. */
const P50_RATIO_MAX = 0.6
/** Many calls at once: calls per second by polled rings against those by pipes, at least. */
const RATE_RATIO_MIN = 1.2
/** The same calls: CPU time of the engine for each, at most. */
const CPU_RATIO_MAX = 1

const WAYS: Readonly<Record<string, EngineOptions['rings'] | undefined>> = {
  pipes: undefined,
  'rings, auto': 'auto',
  'rings, park': 'park',
}
const POLLED = 'rings, auto'
const PAYLOAD_BYTES = 64
const LOADS = [
  { inFlight: 1, calls: 20_000 },
  { inFlight: 32, calls: 60_000 },
  { inFlight: 64, calls: 60_000 },
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
    record: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
if (values.core !== undefined) run('taskset', ['-cp', values.core, `${process.pid}`])
const root = join(import.meta.dirname, '../..')
const build = join(root, 'out/cpp')
run('cmake', ['-S', join(root, 'sdks/cpp'), '-B', build, '-DCMAKE_BUILD_TYPE=RelWithDebInfo'])
run('cmake', ['--build', build, '--parallel', '2', '--target', 'internal_calls'])

const rows = new Map<string, Figures[]>()
for (let round = 0; round < rounds; round += 1) {
  const ways = Object.keys(WAYS)
  // The order turns, so that no way always has the machine that the one before it left.
  for (let i = 0; i < ways.length; i += 1) await measureAll(ways[(i + round) % ways.length]!)
}
const table = report()
const misses = values.core === undefined ? judge() : []
for (const miss of misses) console.log(`MISSED: ${miss}`)
if (values.record) {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const command = `bench/ring/main.ts --rounds ${rounds}${values.core === undefined ? '' : ` --core ${values.core}`} --record`
  const text = JSON.stringify({ command, machine: machineFacts(), figures: table }, undefined, 2)
  writeFileSync(join(directory, 'ring.json'), `${text}\n`)
}
console.log(misses.length === 0 ? 'holds' : 'FAILS')
process.exitCode = misses.length === 0 ? 0 : 1

async function measureAll(way: string): Promise<void> {
  const rings = WAYS[way]
  const worker = join(build, 'internal_calls')
  const engine = createEngine({
    programs: ['caller', 'callee'].map((name) => ({ name, command: [worker, name] })),
    timeoutUs: CALL_LIMIT_US,
    ...(rings === undefined ? {} : { rings }),
    onOutput: (program, _workerId, _stream, line) => console.error(`${program}: ${line}`),
  })
  try {
    const { failures } = await engine.start()
    if (failures[0] !== undefined) throw new Error(failures[0].message)
    const have = engine.workers().filter(({ features }) => features.includes('shm-ring')).length
    if (have !== (rings === undefined ? 0 : 2)) throw new Error(`${way}: ${have} workers have rings`)
    for (const { inFlight, calls } of LOADS) {
      const measure = async (count: number): Promise<string> => {
        const input = new TextEncoder().encode(`${count} ${PAYLOAD_BYTES} ${inFlight}`)
        const outcome = await engine.invoke('bench.calls', input)
        if (!outcome.ok) throw new Error(`${way}: ${outcome.failure.message}`)
        return new TextDecoder().decode(outcome.output)
      }
      await measure(calls * WARM_UP_SHARE)
      const before = process.cpuUsage()
      const [p50, p99, , perSecond] = (await measure(calls)).split(' ').map(Number)
      const { user, system } = process.cpuUsage(before)
      const figures = { p50: p50!, p99: p99!, perSecond: perSecond!, engineUs: (user + system) / calls }
      const name = `${way} | ${inFlight}`
      rows.set(name, [...(rows.get(name) ?? []), figures])
    }
  } finally {
    await engine.stop()
  }
}

function median(way: string, inFlight: number, figure: keyof Figures): number {
  return spread(rows.get(`${way} | ${inFlight}`)!.map((one) => one[figure])).median
}

function report(): object[] {
  const out = LOADS.flatMap(({ inFlight }) =>
    Object.keys(WAYS).map((way) => {
      const of = (figure: keyof Figures): number => Number(median(way, inFlight, figure).toFixed(2))
      const to = (figure: keyof Figures): number =>
        Number((median(way, inFlight, figure) / median('pipes', inFlight, figure)).toFixed(2))
      return {
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
  )
  console.table(out)
  return out
}

/** What is missed, in words. */
function judge(): string[] {
  const missed: string[] = []
  const check = (inFlight: number, figure: keyof Figures, holds: (ratio: number) => boolean, goal: string): void => {
    const ratio = median(POLLED, inFlight, figure) / median('pipes', inFlight, figure)
    if (!holds(ratio))
      missed.push(`${figure} with ${inFlight} in flight is ${ratio.toFixed(2)} × that by pipes; ${goal}`)
  }
  check(1, 'p50', (ratio) => ratio <= P50_RATIO_MAX, `at most ${P50_RATIO_MAX}`)
  for (const { inFlight } of LOADS.filter((load) => load.inFlight > 1)) {
    check(inFlight, 'perSecond', (ratio) => ratio >= RATE_RATIO_MIN, `at least ${RATE_RATIO_MIN}`)
    check(inFlight, 'engineUs', (ratio) => ratio <= CPU_RATIO_MAX, `at most ${CPU_RATIO_MAX}`)
  }
  return missed
}

/** Throws with what the command printed when it fails. */
function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${done.error ?? done.stdout + done.stderr}`)
}
