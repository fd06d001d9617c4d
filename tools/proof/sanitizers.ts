/**
 * Runs the C++ SDK under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer, and the Go SDK under
 * the race detector: the tests of each, and the whole conformance suite against its fixture, by pipes and by rings.
 *
 * Of memory that two processes share a sanitizer sees the one side that it is built into: what the suite's engine does to a
 * segment is nothing to it. Races between the two sides of a ring show in the tests, where both are threads of one process.
 *
 *   node --conditions=millrace-source tools/proof/sanitizers.ts [--only address|thread|race]
 *
 * Every finding is written to a file by the sanitizer itself, and each such file is a failure, whatever the test that met it
 * says. Last line: N passed, N failed, N skipped. Exit codes: 0 nothing was found, 1 something was, 2 a wrong option.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/sanitizers')
const STEP_SECONDS_MAX = 1_800
const FINDING_CHARS_SHOWN = 4_000
const OUTPUT_CHARS_KEPT = 20_000
/** How long a sanitizer may take to write what it found, in milliseconds. */
const FINDING_WRITTEN_MS = 2_000
/** What a program ends with when its sanitizer found something. */
const EXIT_FOUND = 66

interface Step {
  readonly title: string
  readonly command: readonly string[]
  readonly cwd: string
}

interface Proof {
  readonly name: string
  /** The variable that sets the sanitizer up, and what it is to say. */
  readonly env: (log: string) => Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

/** A sanitizer makes everything several times slower: waits are longer. */
const RUN = ['bin/millrace-conformance', 'run', 'worker', '--quiet', '--patience', '30000']

const suites = (fixture: string): Step[] => [
  { title: 'conformance suite', command: [...RUN, '--', fixture], cwd: root },
  { title: 'conformance suite by rings', command: [...RUN, '--rings', '--', fixture], cwd: root },
]

function cpp(sanitizer: 'address' | 'thread'): Step[] {
  const build = join(out, `cpp-${sanitizer}`)
  const configure = [
    'cmake',
    '-S',
    '.',
    '-B',
    build,
    `-DMILLRACE_SANITIZE=${sanitizer}`,
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
  ]
  const cwd = join(root, 'sdks/cpp')
  return [
    { title: 'configure', command: configure, cwd },
    { title: 'build', command: ['cmake', '--build', build, '--parallel', '2'], cwd },
    {
      title: 'tests',
      command: ['ctest', '--test-dir', build, '--output-on-failure', '--stop-on-failure', '--no-tests=error'],
      cwd,
    },
    ...suites(join(build, 'millrace_fixture')),
  ]
}

const race = join(out, 'go-fixture')
const PROOFS: readonly Proof[] = [
  {
    name: 'address',
    env: (log) => ({
      ASAN_OPTIONS: `log_path=${log}:exitcode=${EXIT_FOUND}:detect_leaks=1`,
      UBSAN_OPTIONS: `log_path=${log}:print_stacktrace=1:halt_on_error=1:exitcode=${EXIT_FOUND}`,
    }),
    steps: cpp('address'),
  },
  {
    name: 'thread',
    env: (log) => ({ TSAN_OPTIONS: `log_path=${log}:halt_on_error=1:exitcode=${EXIT_FOUND}` }),
    steps: cpp('thread'),
  },
  {
    name: 'race',
    env: (log) => ({ GORACE: `log_path=${log} halt_on_error=1 exitcode=${EXIT_FOUND}`, CGO_ENABLED: '1' }),
    steps: [
      { title: 'tests', command: ['go', 'test', '-race', './...'], cwd: join(root, 'sdks/go') },
      { title: 'build', command: ['go', 'build', '-race', '-o', race, './conformance'], cwd: join(root, 'sdks/go') },
      ...suites(race),
    ],
  },
]

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const chosen = PROOFS.filter(({ name }) => values.only === undefined || values.only === name)
if (chosen.length === 0) {
  console.error(`--only is ${values.only}; use ${PROOFS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

mkdirSync(out, { recursive: true })
let [passed, failed] = [0, 0]
for (const { name, env, steps } of chosen) {
  const log = join(out, `finding-${name}`)
  for (const old of globSync(`${log}*`)) rmSync(old)
  for (const { title, command, cwd } of steps) {
    const done = await runUntilFinding(command, cwd, env(log), `finding-${name}`)
    const findings = globSync(`${log}*`)
    const good = done.code === 0 && findings.length === 0
    console.log(`${name}: ${title}: ${good ? 'passed' : 'FAILED'}`)
    if (good) {
      passed += 1
      continue
    }
    failed += 1
    if (done.code !== 0) console.log(done.output.slice(-FINDING_CHARS_SHOWN))
    for (const path of findings) console.log(`${path}:\n${readFileSync(path, 'utf8').slice(0, FINDING_CHARS_SHOWN)}`)
    break // What comes after a step that failed would say the same again.
  }
}
/** Runs a command. The first finding ends it: what follows would only say the same, at the pace of a broken program. */
async function runUntilFinding(
  [program, ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  prefix: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(program!, args, { cwd, env: { ...process.env, ...env }, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARS_KEPT)
    })
  }
  // A group of its own: what it started ends with it.
  const end = (): void =>
    void (child.exitCode === null && child.pid !== undefined && process.kill(-child.pid, 'SIGTERM'))
  const late = setTimeout(end, STEP_SECONDS_MAX * 1_000)
  let whole: NodeJS.Timeout | undefined
  const watcher = watch(out, (_, file) => {
    if (file?.startsWith(prefix)) whole ??= setTimeout(end, FINDING_WRITTEN_MS)
  })
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve)
    child.once('error', (error) => {
      output += `${program} could not run: ${error.message}\n`
      resolve(null)
    })
  })
  clearTimeout(late)
  clearTimeout(whole)
  watcher.close()
  return { code, output }
}

console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
