/**
 * The main job on real input: word statistics over a folder, by functions in several workers that call one another.
 *
 *   node --conditions=millrace-source examples/wordstat/demo.ts [folder] [--rounds N] [--check]
 *
 * Starts an engine from `millrace.yaml`, runs `wordstat` over the folder (default: this repository) N times (default 3), and
 * prints the result, the call tree of the last round with microseconds, and throughput. `--check` counts the words once more
 * here, without Millrace, and fails when the two differ. Ends by itself and leaves nothing running.
 */
import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CallRecord, createEngine } from '@millrace/engine'
import { openProject } from '@millrace/engine/project'
import { Content } from '@millrace/protocol'
import { drawCallTree } from './call-tree.ts'
import { listTexts } from './texts.ts'
import { type Counts, countWords, merge, rank } from './words.ts'
import type { WordstatOutput } from './wordstat.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, check: { type: 'boolean', default: false } },
})
const repository = resolve(import.meta.dirname, '../..')
const folder = resolve(positionals[0] ?? repository)
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
  fail(`--rounds ${values.rounds} is not a whole number from 1 to 100`)

const records: CallRecord[] = []
const project = openProject(join(import.meta.dirname, 'millrace.yaml'))
const engine = createEngine({
  ...project,
  onCall: (record) => records.push(record),
  onOutput: (program, _worker, _stream, line) => console.error(`[${program}] ${line}`),
})
const { failures } = await engine.start()
try {
  for (const { program, message } of failures) fail(`${program} did not start: ${message}`)
  const workers = engine.workers()
  console.log(`Millrace demo: word statistics over ${relative(process.cwd(), folder) || '.'}`)
  console.log(
    `${engine.functions().length} functions in ${workers.length} worker processes (${workers.map((w) => w.pid).join(', ')})\n`,
  )

  const began = performance.now()
  let output: WordstatOutput | undefined
  for (let round = 0; round < rounds; round += 1) output = await runOnce()
  const seconds = (performance.now() - began) / 1_000
  printResult(output!)
  const root = records.findLast((record) => record.function === 'wordstat')!
  console.log('\nCall tree of the last round (medians where there are several calls):\n')
  for (const line of drawCallTree(records, root.id)) console.log(`  ${line}`)
  const rate = Math.round(records.length / seconds).toLocaleString('en')
  console.log(
    `\n${records.length.toLocaleString('en')} calls in ${seconds.toFixed(2)} s over ${rounds} rounds: ${rate} calls/s, handlers included`,
  )
  if (values.check) await check(output!)
} finally {
  await engine.stop()
}
console.log('\nTry it yourself:')
console.log('  bin/millrace dev examples/wordstat')
console.log(`  curl -d '{"folder":"spec","top":5}' http://127.0.0.1:8080/function/wordstat`)

async function runOnce(): Promise<WordstatOutput> {
  const input = new TextEncoder().encode(JSON.stringify({ folder, top: 8 }))
  const outcome = await engine.invoke('wordstat', input, { content: Content.JSON })
  if (!outcome.ok) fail(`${outcome.failure.function}: ${outcome.failure.reason}: ${outcome.failure.message}`)
  return JSON.parse(new TextDecoder().decode(outcome.output)) as WordstatOutput
}

function printResult({ files, lines, words, distinct, top }: WordstatOutput): void {
  const n = (value: number): string => value.toLocaleString('en')
  console.log(`${n(files)} files, ${n(lines)} lines, ${n(words)} words, ${n(distinct)} distinct`)
  const widest = Math.max(1, ...top.map(({ word }) => word.length))
  const most = Math.max(1, ...top.map(({ count }) => count))
  for (const { word, count } of top) {
    console.log(`  ${word.padEnd(widest)} ${n(count).padStart(7)} ${'█'.repeat(Math.ceil((count / most) * 30))}`)
  }
}

/** Counts again in this process: a function made by the SDK is a plain function, too. */
async function check(output: WordstatOutput): Promise<void> {
  const paths = await listTexts(folder)
  const partials: Counts[] = []
  for (const path of paths) partials.push(countWords(await readFile(path, 'utf8')))
  const counts = merge(partials)
  const expected: WordstatOutput = {
    files: paths.length,
    lines: counts.lines,
    words: counts.words,
    distinct: Object.keys(counts.byWord).length,
    top: rank({ counts, top: 8 }),
  }
  if (JSON.stringify(expected) !== JSON.stringify(output)) fail('the words counted here and by the functions differ')
  const perRound = records.length / rounds
  if (perRound < 2 * paths.length)
    fail(`${perRound} calls a round for ${paths.length} files: the fan-out did not happen`)
  const lost = records.filter((record) => record.outcome !== 'ok')
  if (lost.length > 0) fail(`${lost.length} calls failed, the first with ${lost[0]!.outcome}: ${lost[0]!.message}`)
  console.log('\nchecked: the same words were counted without Millrace, and every call ended well')
}

function fail(message: string): never {
  throw new Error(message)
}
