/**
 * Echo of large payloads between two Node workers: by payload file, by DATA, and the same copies on a memory file system in
 * C++. All processes on one core.
 *
 *   node --conditions=millrace-source bench/payload/echo.ts [--rounds N] [--core N] [--record]
 *
 * Prints for each size the median over the rounds. `--rounds`: 1 to 100, default 3. `--record` writes
 * `bench/results/payload.json`. Exit codes: 0 when an echo of 16 MiB by file takes at most twice the copies and is faster than
 * by DATA, 1 otherwise.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, type EngineOptions } from '@millrace/engine'
import { runCommand } from '../command.ts'
import { CALL_LIMIT_US, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import { allowedCores } from '../place.ts'
import { measurementOf } from '../samples.ts'
import { loadText, parseSamples } from '../workers/node/load.ts'

const KIB = 1_024
const MIB = 1_048_576
/** Bytes of a payload, and echoes of it in one measurement. */
const SIZES: readonly { readonly bytes: number; readonly count: number }[] = [
  { bytes: 4 * KIB, count: 2_000 },
  { bytes: 16 * KIB, count: 2_000 },
  { bytes: 32 * KIB, count: 1_000 },
  { bytes: 64 * KIB, count: 1_000 },
  { bytes: MIB, count: 150 },
  { bytes: 16 * MIB, count: 20 },
]
const PAYLOAD_BYTES_MAX = 64 * MIB
/** What an echo of the largest size may cost at most, in copies. */
const COPIES_MUST = 2
const COPIES_GOAL = 1.3

interface Row {
  readonly bytes: number
  readonly copiesUs: number
  readonly fileUs: number
  readonly dataUs: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    core: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
const core = values.core ?? String(allowedCores().at(-1))
execFileSync('taskset', ['-cp', core, String(process.pid)], { stdio: 'ignore' }) // And all that it starts.

const build = join(import.meta.dirname, '../../out/bench')
mkdirSync(build, { recursive: true })
const copies = join(build, 'payload-copies')
await runCommand([
  process.env.CXX ?? 'g++',
  ...['-std=c++20', '-O2', '-Wall', '-Wextra', '-Wconversion'],
  ...[join(import.meta.dirname, 'copies.cpp'), '-o', copies],
])

const samples = new Map<number, { copiesUs: number[]; fileUs: number[]; dataUs: number[] }>()
for (const { bytes } of SIZES) samples.set(bytes, { copiesUs: [], fileUs: [], dataUs: [] })
for (let round = 0; round < rounds; round += 1) {
  for (const size of SIZES) samples.get(size.bytes)!.copiesUs.push(await copiesUs(size))
  await withEngine({ fromBytes: 961 }, async (echoUs) => {
    for (const size of SIZES) samples.get(size.bytes)!.fileUs.push(await echoUs(size))
  })
  await withEngine(false, async (echoUs) => {
    for (const size of SIZES) samples.get(size.bytes)!.dataUs.push(await echoUs(size))
  })
}

const rows: Row[] = SIZES.map(({ bytes }) => {
  const { copiesUs, fileUs, dataUs } = samples.get(bytes)!
  return { bytes, copiesUs: median(copiesUs), fileUs: median(fileUs), dataUs: median(dataUs) }
})
console.log(`${'echo'.padEnd(8)}  copies µs    file µs    data µs  file/copies  file/data`)
for (const { bytes, copiesUs, fileUs, dataUs } of rows) {
  const label = bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`
  const cells = [copiesUs, fileUs, dataUs].map((us) => us.toFixed(0).padStart(9)).join('  ')
  console.log(
    `${label.padEnd(8)}  ${cells}  ${(fileUs / copiesUs).toFixed(2).padStart(11)}  ${(fileUs / dataUs).toFixed(2).padStart(9)}`,
  )
}
const largest = rows.at(-1)!
const ratio = largest.fileUs / largest.copiesUs
const holds = ratio <= COPIES_MUST && largest.fileUs < largest.dataUs
console.log(
  `16 MiB by file: ${ratio.toFixed(2)} × the copies; must ≤ ${COPIES_MUST}, goal ≤ ${COPIES_GOAL}, and faster than DATA: ${holds ? 'holds' : 'FAILS'}`,
)
if (values.record) {
  const record = { command: `bench/payload/echo.ts --rounds ${rounds} --record`, machine: machineFacts(), rounds, rows }
  writeFileSync(join(import.meta.dirname, '../results/payload.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = holds ? 0 : 1

async function copiesUs({ bytes, count }: { bytes: number; count: number }): Promise<number> {
  const directory = mkdtempSync('/dev/shm/millrace-bench-')
  try {
    const words = [directory, bytes, count, Math.ceil(count / 10)].map(String)
    return (JSON.parse(await runCommand([copies, ...words])) as { p50Us: number }).p50Us
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs `measure` with an engine and its two workers; the function that it gets measures the echo of one size. */
async function withEngine(
  payloadFiles: EngineOptions['payloadFiles'],
  measure: (echoUs: (size: { bytes: number; count: number }) => Promise<number>) => Promise<void>,
): Promise<void> {
  const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
  const worker = join(import.meta.dirname, '../workers/node/worker.ts')
  const command = [process.execPath, '--conditions=millrace-source', host, worker]
  const engine = createEngine({
    programs: ['calls', 'echo'].map((name) => ({ name, command, functions: [{ name: `node.${name}` }] })),
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    timeoutUs: CALL_LIMIT_US,
    ...(payloadFiles === undefined ? {} : { payloadFiles }),
  })
  try {
    const { failures } = await engine.start()
    if (failures[0] !== undefined) throw new Error(`program ${failures[0].program}: ${failures[0].message}`)
    const load = async (bytes: number, count: number): Promise<number> => {
      const text = loadText({ callee: 'node.echo', count, inFlight: 1, batch: 1, bytes, first: 0 })
      const outcome = await engine.invoke('node.calls', new TextEncoder().encode(text))
      if (!outcome.ok) throw new Error(`node.calls failed: ${outcome.failure.message}`)
      const { samplesNs, elapsedNs } = parseSamples(outcome.output)
      return measurementOf(samplesNs, elapsedNs).p50Us!
    }
    await load(64, 5_000)
    await measure(async ({ bytes, count }) => {
      await load(bytes, Math.ceil(count / 10))
      return await load(bytes, count)
    })
  } finally {
    await engine.stop()
  }
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!
}
