/**
 * Runs the C++ SDK under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer, and the Go SDK under
 * the race detector: the tests of each, and the whole conformance suite against its fixture.
 *
 *   node --conditions=millrace-source tools/proof/sanitizers.ts [--only address|thread|race]
 *
 * Every finding is written to a file by the sanitizer itself, and each such file is a failure, whatever the test that met it
 * says. Last line: N passed, N failed, N skipped. Exit codes: 0 nothing was found, 1 something was, 2 a wrong option.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'out/sanitizers')
const STEP_SECONDS_MAX = 1_800
const FINDING_CHARS_SHOWN = 4_000
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

const suite = (fixture: string): Step => ({
  title: 'conformance suite',
  // A sanitizer makes everything several times slower: waits are longer.
  command: ['bin/millrace-conformance', 'run', 'worker', '--quiet', '--patience', '30000', '--', fixture],
  cwd: root,
})

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
    { title: 'tests', command: ['ctest', '--test-dir', build, '--output-on-failure', '--no-tests=error'], cwd },
    suite(join(build, 'millrace_fixture')),
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
      suite(race),
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
    const [program, ...args] = command
    const done = spawnSync(program!, args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env(log) },
      timeout: STEP_SECONDS_MAX * 1_000,
      maxBuffer: 64 * 1_048_576,
    })
    const findings = globSync(`${log}*`)
    const good = done.status === 0 && findings.length === 0
    console.log(`${name}: ${title}: ${good ? 'passed' : 'FAILED'}`)
    if (good) {
      passed += 1
      continue
    }
    failed += 1
    if (done.error !== undefined) console.log(`${program} could not run: ${done.error.message}`)
    if (done.status !== 0) console.log((done.stdout + done.stderr).slice(-FINDING_CHARS_SHOWN))
    for (const path of findings) console.log(`${path}:\n${readFileSync(path, 'utf8').slice(0, FINDING_CHARS_SHOWN)}`)
    break // What comes after a step that failed would say the same again.
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
