/** The words of the command line. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROUNDS_MAX } from './limits.ts'
import { allowedCores } from './place.ts'

export const USAGE = `usage: bench/main.ts [options]

  --quick                 the main cases, three rounds, under two minutes
  --only REGEX            cases whose name matches, main ones or not
  --rounds N              1 to ${ROUNDS_MAX}; default 3 with --quick, otherwise 7
  --core N                core of the pinned processes; default the last that this process may use
  --out DIR               where results go; default out/bench
  --record                keeps the figures of all cases in bench/results, too
  --compare FILE          results.json of an earlier run; prints what became worse
  --max-regression PCT    with --compare: exit code 1 when a ratio is worse by more than this many percent
  --profile CASE          CPU profiles of one case, pinned, instead of measurements
  --list                  names of the cases
  --help                  this text`

export interface Options {
  readonly quick: boolean
  /** Default: no restriction but that of `quick`. */
  readonly only?: RegExp
  readonly rounds: number
  readonly core: number
  readonly out: string
  /** Whether the figures are kept in the repository. */
  readonly record: boolean
  readonly compare?: string
  readonly maxRegression?: number
  readonly profile?: string
  readonly list: boolean
  readonly help: boolean
}

/** What the user asked for can't be done; the message says how to ask. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function parseOptions(words: readonly string[]): Options {
  const { values } = parse(words)
  const cores = allowedCores()
  const core = values.core === undefined ? cores.at(-1)! : whole('--core', values.core, 0, 65_535)
  if (!cores.includes(core)) throw new UsageError(`--core ${core} is not one of ${cores.join(', ')}`)
  if (values['max-regression'] !== undefined && values.compare === undefined) {
    throw new UsageError('--max-regression needs --compare FILE')
  }
  const quick = values.quick ?? false
  for (const part of ['quick', 'only', 'profile'] as const) {
    if (values.record !== true || values[part] === undefined) continue
    throw new UsageError(`--record keeps a run of all cases, as its ratios are of one run: leave out --${part}`)
  }
  return {
    quick,
    ...(values.only === undefined ? {} : { only: pattern(values.only) }),
    rounds: values.rounds === undefined ? (quick ? 3 : 7) : whole('--rounds', values.rounds, 1, ROUNDS_MAX),
    core,
    record: values.record ?? false,
    out: values.out ?? join(import.meta.dirname, '../out/bench'),
    ...(values.compare === undefined ? {} : { compare: values.compare }),
    ...(values['max-regression'] === undefined ? {} : { maxRegression: percent(values['max-regression']) }),
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    list: values.list ?? false,
    help: values.help ?? false,
  }
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    ...{ quick: flag, only: text, rounds: text, core: text, out: text, compare: text },
    ...{ 'max-regression': text, profile: text, record: flag, list: flag, help: flag },
  } as const
  try {
    return parseArgs({ args: [...words], options })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`${name} ${text} is no whole number from ${least} to ${most}`)
}

function percent(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value
  throw new UsageError(`--max-regression ${text} is no percentage from 0 on`)
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new UsageError(`--only: ${(error as Error).message}`)
  }
}
