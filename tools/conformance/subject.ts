/** What the suite can judge here, and how to run it: the four SDKs' fixtures, plain and shut off. */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { levelFault } from '../../packages/engine/src/isolation/host-facts.ts'
import type { Fixture } from '../fixtures/fixtures.ts'

const root = join(import.meta.dirname, '../..')
const SUITE = ['--conditions=millrace-source', join(root, 'conformance/main.ts')]
const RUN_SECONDS_MAX = 900
/** Where Node keeps what it made of our TypeScript: most of what starting a worker or an engine costs, a thousand times over. */
const NODE_CACHE = join(root, 'out/conformance/node-cache')

/** Something to judge. */
export interface Subject {
  readonly name: string
  readonly side: 'worker' | 'engine'
  readonly options: readonly string[]
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The levels of isolation that shut off. */
export const SHUT_LEVELS = ['sandbox', 'oci'] as const

/** A fixture as it is. */
export function plainSubject({ language, command, env, zygote = false, code }: Fixture): Subject {
  const options = [...(zygote ? ['--zygote'] : []), ...(code === undefined ? [] : ['--code', code])]
  return { name: language, side: 'worker', options, command, env }
}

/** Each fixture that takes rings, with them. */
export function ringSubjects(fixtures: readonly Fixture[]): Subject[] {
  return fixtures
    .filter(({ rings }) => rings === true)
    .map((fixture) => {
      const plain = plainSubject(fixture)
      return { ...plain, name: `${plain.name}-rings`, options: [...plain.options, '--rings'] }
    })
}

/**
 * Each fixture at each level that shuts off. Throws an Error that says which level this host cannot give and why: none is
 * left out in silence.
 */
export function shutSubjects(fixtures: readonly Fixture[], options: readonly string[]): Subject[] {
  return SHUT_LEVELS.flatMap((level) => {
    const fault = levelFault(level)
    if (fault !== undefined) throw new Error(`isolation ${level} ${fault}`)
    return fixtures.map((fixture) => shutSubject(fixture, level, options))
  })
}

function shutSubject({ language, command, env }: Fixture, level: string, options: readonly string[]): Subject {
  const { executable, mounts } =
    language === 'python' ? realPython(command[0]!) : { executable: command[0]!, mounts: [] }
  const shut = ['--isolation', level, ...[root, ...mounts].flatMap((path) => ['--mount', path])]
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return {
    name: `${language}-${level}`,
    side: 'worker',
    options: [...shut, ...variables, ...options],
    command: [executable, ...command.slice(1)],
    env: {},
  }
}

/** The program on the PATH may be a script that finds the interpreter; inside there is only what is mounted. */
function realPython(command: string): { readonly executable: string; readonly mounts: readonly string[] } {
  const ask = 'import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep="\\n")'
  const [executable, ...prefixes] = execFileSync(command, ['-c', ask], { encoding: 'utf8' }).trim().split('\n')
  return { executable: executable!, mounts: [...new Set(prefixes)].filter((path) => path !== '/usr') }
}

/** One run of the suite. */
export interface SuiteRun {
  readonly code: number | null
  readonly output: string
  /** Whether it came as far as its report. */
  readonly reported: boolean
}

/** Runs the suite's command to its end. Throws when it cannot be run at all. */
export function suite(args: readonly string[], env: Readonly<Record<string, string>>): SuiteRun {
  const done = spawnSync(process.execPath, [...SUITE, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE: NODE_CACHE, ...env },
    timeout: RUN_SECONDS_MAX * 1_000,
    maxBuffer: 256 * 1_048_576,
  })
  if (done.error !== undefined) throw new Error(`millrace-conformance ${args[0]} could not run: ${done.error.message}`)
  return { code: done.status, output: done.stdout + done.stderr, reported: done.stdout.includes('report: ') }
}
