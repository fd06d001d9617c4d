/** What the command line of every command that runs cases may say. */
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { loadCases } from '../runner/case-file.ts'
import type { Case } from '../runner/case-types.ts'

/** A wrong command line: one line that says the fix. Ends with exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** How long a case waits for what must come; only ever cuts a hang. Unit: milliseconds. */
const PATIENCE_MS_DEFAULT = 10_000

export interface RunOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly cases: readonly Case[]
  /** Whether no case was left out by choice. */
  readonly whole: boolean
  readonly seed: number
  readonly jobs: number
  readonly patienceMs: number
  readonly strict: boolean
  readonly known: string | undefined
  /** Stem of the files to write: `.json`, `.xml` and `.html` are added. */
  readonly report: string | undefined
  readonly quiet: boolean
}

/** Reads `[options] -- CMD...` of `run worker` and `run engine`. */
export function runOptions(side: 'worker' | 'engine', args: readonly string[]): RunOptions {
  const split = args.indexOf('--')
  const command = split < 0 ? [] : args.slice(split + 1)
  if (command.length === 0) throw new UsageError(`say whom to judge: millrace-conformance run ${side} -- COMMAND`)
  const { values } = parseArgs({
    args: split < 0 ? [...args] : args.slice(0, split),
    options: {
      case: { type: 'string', multiple: true, default: [] },
      rule: { type: 'string', multiple: true, default: [] },
      level: { type: 'string' },
      seed: { type: 'string' },
      jobs: { type: 'string' },
      patience: { type: 'string' },
      name: { type: 'string' },
      'known-failing': { type: 'string' },
      report: { type: 'string' },
      strict: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
  })
  const all = loadCases().filter((one) => one.side === side)
  const chosen = choose(all, values.case, values.rule, values.level)
  return {
    name: values.name ?? basename(command.at(-1)!),
    command,
    cases: chosen,
    whole: chosen.length === all.length,
    seed: number(values.seed, 'seed', 0, 0xffff_ffff) ?? Math.floor(Math.random() * 0x1_0000_0000),
    jobs: number(values.jobs, 'jobs', 1, 256) ?? availableParallelism(),
    patienceMs: number(values.patience, 'patience', 100, 600_000) ?? PATIENCE_MS_DEFAULT,
    strict: values.strict,
    known: values['known-failing'],
    report: values.report,
    quiet: values.quiet,
  }
}

/** The cases that match; a pattern that matches none is a mistake and not a way to pass. */
export function choose(
  all: readonly Case[],
  patterns: readonly string[],
  rules: readonly string[],
  level: string | undefined,
): Case[] {
  if (level !== undefined && level !== 'core' && level !== 'standard')
    throw new UsageError(`--level is ${level}; use core or standard`)
  const unmatched = patterns.find((pattern) => !all.some((one) => matches(one.id, pattern)))
  if (unmatched !== undefined)
    throw new UsageError(`--case ${unmatched} matches no case; see millrace-conformance list`)
  const unknown = rules.find((rule) => !all.some((one) => one.rules.includes(rule)))
  if (unknown !== undefined) throw new UsageError(`--rule ${unknown} has no case; see millrace-conformance list`)
  const inLevel = all.filter((one) => level !== 'core' || one.needs.length === 0)
  // In the order of the patterns: a replay names the cases that shared a process in the order in which they ran.
  const byPattern =
    patterns.length === 0
      ? inLevel
      : [...new Set(patterns.flatMap((pattern) => inLevel.filter((one) => matches(one.id, pattern))))]
  return byPattern.filter((one) => rules.length === 0 || rules.some((rule) => one.rules.includes(rule)))
}

/** `*` stands for anything within one part, `**` for anything. */
function matches(id: string, pattern: string): boolean {
  const form = pattern
    .split('**')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'))
    .join('.*')
  return new RegExp(`^${form}$`).test(id)
}

function number(text: string | undefined, name: string, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new UsageError(`--${name} is ${text}; use a whole number from ${min} to ${max}`)
  }
  return value
}
