/**
 * The hello-worlds of the README: each must be the text of a file, and each file must greet.
 *
 *   node --conditions=millrace-source tools/hello/main.ts
 *
 * Builds those that need it, runs each under an engine of its own, and calls `greet`. The last line counts.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { createEngine, type EngineOptions } from '@millrace/engine'
import { openProject } from '@millrace/engine/project'
import { Content } from '@millrace/protocol'
import { fileBlocks } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/hello')
const BUILD_SECONDS_MAX = 600
/** A README without one of these has lost a language. */
const SUFFIXES = ['.ts', '.py', '.go', '.cpp']

mkdirSync(out, { recursive: true })
let passed = 0
let failed = 0
const blocks = fileBlocks(readFileSync(join(root, 'README.md'), 'utf8'))
for (const suffix of SUFFIXES) {
  const block = blocks.find(({ path }) => extname(path) === suffix)
  const fault = block === undefined ? 'the README has no hello-world of it' : await judge(block.path, block.text)
  if (fault === undefined) passed += 1
  else failed += 1
  console.log(
    `${fault === undefined ? 'ok  ' : 'FAIL'} ${block?.path ?? suffix}${fault === undefined ? '' : `: ${fault}`}`,
  )
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 ? 0 : 1

async function judge(path: string, text: string): Promise<string | undefined> {
  if (readFileSync(join(root, path), 'utf8') !== text) return 'the README shows another text than the file has'
  const engine = createEngine({
    ...project(path),
    onOutput: (program, _worker, _stream, line) => console.error(`[${program}] ${line}`),
  })
  try {
    const { failures } = await engine.start()
    if (failures.length > 0) return `it did not start: ${failures[0]!.message}`
    const outcome = await engine.invoke('greet', new TextEncoder().encode('"Ada"'), { content: Content.JSON })
    if (!outcome.ok) return `${outcome.failure.reason}: ${outcome.failure.message}`
    const greeting = new TextDecoder().decode(outcome.output)
    return /Hello, "?Ada/.test(greeting) ? undefined : `it says ${greeting}`
  } finally {
    await engine.stop()
  }
}

/** How to run a file of each language. */
function project(path: string): EngineOptions {
  const file = join(root, path)
  switch (extname(path)) {
    case '.go': {
      const command = join(out, 'go-hello')
      run('go', ['build', '-o', command, '.'], join(file, '..'))
      return { programs: [{ name: 'go', command: [command] }] }
    }
    case '.cpp': {
      const build = join(root, 'out/cpp')
      run('cmake', ['-S', join(root, 'sdks/cpp'), '-B', build, '-DCMAKE_BUILD_TYPE=RelWithDebInfo'], root)
      run('cmake', ['--build', build, '--parallel', '2', '--target', 'millrace'], root)
      const command = join(out, 'cpp-hello')
      const sdk = join(root, 'sdks/cpp')
      const library = join(build, 'libmillrace.a')
      run('g++', ['-std=c++20', `-I${sdk}/include`, file, library, '-pthread', '-o', command], root)
      return { programs: [{ name: 'cpp', command: [command] }] }
    }
    default:
      return openProject(file)
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: BUILD_SECONDS_MAX * 1_000 })
  if (done.error !== undefined) throw new Error(`${command} could not run: ${done.error.message}; install it`)
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`)
}
