/** The bench's workers in four languages: builds those that need it, says how to run each, and what each may serve. */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProgramOptions } from '@millrace/engine'
import { runBuild } from '../command.ts'

export const LANGUAGES = ['cpp', 'go', 'node', 'python'] as const
export type Language = (typeof LANGUAGES)[number]

/** For people. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  cpp: 'C++',
  go: 'Go',
  node: 'Node',
  python: 'Python',
}

/** The functions of a chain, each in a worker of its own: one calls the next. */
export const STEPS = ['step-1', 'step-2', 'step-3', 'step-4', 'step-5', 'step-6', 'step-7', 'step-8'] as const

/**
 * What a worker does: `caller` times calls and `callee` answers them; `ping` and `pong` call each other, and `ping` itself
 * too. Each is a process of its own. `wide` is a callee that takes many calls at once: of C++, whose workers take one.
 */
export type Role = 'caller' | 'callee' | 'wide' | 'ping' | 'pong' | (typeof STEPS)[number]

/** The callee that serves so many calls at once best. */
export function calleeRole(language: Language, inFlight: number): Role {
  return language === 'cpp' && inFlight > 1 ? 'wide' : 'callee'
}

/** Of the other roles: the one function of the same name. */
const SERVED: Readonly<Partial<Record<Role, readonly string[]>>> = {
  caller: ['calls', 'reads'],
  callee: ['echo', 'source'],
  wide: ['echo', 'source'],
  ping: ['ping', 'recurse'],
  pong: ['pong'],
}
const SERVED_BY_NODE: Readonly<Partial<Record<Role, readonly string[]>>> = {
  caller: ['open', 'caller.probe'],
  callee: ['hello', 'callee.probe'],
}

const root = join(import.meta.dirname, '../..')
const workers = join(root, 'bench/workers')

/** The built workers. */
export class Workers {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Builds those of `languages` into `folder`. @throws Error with the words of the tool that failed or is missing. */
  static async build(folder: string, languages: ReadonlySet<Language>): Promise<Workers> {
    mkdirSync(folder, { recursive: true })
    if (languages.has('go')) {
      await runBuild(['go', 'build', '-o', join(folder, 'go-worker'), '.'], join(workers, 'go'))
    }
    if (languages.has('cpp')) await buildCpp(join(folder, 'cpp-worker'))
    return new Workers(folder)
  }

  /** A program of an engine, named after language and role. `wrap`: a command that runs it, such as a profiler. */
  program(language: Language, role: Role, { count = 1, wrap = [] as readonly string[] } = {}): ProgramOptions {
    const own = language === 'node' ? (SERVED_BY_NODE[role] ?? []) : []
    return {
      name: `${language}-${role}`,
      command: [...wrap, ...this.#command(language, role)],
      ...(language === 'python' ? { env: { PYTHONPATH: join(root, 'sdks/python/src') } } : {}),
      functions: [...(SERVED[role] ?? [role]), ...own].map((name) => ({ name: `${language}.${name}` })),
      workers: count,
    }
  }

  #command(language: Language, role: Role): string[] {
    switch (language) {
      case 'node': {
        const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
        return [process.execPath, '--conditions=millrace-source', host, join(workers, 'node/worker.ts')]
      }
      case 'python':
        return ['python3', join(workers, 'python/worker.py')]
      case 'go':
        return [join(this.#folder, 'go-worker')]
      case 'cpp':
        // It makes a thread for each call that it may have open, and the role says how many those are.
        return [join(this.#folder, 'cpp-worker'), role]
    }
  }
}

/** The SDK by its own build, then the worker with its library. */
async function buildCpp(program: string): Promise<void> {
  const build = join(root, 'out/cpp')
  const sdk = join(root, 'sdks/cpp')
  const own = join(workers, 'cpp')
  const library = join(build, 'libmillrace.a')
  await runBuild(['cmake', '-S', sdk, '-B', build, '-DCMAKE_BUILD_TYPE=RelWithDebInfo'], root)
  await runBuild(['cmake', '--build', build, '--parallel', '2', '--target', 'millrace'], root)
  const sources = readdirSync(own).map((name) => join(own, name))
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (![...sources, library].some((path) => statSync(path).mtimeMs > built)) return
  const units = sources.filter((path) => path.endsWith('.cpp'))
  const flags = ['-std=c++20', '-O2', '-g', '-Wall', '-Wextra', '-Wconversion', `-I${join(sdk, 'include')}`]
  await runBuild([process.env.CXX ?? 'g++', ...flags, ...units, library, '-pthread', '-o', program], root)
}
