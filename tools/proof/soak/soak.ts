/**
 * A long run at half load, with workers killed at random: each call has one outcome, and nothing grows.
 *
 *   node --conditions=millrace-source --expose-gc tools/proof/soak/soak.ts [--seconds S] [--record]
 *
 * Finds the most calls per second first, then offers half of that, evenly in time, whether answers come or not. Memory (after
 * a collection), descriptors and entries of the runtime directory are read when no call is open: after the warm-up (a tenth
 * of the time, 300 s at most) and at the end. `--seconds`: 10 to 86,400, default 3,600. From 600 s on memory at the end may be
 * 5 % above that after the warm-up; a shorter run prints it and does not judge it, as a process this young still grows by
 * its compiled code. `--record` writes `bench/results/soak.json`. The last line counts what was judged. Exit codes: 0 all
 * holds, 1 otherwise.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createEngine } from '@millrace/engine'
import { openProject } from '@millrace/engine/project'
import { Content } from '@millrace/protocol'
import { machineFacts } from '../../../bench/machine.ts'

/** Callers by which the most calls per second is found, and for how long. */
const PROBE_CALLERS = 64
const PROBE_MS = 3_000
/** A worker dies this often, on average. */
const KILL_EVERY_MS = 3_000
const WARM_UP_MS_MAX = 300_000
/** How much more may be there at the end. */
const GROWTH_MAX = 0.05
/** From this time on memory is judged. */
const JUDGED_SECONDS_MIN = 600
/** Calls are offered in bundles, one in this time. */
const BUNDLE_MS = 5
/** Between two looks whether the workers have come to rest. */
const SETTLE_LOOK_MS = 50
/** Calls open at once beyond which an offer is left out, and counted: the load is half, so this is a wait for a killed worker's successor. */
const OPEN_MAX = 5_000
const DAY_SECONDS = 86_400

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3600' }, record: { type: 'boolean', default: false } },
})
const seconds = Number(values.seconds)
if (!(seconds >= 10 && seconds <= DAY_SECONDS)) {
  console.error(`--seconds is ${values.seconds}; use a number from 10 to ${DAY_SECONDS}`)
  process.exit(2)
}
if (globalThis.gc === undefined) {
  console.error('start it with node --expose-gc: memory is read after a collection')
  process.exit(2)
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
/** What is called, and how often of a hundred. */
const MIX = [
  { name: 'echo', share: 50, input: text('x'.repeat(200)) },
  { name: 'echo', share: 5, input: text('x'.repeat(20_000)) },
  { name: 'measure', share: 15, input: text('x'.repeat(200)) },
  { name: 'chain', share: 15, input: text('x'.repeat(100)) },
  { name: 'fail', share: 5, input: text('no') },
  { name: 'wait', share: 9, input: text(20) },
  { name: 'nobody', share: 1, input: text(0) },
]

/** Each place of the mix, as often as its share. */
const DRAWS = MIX.flatMap(({ share }, place) => Array.from({ length: share }, () => place))

const runtimeDirectory = mkdtempSync(join(tmpdir(), 'millrace-soak-'))
let records = 0
const project = openProject(import.meta.dirname)
const engine = createEngine({ ...project, runtimeDirectory, onCall: () => (records += 1) })
const { failures } = await engine.start()
if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join('\n'))

let made = 0
let ended = 0
let open = 0
let kills = 0
let leftOut = 0
const outcomes = new Map<string, number>()

/** One call of the mix; resolves with its outcome. */
async function oneCall(): Promise<void> {
  const one = MIX[DRAWS[Math.floor(Math.random() * DRAWS.length)]!]!
  made += 1
  open += 1
  const outcome = await engine.invoke(one.name, one.input, { content: Content.JSON })
  open -= 1
  ended += 1
  const key = outcome.ok ? 'ok' : outcome.failure.reason
  outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
}

async function capacity(): Promise<number> {
  const before = ended
  const until = performance.now() + PROBE_MS
  const caller = async (): Promise<void> => {
    while (performance.now() < until) await oneCall()
  }
  await Promise.all(Array.from({ length: PROBE_CALLERS }, caller))
  return ((ended - before) * 1_000) / PROBE_MS
}

/** Offers `perSecond` calls, evenly in time, for `ms`; then waits until none is open. */
async function offer(perSecond: number, ms: number, isKilling: boolean): Promise<void> {
  const began = performance.now()
  let offered = 0
  let nextKill = began + KILL_EVERY_MS
  while (performance.now() - began < ms) {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1_000)
    for (; offered < due; offered += 1) {
      if (open >= OPEN_MAX) leftOut += 1
      else void oneCall()
    }
    if (isKilling && performance.now() >= nextKill) {
      nextKill = performance.now() + KILL_EVERY_MS * 2 * Math.random()
      killOne()
    }
    await delay(BUNDLE_MS)
  }
  while (open > 0) await delay(BUNDLE_MS)
}

/** Every one of them is a process of this engine's own, by the number that it tells. */
function killOne(): void {
  const workers = engine.workers().filter(({ pid, state }) => pid !== undefined && state !== 'starting')
  const one = workers[Math.floor(Math.random() * workers.length)]
  if (one === undefined) return
  process.kill(one.pid!, 'SIGKILL')
  kills += 1
}

interface Reading {
  readonly rssMiB: number
  readonly heapMiB: number
  readonly descriptors: number
  readonly entries: number
}

/** What is held when nothing runs: the same workers as at any other such moment, since it waits for all of them. */
async function read(): Promise<Reading> {
  while (!(await isSettled())) await delay(SETTLE_LOOK_MS)
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc!()
    await delay(200)
  }
  const { rss, heapUsed } = process.memoryUsage()
  return {
    rssMiB: rss / 1_048_576,
    heapMiB: heapUsed / 1_048_576,
    descriptors: readdirSync('/proc/self/fd').length,
    entries: readdirSync(runtimeDirectory, { recursive: true }).filter((path) => !isAhead(`${path}`)).length,
  }
}

/** FIFOs made ahead: at most `FIFO_PAIRS_AHEAD` pairs, and at rest as many as the last launches left. */
const isAhead = (path: string): boolean => /(^|\/)ahead-\d+\.(in|out)$/.test(path)

/** The least workers are there, ready, and no process of another is left. */
async function isSettled(): Promise<boolean> {
  const text = await engine.metrics()
  const count = (name: string): number =>
    Number(new RegExp(`^millrace_worker_${name}_total (\\d+)$`, 'm').exec(text)?.[1])
  if (count('starts') - count('exits') !== MIN_WORKERS) return false
  const workers = engine.workers().filter(({ state }) => state === 'ready' || state === 'paused')
  return MINIMA.every(({ name, min }) => workers.filter(({ program }) => program === name).length === min)
}

/** Each program with its least workers. */
const MINIMA = project.programs.map(({ name, workers = 1 }) => {
  return { name, min: typeof workers === 'number' ? workers : workers.min }
})
const MIN_WORKERS = MINIMA.reduce((sum, { min }) => sum + min, 0)

const began = performance.now()
const most = await capacity()
const rate = most / 2
console.log(`most ${most.toFixed(0)} calls/s; offers ${rate.toFixed(0)} a second for ${seconds} s`)
const warmUpMs = Math.min(WARM_UP_MS_MAX, seconds * 100)
await offer(rate, warmUpMs, true)
const first = await read()
console.log('after the warm-up:', JSON.stringify(first))
await offer(rate, seconds * 1_000 - warmUpMs, true)
const last = await read()
console.log('at the end:       ', JSON.stringify(last))
await engine.stop()
const left = readdirSync(runtimeDirectory, { recursive: true })
rmSync(runtimeDirectory, { recursive: true, force: true })

const crashed = outcomes.get('worker_crashed') ?? 0
const isLong = seconds >= JUDGED_SECONDS_MIN
const verdicts: [string, boolean][] = [
  [`each of ${made} calls ended once: ${ended} outcomes`, made === ended],
  [`the engine recorded ${records} calls, internal ones included`, records >= ended],
  [`${kills} workers were killed, ${crashed} calls with them`, kills > 0],
  [`only those outcomes: ${JSON.stringify(Object.fromEntries(outcomes))}`, onlyKnown()],
  [`descriptors ${first.descriptors} → ${last.descriptors}`, grew(first.descriptors, last.descriptors)],
  [`entries of the runtime directory ${first.entries} → ${last.entries}`, grew(first.entries, last.entries)],
  [`nothing is left after the stop: ${left.length}`, left.length === 0],
]
const memory = `memory ${first.rssMiB.toFixed(1)} → ${last.rssMiB.toFixed(1)} MiB`
console.log(
  `${leftOut} offers were left out while ${OPEN_MAX} calls were open, for want of a worker that had been killed`,
)
if (isLong) verdicts.push([memory, grew(first.rssMiB, last.rssMiB)])
else console.log(`not judged: ${memory}`)
for (const [what, holds] of verdicts) console.log(`${holds ? 'holds' : 'FAILS'}: ${what}`)

if (values.record) {
  const directory = join(import.meta.dirname, '../../../bench/results')
  mkdirSync(directory, { recursive: true })
  const record = {
    command: `tools/proof/soak/soak.ts --seconds ${seconds} --record`,
    machine: machineFacts(),
    seconds: (performance.now() - began) / 1_000,
    callsPerSecond: rate,
    made,
    ended,
    kills,
    leftOut,
    outcomes: Object.fromEntries(outcomes),
    first,
    last,
    verdicts: verdicts.map(([what, holds]) => ({ what, holds })),
  }
  writeFileSync(join(directory, 'soak.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
const failed = verdicts.filter(([, holds]) => !holds).length
console.log(`${verdicts.length - failed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1

function grew(before: number, after: number): boolean {
  return after <= before * (1 + GROWTH_MAX)
}

/** A kill ends the calls of that worker and a handler that waits for one of them, and others may wait too long for the next. */
function onlyKnown(): boolean {
  return [...outcomes.keys()].every((key) =>
    ['ok', 'handler_error', 'not_found', 'worker_crashed', 'queue_full', 'deadline_exceeded'].includes(key),
  )
}
