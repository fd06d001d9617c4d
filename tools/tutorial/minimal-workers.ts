/** The workers of examples/minimal-workers: how each is built and started, and what each has to do. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine } from '@millrace/engine'
import { countLines } from './line-count.ts'
import { meet } from './scripted-engine.ts'
import { bytesOf, WRONG_MESSAGES } from './wrong-messages.ts'

export interface MinimalWorker {
  readonly language: string
  /** Below examples/minimal-workers. */
  readonly file: string
  /** Program and arguments; `{file}` and `{built}` are paths. */
  readonly build?: readonly string[]
  readonly command: readonly string[]
  /** A call that fails, and words of its message. */
  readonly failing: { readonly function: string; readonly input: string; readonly message: string }
}

const failing = { function: 'fail', input: 'no luck', message: 'no luck' }

export const MINIMAL_WORKERS: readonly MinimalWorker[] = [
  {
    language: 'Perl',
    file: 'perl/worker.pl',
    command: ['perl', '{file}'],
    failing: { function: 'nap', input: 'soon', message: 'nap takes milliseconds' },
  },
  { language: 'Python', file: 'python/worker.py', command: ['python3', '{file}'], failing },
  { language: 'JavaScript', file: 'node/worker.mjs', command: [process.execPath, '{file}'], failing },
  {
    language: 'Go',
    file: 'go/worker.go',
    build: ['go', 'build', '-o', '{built}', '{file}'],
    command: ['{built}'],
    failing,
  },
  {
    language: 'C++',
    file: 'cpp/worker.cpp',
    build: ['g++', '-std=c++20', '-O1', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-o', '{built}', '{file}'],
    command: ['{built}'],
    failing,
  },
]

/** What the README says of one worker, as far as it can be counted. */
export interface Counted {
  readonly lines: number
  /** Rules of the spec that it names. */
  readonly rules: number
}

/** `ruleIds`: all of the spec. */
export function count(worker: MinimalWorker, folder: string, ruleIds: ReadonlySet<string>): Counted {
  const text = readFileSync(join(folder, worker.file), 'utf8')
  const named = new Set([...text.matchAll(/['"]([a-z]+(?:-[a-z]+)+)['"]/g)].map((match) => match[1]!))
  return { lines: countLines(worker.file, text), rules: [...named].filter((id) => ruleIds.has(id)).length }
}

/** Builds and runs one worker. Returns what it did otherwise than it should. */
export async function examine(worker: MinimalWorker, folder: string, buildFolder: string): Promise<string[]> {
  mkdirSync(buildFolder, { recursive: true })
  const paths = { '{file}': join(folder, worker.file), '{built}': join(buildFolder, worker.language.toLowerCase()) }
  const fill = (words: readonly string[]) => words.map((word) => paths[word as keyof typeof paths] ?? word)
  const [builder, ...args] = fill(worker.build ?? [])
  if (builder !== undefined) execFileSync(builder, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const command = fill(worker.command)
  return [...(await underEngine(worker, command)), ...(await underWrongEngine(command))]
}

/** Echo, a failure, drain, with the reference engine. */
async function underEngine(worker: MinimalWorker, command: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  const ends: string[] = []
  const engine = createEngine({
    programs: [{ name: 'minimal', command }],
    onWorker: ({ event, message }) => {
      if (event === 'gone') ends.push(message)
    },
    onOutput: (_program, _worker, stream, line) => faults.push(`it wrote to ${stream}: ${line}`),
  })
  try {
    const { failures } = await engine.start()
    for (const { message } of failures) faults.push(`it did not start: ${message}`)
    for (const size of [0, 1, 959, 960]) {
      const input = Buffer.alloc(size, 'é')
      const outcome = await engine.invoke('echo', input)
      if (!outcome.ok) faults.push(`echo of ${size} bytes failed: ${outcome.failure.message}`)
      else if (!input.equals(outcome.output)) faults.push(`echo of ${size} bytes gave ${outcome.output.length} others`)
    }
    const { function: name, input, message } = worker.failing
    const outcome = await engine.invoke(name, Buffer.from(input))
    if (outcome.ok) faults.push(`${name} did not fail`)
    else if (!outcome.failure.message.includes(message)) faults.push(`${name} failed with: ${outcome.failure.message}`)
  } finally {
    await engine.stop()
  }
  if (ends.join() !== 'the worker said goodbye') faults.push(`after DRAIN: ${ends.join() || 'nothing'}`)
  return faults
}

/** Each wrong message has to end in GOODBYE with its rule, and exit code 76. */
async function underWrongEngine(command: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  for (const wrong of WRONG_MESSAGES) {
    const { rule, exitCode } = await meet(command, bytesOf(wrong))
    if (rule !== wrong.rule || exitCode !== 76) {
      faults.push(`a message that breaks ${wrong.rule}: GOODBYE names ${rule || 'no rule'}, exit code ${exitCode}`)
    }
  }
  return faults
}
