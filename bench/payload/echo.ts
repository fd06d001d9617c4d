/**
 * Echo of large payloads between two workers of one language: by payload file, by DATA, and the same copies on a memory file
 * system in C++. All processes on one core.
 *
 *   node --conditions=millrace-source bench/payload/echo.ts [--rounds N] [--core N] [--only LANGUAGE] [--record]
 *
 * Prints for each language and size the median over the rounds. `--rounds`: 1 to 100, default 3. `--only`: cpp, go, node or
 * python. `--record` writes a whole run into `bench/results/payload.json`. Exit codes: 0 when in each language an echo of 16
 * MiB by file takes at most twice the copies and is faster than by DATA, 1 otherwise, 2 wrong options.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, type EngineOptions } from '@millrace/engine'
import { runCommand } from '../command.ts'
import { CALL_LIMIT_US, ROUNDS_MAX } from '../limits.ts'
import { machineFacts } from '../machine.ts'
import { allowedCores } from '../place.ts'
import { measurementOf } from '../samples.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language, Workers } from '../subject/languages.ts'
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
  { bytes: 16 * MIB, count: 30 },
]
const PAYLOAD_BYTES_MAX = 64 * MIB
/** What an echo of the largest size may cost at most, in copies. */
const COPIES_MUST = 2
const COPIES_GOAL = 1.3

interface Row {
  readonly language: Language
  readonly bytes: number
  readonly copiesUs: number
  readonly fileUs: number
  readonly dataUs: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    core: { type: 'string' },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= ROUNDS_MAX)) {
  console.error(`--rounds is ${values.rounds}; use a whole number from 1 to ${ROUNDS_MAX}`)
  process.exit(2)
}
const languages = LANGUAGES.filter((language) => values.only === undefined || values.only === language)
if (languages.length === 0) {
  console.error(`--only is ${values.only}; use ${LANGUAGES.join(', ')}`)
  process.exit(2)
}
if (values.record && values.only !== undefined) {
  console.error('--record keeps a whole run, so it does not go with --only')
  process.exit(2)
}
const core = values.core ?? String(allowedCores().at(-1))
execFileSync('taskset', ['-cp', core, String(process.pid)], { stdio: 'ignore' }) // And all that it starts.

const build = join(import.meta.dirname, '../../out/bench')
mkdirSync(build, { recursive: true })
const copies = join(build, 'payload-copies')
const workers = await Workers.build(build, new Set(languages))
await runCommand([
  process.env.CXX ?? 'g++',
  ...['-std=c++20', '-O2', '-Wall', '-Wextra', '-Wconversion'],
  ...[join(import.meta.dirname, 'copies.cpp'), '-o', copies],
])

const copiesOf = new Map(SIZES.map(({ bytes }) => [bytes, [] as number[]]))
const samples = new Map<string, { fileUs: number[]; dataUs: number[] }>()
for (const { bytes } of SIZES) {
  for (const language of languages) samples.set(key(language, bytes), { fileUs: [], dataUs: [] })
}
for (let round = 0; round < rounds; round += 1) {
  for (const size of SIZES) copiesOf.get(size.bytes)!.push(await copiesUs(size))
  for (const language of languages) {
    await withEngine(language, { fromBytes: 961 }, async (echoUs) => {
      for (const size of SIZES) samples.get(key(language, size.bytes))!.fileUs.push(await echoUs(size))
    })
    await withEngine(language, false, async (echoUs) => {
      for (const size of SIZES) samples.get(key(language, size.bytes))!.dataUs.push(await echoUs(size))
    })
  }
}

const rows: Row[] = languages.flatMap((language) =>
  SIZES.map(({ bytes }) => {
    const { fileUs, dataUs } = samples.get(key(language, bytes))!
    const copies = median(copiesOf.get(bytes)!)
    return { language, bytes, copiesUs: copies, fileUs: median(fileUs), dataUs: median(dataUs) }
  }),
)
console.log(`${'echo'.padEnd(15)}  copies µs    file µs    data µs  file/copies  file/data`)
for (const { language, bytes, copiesUs, fileUs, dataUs } of rows) {
  const size = bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / KIB} KiB`
  const cells = [copiesUs, fileUs, dataUs].map((us) => us.toFixed(0).padStart(9)).join('  ')
  console.log(
    `${`${LANGUAGE_NAMES[language]}, ${size}`.padEnd(15)}  ${cells}  ${(fileUs / copiesUs).toFixed(2).padStart(11)}  ${(fileUs / dataUs).toFixed(2).padStart(9)}`,
  )
}
let allHold = true
for (const { language, copiesUs, fileUs, dataUs } of rows.filter(({ bytes }) => bytes === SIZES.at(-1)!.bytes)) {
  const ratio = fileUs / copiesUs
  const holds = ratio <= COPIES_MUST && fileUs < dataUs
  console.log(
    `${LANGUAGE_NAMES[language]}, 16 MiB by file: ${ratio.toFixed(2)} × the copies; must ≤ ${COPIES_MUST}, goal ≤ ${COPIES_GOAL}, and faster than DATA: ${holds ? 'holds' : 'FAILS'}`,
  )
  allHold &&= holds
}
if (values.record) {
  const record = { command: `bench/payload/echo.ts --rounds ${rounds} --record`, machine: machineFacts(), rounds, rows }
  writeFileSync(join(import.meta.dirname, '../results/payload.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}
process.exitCode = allHold ? 0 : 1

function key(language: Language, bytes: number): string {
  return `${language} ${bytes}`
}

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
  language: Language,
  payloadFiles: EngineOptions['payloadFiles'],
  measure: (echoUs: (size: { bytes: number; count: number }) => Promise<number>) => Promise<void>,
): Promise<void> {
  const engine = createEngine({
    programs: [workers.program(language, 'caller'), workers.program(language, 'callee')],
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    timeoutUs: CALL_LIMIT_US,
    ...(payloadFiles === undefined ? {} : { payloadFiles }),
  })
  try {
    const { failures } = await engine.start()
    if (failures[0] !== undefined) throw new Error(`program ${failures[0].program}: ${failures[0].message}`)
    const load = async (bytes: number, count: number): Promise<number> => {
      const text = loadText({ callee: `${language}.echo`, count, inFlight: 1, batch: 1, bytes, first: 0 })
      const outcome = await engine.invoke(`${language}.calls`, new TextEncoder().encode(text))
      if (!outcome.ok) throw new Error(`${language}.calls failed: ${outcome.failure.message}`)
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
