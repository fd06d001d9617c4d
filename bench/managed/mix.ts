/**
 * A bursty mix of functions at 90 % of capacity: managed concurrency against none.
 *
 *   node --conditions=millrace-source bench/managed/mix.ts [--rounds N] [--seconds S] [--record]
 *
 * One program of two workers serves light calls, calls that wait, and batches of heavy ones (`mix-trace.ts`); callers say how
 * urgent a call is, the same on both sides. The capacity is found first, by callers that call again at once. Then each round
 * plays the same arrival trace, open loop, to an engine that gives every call to a worker at once and to one that manages
 * (`concurrency: auto`). `--rounds`: 1 to 20, default 3; the median counts. `--seconds` of a run: 5 to 120, default 15.
 * `--record` writes `bench/results/mix.json` and `mix.svg`. Exit codes: 0 both `must` hold, 1 otherwise.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createEngine, type Engine } from '@millrace/engine'
import { Content } from '@millrace/protocol'
import { machineFacts } from '../machine.ts'
import { linearAxis } from '../report/axis.ts'
import { linePlot } from '../report/line-plot.ts'
import { MIX, mixTrace, SEED } from './mix-trace.ts'

const WORKERS = 2
const CAPACITY_CALLERS = 64
const CAPACITY_MS = 5_000
const LOAD = 0.9
/** Managed p99 by unmanaged p99, at most. */
const P99_MUST = 0.7
/**
 * Managed throughput by unmanaged, at least. Both are offered the same calls, so 1 is also the most. Judged to a thousandth: a run
 * ends some milliseconds after the last arrival, one more or one less by chance.
 */
const THROUGHPUT_MUST = 1
const THROUGHPUT_DIGITS = 3
const BUNDLE_MS = 1
const SAMPLE_MS = 100
/** The kernel's ticks of processor time in a second. */
const TICKS_PER_SECOND = 100
const EMPTY = new Uint8Array(0)

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '15' },
    record: { type: 'boolean', default: false },
  },
})
const rounds = inRange('rounds', values.rounds, 1, 20)
const seconds = inRange('seconds', values.seconds, 5, 120)

interface Run {
  readonly perSecond: number
  /** From the last arrival until the last call ended. */
  readonly drainMs: number
  readonly failed: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p99ByFunction: Readonly<Record<string, number>>
  /** Pairs of seconds and busy processors of the workers. */
  readonly cpu: readonly (readonly [number, number])[]
}

const capacity = await findCapacity()
const rate = capacity * LOAD
console.log(`capacity ${capacity.toFixed(0)} calls/s of the mix; offers ${rate.toFixed(0)} a second`)
const unmanaged: Run[] = []
const managed: Run[] = []
for (let round = 0; round < rounds; round += 1) {
  // In turn, so that what the machine does besides meets both.
  unmanaged.push(await play(false))
  managed.push(await play(true))
  say('unmanaged', unmanaged.at(-1)!)
  say('managed', managed.at(-1)!)
}
const p99Ratio = median(managed.map((run, i) => run.p99Us / unmanaged[i]!.p99Us))
const throughputRatio = median(managed.map((run, i) => run.perSecond / unmanaged[i]!.perSecond))
const throughputJudged = Number(throughputRatio.toFixed(THROUGHPUT_DIGITS))
const failed = [...unmanaged, ...managed].reduce((sum, run) => sum + run.failed, 0)
const holds = p99Ratio <= P99_MUST && throughputJudged >= THROUGHPUT_MUST && failed === 0
console.log(`p99 managed by unmanaged ${p99Ratio.toFixed(3)} (must: at most ${P99_MUST})`)
console.log(
  `throughput managed by unmanaged ${throughputRatio.toFixed(5)}, judged as ${throughputJudged} (must: at least ${THROUGHPUT_MUST}), ${failed} failed`,
)
if (values.record) record()
console.log(holds ? 'holds' : 'FAILS')
process.exitCode = holds ? 0 : 1

async function start(isManaged: boolean): Promise<Engine> {
  const command = [process.execPath, '--conditions=millrace-source', join(import.meta.dirname, 'mix-functions.ts')]
  const engine = createEngine({
    programs: [{ name: 'mix', command, workers: WORKERS, managed: isManaged }],
    queueMax: 100_000,
  })
  const { failures } = await engine.start()
  if (failures[0] !== undefined) throw new Error(failures[0].message)
  return engine
}

async function findCapacity(): Promise<number> {
  const engine = await start(false)
  const trace = mixTrace(SEED, 1_000_000)
  let next = 0
  let ended = 0
  const until = performance.now() + CAPACITY_MS
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const { fn } = trace[next++ % trace.length]!
      await engine.invoke(fn.name, EMPTY, { content: Content.JSON })
      ended += 1
    }
  }
  await Promise.all(Array.from({ length: CAPACITY_CALLERS }, caller))
  await engine.stop()
  return (ended * 1_000) / CAPACITY_MS
}

/** Plays the trace once. The throughput is over the whole time until the last call ended. */
async function play(isManaged: boolean): Promise<Run> {
  const engine = await start(isManaged)
  const pids = engine.workers().map(({ pid }) => pid!)
  const trace = mixTrace(SEED, Math.round(rate * seconds))
  const delays = new Map<string, number[]>(MIX.map(({ name }) => [name, []]))
  let failed = 0
  let open = 0
  const call = async ({ name, urgency }: { name: string; urgency: number }, dueMs: number): Promise<void> => {
    open += 1
    const outcome = await engine.invoke(name, EMPTY, { content: Content.JSON, priority: urgency })
    open -= 1
    // From when it was due, not from when this process came to offer it: a delay of the caller is the caller's.
    if (outcome.ok) delays.get(name)!.push((performance.now() - dueMs) * 1_000)
    else failed += 1
  }
  const cpu: [number, number][] = []
  const began = performance.now()
  let sampled = began
  let ticks = workerTicks(pids)
  let next = 0
  while (next < trace.length || open > 0) {
    const now = performance.now()
    for (; next < trace.length; next += 1) {
      const dueMs = began + (trace[next]!.at * 1_000) / rate
      if (dueMs > now) break
      void call(trace[next]!.fn, dueMs)
    }
    if (now - sampled >= SAMPLE_MS) {
      const after = workerTicks(pids)
      cpu.push([(now - began) / 1_000, ((after - ticks) * 1_000) / TICKS_PER_SECOND / (now - sampled)])
      ticks = after
      sampled = now
    }
    await delay(BUNDLE_MS)
  }
  const elapsedMs = performance.now() - began
  await engine.stop()
  const all = [...delays.values()].flat()
  return {
    perSecond: (all.length * 1_000) / elapsedMs,
    drainMs: elapsedMs - (trace.at(-1)!.at * 1_000) / rate,
    failed,
    p50Us: percentile(all, 0.5),
    p99Us: percentile(all, 0.99),
    p99ByFunction: Object.fromEntries([...delays].map(([name, us]) => [name, Math.round(percentile(us, 0.99))])),
    cpu,
  }
}

/** Processor time of the workers so far, in ticks. */
function workerTicks(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return sum + Number(fields[11]) + Number(fields[12])
  }, 0)
}

function say(name: string, run: Run): void {
  const ms = (us: number): string => `${(us / 1_000).toFixed(1)} ms`
  const by = Object.entries(run.p99ByFunction).map(([fn, us]) => `${fn} ${ms(us)}`)
  console.log(
    `${name.padEnd(10)} ${run.perSecond.toFixed(0)} calls/s, p50 ${ms(run.p50Us)}, p99 ${ms(run.p99Us)} (${by.join(', ')}), ${run.drainMs.toFixed(0)} ms to the end, ${run.failed} failed`,
  )
}

function record(): void {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const command = `bench/managed/mix.ts --rounds ${rounds} --seconds ${seconds} --record`
  const plain = (run: Run): object => ({ ...run, cpu: undefined })
  const text = {
    command,
    machine: machineFacts(),
    seed: SEED,
    capacity,
    rate,
    p99Ratio,
    throughputRatio,
    unmanaged: unmanaged.map(plain),
    managed: managed.map(plain),
  }
  writeFileSync(join(directory, 'mix.json'), `${JSON.stringify(text, undefined, 2)}\n`)
  const plot = linePlot({
    title: `Processor use of ${WORKERS} workers, bursty mix at ${LOAD * 100} % of capacity (last round)`,
    xLabel: 'seconds',
    yLabel: 'processors',
    yAxis: linearAxis(WORKERS),
    lines: [
      { name: 'unmanaged', color: '#b44', points: unmanaged.at(-1)!.cpu },
      { name: 'managed', color: '#27c', points: managed.at(-1)!.cpu },
    ],
  })
  writeFileSync(join(directory, 'mix.svg'), plot)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

function inRange(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (value >= min && value <= max) return value
  console.error(`--${name} is ${text}; use a number from ${min} to ${max}`)
  process.exit(2)
}
