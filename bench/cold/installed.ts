/**
 * How workers come about, measured by `millrace bench --cold` in a project that has the three packages installed as a user has
 * them, and held against the bounds of this file.
 *
 *   node --conditions=millrace-source bench/cold/installed.ts [--rounds N] [--record]
 *
 * Builds and installs the packages into a folder of the temporary directory, then measures N times (1 to 20, default 3) and
 * judges the median of each ratio. Needs `python3` with what the Python SDK needs. `--record` writes `bench/results/cold.json`.
 * Exit codes: 0 all bounds hold, 1 one does not.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, install, PACKAGES, pack, run } from '../../tools/packs/packs.ts'
import { machineFacts } from '../machine.ts'

const ROUNDS_MAX = 20
const root = join(import.meta.dirname, '../..')

interface Row {
  readonly runtime: string
  readonly start: string
  /** Microseconds. */
  readonly us: number
  readonly by?: string
  readonly ratio?: number
}

interface Bound {
  readonly runtime: string
  readonly start: string
  /** What the median must not pass: a ratio to the row that it is held against, or a time in microseconds. */
  readonly ratio?: number
  readonly us?: number
}

const BOUNDS: readonly Bound[] = [
  { runtime: 'node', start: 'cold', ratio: 1.5 },
  { runtime: 'node', start: 'prewarmed', ratio: 0.25 },
  { runtime: 'node', start: 'paused', us: 5_000 },
  { runtime: 'python', start: 'cold', ratio: 1.5 },
  { runtime: 'python', start: 'forked', ratio: 0.15 },
]

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, record: { type: 'boolean', default: false } },
})
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) {
  console.error(`--rounds is ${values.rounds}; use an integer from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!

function measured(): Row[][] {
  const project = mkdtempSync(join(tmpdir(), 'millrace-cold-'))
  try {
    for (const name of PACKAGES) build(name)
    const packs = PACKAGES.map((name) => pack(name, project))
    install(project, packs)
    // The Python SDK is no npm package; a user has it from pip.
    process.env.PYTHONPATH = join(root, 'sdks/python/src')
    const millrace = join(project, 'node_modules/.bin/millrace')
    return Array.from({ length: rounds }, () => {
      const text = run(project, millrace, 'bench', '--cold', '--output', 'json')
      return (JSON.parse(text) as { rows: Row[] }).rows
    })
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

const runs = measured()
const rows = runs[0]!.map((first, i) => {
  const all = runs.map((one) => one[i]!)
  const us = median(all.map((one) => one.us))
  return first.ratio === undefined ? { ...first, us } : { ...first, us, ratio: median(all.map((one) => one.ratio!)) }
})

let broken = 0
for (const { runtime, start, us, by, ratio } of rows) {
  const bound = BOUNDS.find((one) => one.runtime === runtime && one.start === start)
  const holds = bound === undefined || (bound.us === undefined ? ratio! <= bound.ratio! : us <= bound.us)
  if (!holds) broken += 1
  const must = bound === undefined ? '' : bound.us === undefined ? `must ${bound.ratio} ×` : `must ${bound.us} µs`
  const share = ratio === undefined ? '' : `${ratio.toFixed(2)} × ${by}`
  const verdict = bound === undefined ? '' : holds ? 'holds' : 'DOES NOT HOLD'
  console.log(
    `${runtime.padEnd(7)} ${start.padEnd(10)} ${(us / 1_000).toFixed(2).padStart(8)} ms  ${share.padEnd(14)} ${must} ${verdict}`.trimEnd(),
  )
}
if (values.record) {
  const record = { command: `bench/cold/installed.ts --rounds ${rounds} --record`, machine: machineFacts(), rows }
  const directory = join(root, 'bench/results')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'cold.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = broken > 0 ? 1 : 0
