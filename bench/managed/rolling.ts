/**
 * A program is replaced again and again under load: no call may fail.
 *
 *   node --conditions=millrace-source bench/managed/rolling.ts [--seconds S] [--record]
 *
 * Open loop: 2,000 calls/s, offered evenly in time whether answers come or not. Once in a second a new version replaces the
 * present one; each answers with its own number, so that the share of each shows that traffic moved. `--seconds`: 3 to 600,
 * default 20. `--record` writes `bench/results/rolling.json`. Exit codes: 0 no call failed, 1 otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createEngine, type ProgramOptions } from '@millrace/engine'
import { Content } from '@millrace/protocol'
import { machineFacts } from '../machine.ts'

const CALLS_PER_SECOND = 2_000
const REPLACE_EVERY_MS = 1_000
const BUNDLE_MS = 2

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, record: { type: 'boolean', default: false } },
})
const seconds = Number(values.seconds)
if (!(seconds >= 3 && seconds <= 600)) {
  console.error(`--seconds is ${values.seconds}; use a number from 3 to 600`)
  process.exit(2)
}

const version = (number: number): ProgramOptions => ({
  name: 'rolling',
  command: [process.execPath, '--conditions=millrace-source', join(import.meta.dirname, 'version.ts')],
  env: { VERSION: `${number}` },
  workers: 2,
})
const engine = createEngine({ programs: [version(0)] })
const { failures } = await engine.start()
if (failures[0] !== undefined) throw new Error(failures[0].message)

const byVersion = new Map<string, number>()
const reasons = new Map<string, number>()
const delaysUs: number[] = []
let open = 0
let replaced = 0
let refused = 0

async function call(): Promise<void> {
  open += 1
  const outcome = await engine.invoke('version', new Uint8Array(0), { content: Content.JSON })
  open -= 1
  if (!outcome.ok) {
    reasons.set(outcome.failure.reason, (reasons.get(outcome.failure.reason) ?? 0) + 1)
    return
  }
  delaysUs.push(outcome.timing.totalUs)
  const answer = Buffer.from(outcome.output).toString()
  byVersion.set(answer, (byVersion.get(answer) ?? 0) + 1)
}

const began = performance.now()
const replacing = (async () => {
  for (let next = 1; performance.now() - began < seconds * 1_000; next += 1) {
    await delay(REPLACE_EVERY_MS)
    const why = await engine.replaceProgram(version(next))
    if (why === undefined) replaced += 1
    else refused += 1
  }
})()
let offered = 0
while (performance.now() - began < seconds * 1_000) {
  const due = Math.floor(((performance.now() - began) * CALLS_PER_SECOND) / 1_000)
  for (; offered < due; offered += 1) void call()
  await delay(BUNDLE_MS)
}
await replacing
while (open > 0) await delay(BUNDLE_MS)
await engine.stop()

const failed = [...reasons.values()].reduce((sum, count) => sum + count, 0)
const sorted = delaysUs.toSorted((a, b) => a - b)
const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)
console.log(
  `${offered} calls in ${seconds} s, ${replaced} replacements, ${refused} refused, ${byVersion.size} versions answered`,
)
console.log(`p50 ${at(0.5)} µs, p99 ${at(0.99)} µs, p99.9 ${at(0.999)} µs, most ${at(0.999999)} µs`)
console.log(`${failed} failed ${JSON.stringify(Object.fromEntries(reasons))}`)
const holds = failed === 0 && refused === 0 && replaced > 0 && byVersion.size > 1
if (values.record) {
  const directory = join(import.meta.dirname, '../results')
  mkdirSync(directory, { recursive: true })
  const record = {
    command: `bench/managed/rolling.ts --seconds ${seconds} --record`,
    machine: machineFacts(),
    offered,
    replaced,
    failed,
    versions: byVersion.size,
    us: { p50: at(0.5), p99: at(0.99), p999: at(0.999) },
  }
  writeFileSync(join(directory, 'rolling.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
console.log(holds ? 'holds' : 'FAILS')
process.exitCode = holds ? 0 : 1
