/** What each subcommand takes, typed. Read from the parser's loose record in one place each. */

import type { LogSettings } from './log.ts'

type Loose = Readonly<Record<string, unknown>>

/** How `list`, `check`, `bench`, `doctor` and `version` write what they found. */
export type OutputForm = 'table' | 'json'

/** Where the gateway is to listen, over what config and environment say. */
export interface ListenArgs {
  readonly listen: string | undefined
  readonly port: string | undefined
  readonly insecure: boolean
}

export interface DevArgs extends ListenArgs {
  readonly target: string | undefined
  readonly config: string | undefined
  readonly verbose: boolean
}

export interface StartArgs extends ListenArgs {
  readonly config: string | undefined
  readonly keepGoing: boolean
  readonly shards: string | undefined
  readonly logLevel: LogSettings['level']
}

export interface InvokeArgs {
  readonly name: string
  readonly data: string | undefined
  readonly json: boolean
  readonly timeout: string | undefined
  readonly url: string | undefined
  readonly verbose: boolean
}

export interface ListArgs {
  readonly url: string | undefined
  readonly output: OutputForm
}

export interface CheckArgs {
  readonly config: string | undefined
  readonly start: boolean
  readonly output: OutputForm
}

export interface BenchArgs {
  readonly cold: boolean
  readonly output: OutputForm
}

export interface DoctorArgs {
  readonly output: OutputForm
}

export interface VersionArgs {
  readonly output: OutputForm
}

const text = (args: Loose, name: string): string | undefined => {
  const value = args[name]
  // An option given twice comes as a list: the last one counts.
  const last = Array.isArray(value) ? value.at(-1) : value
  return last === undefined ? undefined : String(last)
}
const flag = (args: Loose, name: string): boolean => args[name] === true
const form = (args: Loose): OutputForm => (text(args, 'output') === 'json' ? 'json' : 'table')
const listenArgs = (args: Loose): ListenArgs => ({
  listen: text(args, 'listen'),
  port: text(args, 'port'),
  insecure: flag(args, 'insecure'),
})

export const devArgs = (args: Loose): DevArgs => ({
  ...listenArgs(args),
  target: text(args, 'target'),
  config: text(args, 'config'),
  verbose: flag(args, 'verbose'),
})

export const startArgs = (args: Loose): StartArgs => ({
  ...listenArgs(args),
  config: text(args, 'file') ?? text(args, 'config'),
  keepGoing: flag(args, 'keep-going'),
  shards: text(args, 'shards'),
  logLevel: (text(args, 'log-level') ?? 'info') as LogSettings['level'], // One of the parser's choices.
})

export const invokeArgs = (args: Loose): InvokeArgs => ({
  name: text(args, 'name') ?? '',
  data: text(args, 'data'),
  json: flag(args, 'json'),
  timeout: text(args, 'timeout'),
  url: text(args, 'url'),
  verbose: flag(args, 'verbose'),
})

export const listArgs = (args: Loose): ListArgs => ({ url: text(args, 'url'), output: form(args) })

export const checkArgs = (args: Loose): CheckArgs => ({
  config: text(args, 'file') ?? text(args, 'config'),
  start: flag(args, 'start'),
  output: form(args),
})

export const benchArgs = (args: Loose): BenchArgs => ({ cold: flag(args, 'cold'), output: form(args) })

export const doctorArgs = (args: Loose): DoctorArgs => ({ output: form(args) })

export const versionArgs = (args: Loose): VersionArgs => ({ output: form(args) })
