/**
 * A burst from nothing to 500 calls in flight, on three functions: the managed concurrency against every fixed setting of a
 * sweep.
 *
 *   node --conditions=millrace-source bench/managed/burst.ts [--seconds S] [--record]
 *
 * Closed loop: 500 callers in this process, each calling again as soon as it is answered. One engine for each run, which begins
 * idle, the managed one with one worker and the fixed ones with all; the whole time counts, the way up included. After the sweep
 * the best fixed setting and the managed one take turns, and the median of the rounds' ratios is what counts: a sweep's best is
 * also its luckiest. Workers have a compile cache, as `millrace start` gives them. `--seconds`: of each run, 1 to 60, default 6. `--record` writes `bench/results/burst.json`. Exit codes: 0 every `must` holds, 1 otherwise.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, type ProgramOptions } from '@millrace/engine'
import { machineFacts } from '../machine.ts'

const CALLERS = 500
const WORKERS_MAX = 4
/** Calls at once on each of `WORKERS_MAX` workers. */
const FIXED = [1, 2, 4, 8, 16, 32, 64, 125]
/** Turns that the best fixed setting and the managed one take. */
const ROUNDS = 3
const FUNCTIONS = ['sleep', 'compute', 'both']
/** Least share of the best fixed setting's throughput. */
const SHARE_MUST = 0.9

interface Row {
  readonly setting: string
  readonly perSecond: number
  readonly failed: number
  readonly workers: number
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '6' }, record: { type: 'boolean' } } })
const seconds = Number(values.seconds)
if (!(seconds >= 1 && seconds <= 60)) {
  console.error(`--seconds is ${values.seconds}; use a number from 1 to 60`)
  process.exit(2)
}

interface Turn {
  readonly best: Row
  readonly managed: Row
}

interface Result {
  readonly function: string
  /** Fastest of the sweep. */
  readonly best: string
  /** Median of what the managed one reached of it, turn by turn. */
  readonly share: number
  readonly holds: boolean
  readonly sweep: readonly Row[]
  readonly turns: readonly Turn[]
}

const cache = mkdtempSync(join(tmpdir(), 'millrace-burst-'))
process.on('exit', () => rmSync(cache, { recursive: true, force: true }))
const results: Result[] = []
for (const name of FUNCTIONS) {
  const sweep: Row[] = []
  for (const fixed of FIXED) sweep.push(await said(name, `${fixed} a worker`, fixedOptions(fixed)))
  const best = sweep.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  const turns: Turn[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    turns.push({
      best: await said(name, best.setting, fixedOptions(FIXED[sweep.indexOf(best)]!)),
      managed: await said(name, 'auto', { managed: true, workers: { min: 1, max: WORKERS_MAX } }),
    })
  }
  const shares = turns.map((turn) => turn.managed.perSecond / turn.best.perSecond).sort((a, b) => a - b)
  const share = shares[Math.floor(ROUNDS / 2)]!
  const sound = turns.every(({ managed }) => managed.failed === 0 && managed.workers <= WORKERS_MAX)
  const holds = share >= SHARE_MUST && sound
  results.push({ function: name, best: best.setting, share, holds, sweep, turns })
  const spread = `${shares[0]!.toFixed(2)} to ${shares.at(-1)!.toFixed(2)}`
  const verdict = holds ? 'holds' : 'FAILS'
  console.log(
    `${name.padEnd(8)} auto reaches ${share.toFixed(2)} (${spread}) of the best fixed setting: ${verdict} (must: ${SHARE_MUST})`,
  )
}
if (values.record) {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const record = {
    command: 'bench/managed/burst.ts --record',
    machine: machineFacts(),
    callers: CALLERS,
    seconds,
    results,
  }
  writeFileSync(join(directory, 'burst.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = results.every(({ holds }) => holds) ? 0 : 1

function fixedOptions(concurrency: number): Partial<ProgramOptions> {
  return { concurrency, workers: WORKERS_MAX }
}

async function said(name: string, setting: string, options: Partial<ProgramOptions>): Promise<Row> {
  const row = await run(name, setting, options)
  const rate = row.perSecond.toFixed(0).padStart(7)
  console.log(
    `${name.padEnd(8)} ${setting.padEnd(14)} ${rate} calls/s, ${row.failed} failed, ${row.workers} workers at most`,
  )
  return row
}

async function run(name: string, setting: string, options: Partial<ProgramOptions>): Promise<Row> {
  const command = [process.execPath, '--conditions=millrace-source', join(import.meta.dirname, 'functions.ts')]
  let workers = 0
  const engine = createEngine({
    programs: [{ name: 'burst', command, env: { NODE_COMPILE_CACHE: cache }, ...options }],
    onWorker: () => {
      workers = Math.max(workers, engine.workers().length)
    },
  })
  const { failures } = await engine.start()
  if (failures.length > 0) throw new Error(failures[0]!.message)
  let ended = 0
  let failed = 0
  const input = new Uint8Array(0)
  const until = performance.now() + seconds * 1_000
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const outcome = await engine.invoke(name, input)
      if (performance.now() >= until) return
      if (outcome.ok) ended += 1
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  await engine.stop()
  return { setting, perSecond: ended / seconds, failed, workers }
}
