/**
 * A burst from nothing to 500 calls in flight, on three functions: the managed concurrency against every fixed setting of a
 * sweep.
 *
 *   node --conditions=millrace-source bench/managed/burst.ts [--seconds S] [--record]
 *
 * Closed loop: 500 callers in this process, each calling again as soon as it is answered. One engine for each setting, of
 * `min` 1 and `max` workers, which begins idle; the whole time counts, the way up included. `--seconds`: of each setting, 1 to
 * 60, default 6. `--record` writes `bench/results/burst.json`. Exit codes: 0 every `must` holds, 1 otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, type ProgramOptions } from '@millrace/engine'

const CALLERS = 500
const WORKERS_MAX = 4
/** Calls at once on each of `WORKERS_MAX` workers. */
const FIXED = [1, 2, 4, 8, 16, 32, 64, 125]
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

const results: { function: string; managed: Row; best: Row; share: number; holds: boolean; rows: Row[] }[] = []
for (const name of FUNCTIONS) {
  const rows: Row[] = []
  for (const fixed of FIXED)
    rows.push(await run(name, `${fixed} a worker`, { concurrency: fixed, workers: WORKERS_MAX }))
  const managed = await run(name, 'auto', { managed: true, workers: { min: 1, max: WORKERS_MAX } })
  const best = rows.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
  const share = managed.perSecond / best.perSecond
  const holds = share >= SHARE_MUST && managed.failed === 0 && managed.workers <= WORKERS_MAX
  results.push({ function: name, managed, best, share, holds, rows: [...rows, managed] })
  for (const row of [...rows, managed]) {
    console.log(
      `${name.padEnd(8)} ${row.setting.padEnd(14)} ${row.perSecond.toFixed(0).padStart(7)} calls/s, ${row.failed} failed, ${row.workers} workers at most`,
    )
  }
  console.log(
    `${name.padEnd(8)} auto reaches ${share.toFixed(2)} of the best fixed setting: ${holds ? 'holds' : 'FAILS'} (must: ${SHARE_MUST})`,
  )
}
if (values.record) {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const machine = { cpu: cpus()[0]?.model, processors: availableParallelism(), node: process.version }
  const record = { command: 'bench/managed/burst.ts --record', machine, callers: CALLERS, seconds, results }
  writeFileSync(join(directory, 'burst.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = results.every(({ holds }) => holds) ? 0 : 1

async function run(name: string, setting: string, options: Partial<ProgramOptions>): Promise<Row> {
  const command = [process.execPath, '--conditions=millrace-source', join(import.meta.dirname, 'functions.ts')]
  let workers = 0
  const engine = createEngine({
    programs: [{ name: 'burst', command, ...options }],
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
