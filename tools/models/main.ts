/**
 * Searches every state of the Promela models in `spec/models/` with SPIN, and refutes their broken twins.
 *
 *   node tools/models/main.ts [NAME]
 *
 * A model is good when SPIN finds no error and reaches the end of its search. Each `-DBROKEN_…` that the model's first
 * comment lists is a twin with one fault in it: the same search must find an error there, or the model proves nothing.
 * Needs `spin` and `gcc`. Exit codes: 0 all as they should be, 1 otherwise. The last line counts.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { judgeSearch, twinsOf } from './verdict.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'spec/models')
/** Depth of a search, in steps; a model that needs more is not finished. */
const DEPTH_MAX = 1_000_000
/** Memory of a search, in MiB. */
const MEMORY_MIB_MAX = 2_048
const SECONDS_MAX = 120

let passed = 0
let failed = 0
for (const file of readdirSync(folder).filter((name) => name.endsWith('.pml'))) {
  const name = basename(file, '.pml')
  if (process.argv[2] !== undefined && process.argv[2] !== name) continue
  const source = join(folder, file)
  for (const twin of [undefined, ...twinsOf(readFileSync(source, 'utf8'))]) {
    const wrong = judgeSearch(search(name, source, twin), twin !== undefined)
    const title = twin === undefined ? `${name} holds` : `${name} ${twin} is refuted`
    if (wrong === undefined) passed += 1
    else failed += 1
    console.log(`${wrong === undefined ? 'ok  ' : 'FAIL'} ${title}${wrong === undefined ? '' : `: ${wrong}`}`)
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/** Generates, compiles and runs the verifier of one model. Returns what it printed. Throws when a tool is missing. */
function search(name: string, source: string, twin: string | undefined): string {
  const at = join(root, 'out/models', `${name}${twin ?? ''}`)
  mkdirSync(at, { recursive: true })
  run('spin', [...(twin === undefined ? [] : [twin]), '-a', source], at)
  run('gcc', ['-O2', '-w', '-DSAFETY', `-DMEMLIM=${MEMORY_MIB_MAX}`, '-o', 'pan', 'pan.c'], at)
  return run('./pan', [`-m${DEPTH_MAX}`], at)
}

function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: SECONDS_MAX * 1_000 })
  if (done.error !== undefined) throw new Error(`${command} could not run: ${done.error.message}; install spin and gcc`)
  const text = done.stdout + done.stderr
  // The verifier itself answers 0 with errors found; a refusal of spin or gcc is a fault of the model's text.
  if (done.status !== 0 && command !== './pan') throw new Error(`${command} ${args.join(' ')} failed:\n${text}`)
  return text
}
