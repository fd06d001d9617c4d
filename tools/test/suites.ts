/**
 * What `make test` runs, in this order: every check and every test suite, each with the time it may take at most.
 * `make check` runs the suites of the first stage alone.
 */
import { availableParallelism } from 'node:os'
import type { CountBy } from './counts.ts'

/** A tool that a suite cannot do without; a machine that lacks it skips the suite, and fails under CI. */
export interface Language {
  readonly name: string
  /** Answers 0 when the language is there. */
  readonly probe: readonly string[]
}

export interface Suite {
  readonly name: string
  readonly command: readonly string[]
  /** Where it runs, from the repository's top folder. Default: the top folder. */
  readonly folder?: string
  /** Files or folders that the command is made of; one that is missing fails the suite by name. */
  readonly needs: readonly string[]
  readonly language?: Language
  /** How its tests are counted. `exit-code`: the suite is one test. */
  readonly countBy: CountBy
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** In seconds. Far above what it takes: it only ever ends a hang. */
  readonly secondsMax: number
}

/** Suites that may run side by side. */
export interface Stage {
  readonly name: string
  readonly atOnce: number
  readonly suites: readonly Suite[]
}

const CHECK_SECONDS_MAX = 120
const LANGUAGE_SECONDS_MAX = 600
const BUILD_SECONDS_MAX = 300
const FUZZ_SECONDS_MAX = 120
const VITEST_SECONDS_MAX = 1_500
const DEMO_SECONDS_MAX = 180
const CONFORMANCE_SECONDS_MAX = 1_500

const PYTHON: Language = {
  name: 'Python',
  probe: ['python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 10))'],
}
const PYTHON_LINT: Language = {
  name: 'the checks of Python',
  probe: [
    'sh',
    '-c',
    'PYTHONPATH=.setup/python-lint python3 -m ruff --version && PYTHONPATH=.setup/python-lint python3 -c "import mypy"',
  ],
}
const GO: Language = { name: 'Go', probe: ['go', 'version'] }
const SPIN: Language = { name: 'SPIN', probe: ['sh', '-c', 'command -v spin && command -v gcc'] }
const CPP: Language = { name: 'C++', probe: ['sh', '-c', 'command -v g++ && command -v cmake'] }

/** Runs a TypeScript file; workspace packages are read from their sources. */
const script = (file: string, ...args: string[]) => ['node', '--conditions=millrace-source', file, ...args]

/** A suite that is one TypeScript file and counts as one test. */
const check = (name: string, file: string, ...args: string[]): Suite => ({
  name,
  command: script(file, ...args),
  needs: [file],
  countBy: 'exit-code',
  secondsMax: CHECK_SECONDS_MAX,
})

/** A suite that is one TypeScript file, prints our closing line, and needs every language. */
const counted = (name: string, file: string): Suite => ({
  name,
  command: script(file),
  needs: [file],
  countBy: 'closing-line',
  secondsMax: LANGUAGE_SECONDS_MAX,
})

const CHECKS: readonly Suite[] = [
  {
    name: 'types',
    command: ['tsc', '-p', '.'],
    needs: ['tsconfig.json'],
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'format-and-lint',
    command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
    needs: ['biome.json'],
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  check('tidy', 'tools/tidy/main.ts'),
  check('spec-lint', 'tools/spec/lint.ts'),
  check('generated-fresh', 'tools/generate/main.ts', '--check'),
  check('proto', 'tools/generate/proto.ts'),
  {
    name: 'vectors-second-opinion',
    command: ['python3', 'tools/generate/oracle.py'],
    needs: ['tools/generate/oracle.py'],
    language: PYTHON,
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'go-format',
    // gofmt answers 0 whatever it finds, and names what it would change.
    command: ['sh', '-c', 'unformatted=$(gofmt -l .) && printf "%s" "$unformatted" && test -z "$unformatted"'],
    folder: 'sdks/go',
    needs: ['sdks/go/go.mod'],
    language: GO,
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'go-vet',
    command: ['go', 'vet', './...'],
    folder: 'sdks/go',
    needs: ['sdks/go/go.mod'],
    language: GO,
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'bench-go',
    command: ['sh', '-c', 'go vet ./... && unformatted=$(gofmt -l . ../../peers/go) && test -z "$unformatted"'],
    folder: 'bench/workers/go',
    needs: ['bench/workers/go/go.mod'],
    language: GO,
    countBy: 'exit-code',
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'python-syntax',
    command: ['python3', '-m', 'compileall', '-q', 'sdks/python', 'bench/workers/python', 'bench/peers/python'],
    needs: ['sdks/python/src'],
    language: PYTHON,
    countBy: 'exit-code',
    environment: { PYTHONPYCACHEPREFIX: 'out/test/pycache' },
    secondsMax: CHECK_SECONDS_MAX,
  },
  {
    name: 'python-lint',
    command: [
      'sh',
      '-c',
      'python3 -m ruff check --quiet . && python3 -m ruff format --check . && python3 -m mypy --cache-dir ../../out/test/mypy',
    ],
    folder: 'sdks/python',
    needs: ['sdks/python/pyproject.toml', 'tools/python-lint/requirements.txt'],
    language: PYTHON_LINT,
    countBy: 'exit-code',
    environment: { PYTHONPATH: '../../.setup/python-lint', RUFF_CACHE_DIR: '../../out/test/ruff' },
    secondsMax: CHECK_SECONDS_MAX,
  },
]

const BUILDS_AND_LANGUAGES: readonly Suite[] = [
  {
    name: 'install',
    command: script('tools/test/install.ts'),
    needs: ['packages/protocol/tsup.config.ts', 'packages/sdk-node/tsup.config.ts', 'packages/engine/tsup.config.ts'],
    countBy: 'closing-line',
    secondsMax: BUILD_SECONDS_MAX,
  },
  {
    name: 'api-docs',
    command: ['typedoc', '--options', 'typedoc.json'],
    needs: ['typedoc.json'],
    countBy: 'exit-code',
    secondsMax: BUILD_SECONDS_MAX,
  },
  {
    name: 'python',
    command: ['python3', '-m', 'unittest', 'discover', '-v', '-s', 'tests'],
    folder: 'sdks/python',
    needs: ['sdks/python/tests'],
    language: PYTHON,
    countBy: 'unittest',
    environment: { PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1' },
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  {
    name: 'go',
    command: ['go', 'test', '-json', './...'],
    folder: 'sdks/go',
    needs: ['sdks/go/go.mod'],
    language: GO,
    countBy: 'go-json',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  {
    name: 'cpp',
    command: [
      'sh',
      '-c',
      'cmake -S . -B ../../out/cpp -DCMAKE_BUILD_TYPE=RelWithDebInfo &&' +
        ' cmake --build ../../out/cpp --parallel 2 &&' +
        ' ctest --test-dir ../../out/cpp --output-on-failure --no-tests=error',
    ],
    folder: 'sdks/cpp',
    needs: ['sdks/cpp/CMakeLists.txt'],
    language: CPP,
    countBy: 'ctest',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  {
    name: 'models',
    command: script('tools/models/main.ts'),
    needs: ['tools/models/main.ts', 'spec/models'],
    language: SPIN,
    countBy: 'closing-line',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  {
    name: 'fuzz-smoke',
    command: script('tools/test/fuzz.ts', '--smoke'),
    needs: ['tools/test/fuzz.ts'],
    countBy: 'closing-line',
    secondsMax: FUZZ_SECONDS_MAX,
  },
]

/** Where vitest leaves its counts. */
export const VITEST_REPORT = 'out/test/vitest.json'

const TYPESCRIPT: readonly Suite[] = [
  {
    name: 'typescript',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`],
    needs: ['vitest.config.ts'],
    countBy: 'vitest-json',
    environment: { NO_COLOR: '1' },
    secondsMax: VITEST_SECONDS_MAX,
  },
]

const DEMO: readonly Suite[] = [
  {
    name: 'demo',
    command: script('examples/wordstat/demo.ts', '--check'),
    needs: ['examples/wordstat/demo.ts'],
    countBy: 'exit-code',
    secondsMax: DEMO_SECONDS_MAX,
  },
  {
    name: 'polyglot',
    command: script('examples/polyglot/demo.ts'),
    needs: ['examples/polyglot/demo.ts'],
    countBy: 'exit-code',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  counted('readme-hellos', 'tools/hello/main.ts'),
  counted('pairs', 'tools/pairs/main.ts'),
  {
    name: 'soak',
    command: ['node', '--expose-gc', '--conditions=millrace-source', 'tools/proof/soak/soak.ts', '--seconds', '20'],
    needs: ['tools/proof/soak/soak.ts'],
    language: PYTHON,
    countBy: 'closing-line',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  {
    name: 'rolling',
    command: script('bench/managed/rolling.ts', '--seconds', '5'),
    needs: ['bench/managed/rolling.ts'],
    countBy: 'exit-code',
    secondsMax: LANGUAGE_SECONDS_MAX,
  },
  counted('tutorial', 'tools/tutorial/main.ts'),
  { ...counted('conformance', 'tools/conformance/main.ts'), secondsMax: CONFORMANCE_SECONDS_MAX },
]

/** In running order. Real workers run in the last two stages, which therefore have the machine to themselves. */
export const STAGES: readonly Stage[] = [
  { name: 'check', atOnce: availableParallelism(), suites: CHECKS },
  { name: 'build', atOnce: availableParallelism(), suites: BUILDS_AND_LANGUAGES },
  { name: 'typescript', atOnce: 1, suites: TYPESCRIPT },
  { name: 'demo', atOnce: 1, suites: DEMO },
]
