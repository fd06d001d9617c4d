/**
 * Every language calls every language: 16 pairs of caller and callee, payloads of 0 to 1,048,576 bytes, 32 calls at once: with
 * payload files, without, with an engine for each language, so that each call crosses from one engine to another, with all on
 * one processor, where the engine polls its pipes, and by rings, on all processors and on one.
 *
 *   node --conditions=millrace-source tools/pairs/main.ts [--only CALLER,CALLEE]
 *
 * An engine runs the fixture of each SDK under names of its own (`go.echo`, `go.interp`, …). Each call goes to a caller's
 * `interp` with a program of one CALL to a callee's `echo`; what comes back is compared with what went out by its CRC-32 and
 * its length. The last line counts pairs × sizes × ways. Exit codes: 0 all intact, 1 otherwise.
 */
import { parseArgs } from 'node:util'
import { crc32 } from 'node:zlib'
import type { Engine, EngineOptions } from '@millrace/engine'
import { Neighbours } from '@millrace/engine/testing'
import { buildFixtures } from '../fixtures/fixtures.ts'
import { callProgram, payloadOf, readOutcome } from './program.ts'

const WAYS = {
  files: {},
  DATA: { payloadFiles: false },
  links: {},
  pack: { affinity: 'pack' },
  rings: { rings: 'auto' },
  'packed rings': { rings: 'auto', affinity: 'pack' },
} as const satisfies Record<string, Omit<EngineOptions, 'programs'>>
type Way = keyof typeof WAYS

const SIZES = [0, 1, 959, 960, 961, 65_536, 1_048_576]
const CALLS_AT_ONCE = 32

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const only = values.only?.split(',')

const fixtures = buildFixtures()
const languages = fixtures.map(({ language }) => language)
let passed = 0
let failed = 0
for (const way of Object.keys(WAYS) as Way[]) await allPairs(way)
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/** Every pair. */
async function allPairs(way: Way): Promise<void> {
  const programs = fixtures.map(({ language, command, env }) => ({
    name: language,
    command: [...command, `${language}.`],
    env,
    functions: [{ name: `${language}.echo` }, { name: `${language}.interp` }],
  }))
  const options = {
    ...WAYS[way],
    onOutput: (program: string, _worker: number, _stream: string, line: string) =>
      console.error(`[${program}] ${line}`),
  }
  const side = way === 'links' ? programs.map((program) => ({ programs: [program], options })) : [{ programs, options }]
  const neighbours = new Neighbours(side)
  try {
    await neighbours.start()
    for (const caller of languages) {
      // On links another one than the caller's: the call from outside crosses, too.
      const engine = neighbours.engines[(languages.indexOf(caller) + 1) % neighbours.engines.length]!
      for (const callee of languages) {
        if (only !== undefined && (only[0] !== caller || (only[1] ?? callee) !== callee)) continue
        const began = performance.now()
        const wrong: string[] = []
        for (const size of SIZES) {
          const fault = await exchange(engine, caller, callee, size)
          if (fault === undefined) passed += 1
          else wrong.push(`${size} bytes: ${fault}`)
        }
        failed += wrong.length
        const seconds = ((performance.now() - began) / 1_000).toFixed(1)
        console.log(
          `${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${caller.padEnd(6)} calls ${callee.padEnd(6)} by ${way.padEnd(12)} ${seconds} s ${wrong.join('; ')}`,
        )
      }
    }
  } finally {
    await neighbours.stop()
  }
}

/** `CALLS_AT_ONCE` overlapping calls of one pair and size. Undefined when all came back intact. */
async function exchange(engine: Engine, caller: string, callee: string, size: number): Promise<string | undefined> {
  const faults = await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, async (_, seed) => {
      const payload = payloadOf(size, seed)
      const outcome = await engine.invoke(`${caller}.interp`, callProgram(`${callee}.echo`, payload))
      if (!outcome.ok) return `${outcome.failure.function}: ${outcome.failure.reason}: ${outcome.failure.message}`
      const inner = readOutcome(outcome.output)
      if (typeof inner === 'string') return inner
      if (inner.length !== size) return `${inner.length} bytes came back`
      return crc32(inner) === crc32(payload) ? undefined : 'the bytes that came back differ'
    }),
  )
  return faults.find((fault) => fault !== undefined)
}
