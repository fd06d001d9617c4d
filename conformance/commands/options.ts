/** What the command line of every command that runs cases may say. */
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ISOLATION_LEVELS, type Isolation } from '@millrace/engine/isolated-launch'
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
  /** File that LOAD names: the code of a fixture that can wait for it. Undefined: cases of prewarmed workers do not apply. */
  readonly code: string | undefined
  /** Variables of the worker, added to those that its level leaves it. */
  readonly env: Readonly<Record<string, string>>
  /** Whether the worker gets rings. */
  readonly rings: boolean
  /** How far the worker is shut off from the host; undefined: not at all. */
  readonly isolation: Isolation | undefined
  /** Whether the command makes a zygote with `--zygote` behind it. */
  readonly zygote: boolean
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
      code: { type: 'string' },
      isolation: { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
      mount: { type: 'string', multiple: true, default: [] },
      name: { type: 'string' },
      'known-failing': { type: 'string' },
      report: { type: 'string' },
      strict: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      zygote: { type: 'boolean', default: false },
      rings: { type: 'boolean', default: false },
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
    code: values.code === undefined ? undefined : resolve(values.code),
    env: variables(values.env),
    isolation: isolation(side, values.isolation, values.mount),
    zygote: values.zygote,
    rings: rings(side, values.rings, values.isolation),
  }
}

function rings(side: 'worker' | 'engine', wanted: boolean, level: string | undefined): boolean {
  if (wanted && side === 'engine') throw new UsageError('--rings is for workers: run worker')
  if (wanted && level !== undefined && level !== 'process')
    throw new UsageError(`--rings has no meaning at isolation ${level}: no descriptor is passed on there`)
  return wanted
}

function variables(given: readonly string[]): Record<string, string> {
  const pairs = given.map((text) => {
    const at = text.indexOf('=')
    if (at <= 0) throw new UsageError(`--env is ${text}; write NAME=VALUE`)
    return [text.slice(0, at), text.slice(at + 1)]
  })
  return Object.fromEntries(pairs)
}

function isolation(
  side: 'worker' | 'engine',
  level: string | undefined,
  mounts: readonly string[],
): Isolation | undefined {
  if (level === undefined) {
    if (mounts.length > 0) throw new UsageError('--mount means something only with --isolation sandbox or oci')
    return undefined
  }
  if (side === 'engine') throw new UsageError('--isolation is for workers: run worker')
  const known = ISOLATION_LEVELS.find((one) => one === level)
  if (known === undefined) throw new UsageError(`--isolation is ${level}; use ${ISOLATION_LEVELS.join(', ')}`)
  return { level: known, mounts: mounts.map((path) => resolve(path)) }
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
