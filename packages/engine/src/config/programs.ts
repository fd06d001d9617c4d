/** Groups functions into worker programs: those with one entry or one command share their workers. Pure. */
import { basename, dirname, extname } from 'node:path'
import type { Isolation, IsolationLevel } from '../isolation/level.ts'
import type { FunctionOptions, PrewarmOptions, ProgramOptions, WorkerRange } from '../options.ts'
import type { Config, FunctionConfig } from './config.ts'
import { ConfigError, type Fault } from './faults.ts'
import {
  loadingRuntime,
  prewarmCommand,
  type RuntimeHosts,
  shut,
  type WorkerCommand,
  workerCommand,
} from './runtimes.ts'

/** A worker program, and what of the project it comes from. */
export interface Program {
  readonly options: ProgramOptions
  /** The entry file; undefined: it is a command. */
  readonly entry: string | undefined
  /** For people: the entry's path or the command. */
  readonly source: string
  /** The function whose lines in the config name it. */
  readonly first: FunctionConfig | undefined
}

/** Settings that belong to workers, so that functions which share these must agree on them. */
const SHARED = [
  'workers',
  'concurrency',
  'exclusive',
  'env',
  'cwd',
  'isolation',
  'network',
  'mounts',
  'rootfs',
  'limits',
  'fork',
] as const

/** Settings that mean nothing at the level `process`. */
const SHUT_ONLY = ['network', 'mounts', 'rootfs'] as const

/** Each setting on which two functions of one program disagree, with the line of both. */
export function findConflicts(functions: readonly FunctionConfig[]): Fault[] {
  const faults: Fault[] = []
  for (const group of groups(functions)) {
    for (const key of SHARED) {
      const first = group.find((one) => one[key] !== undefined)
      for (const other of group) {
        if (first === undefined || other[key] === undefined || same(first[key], other[key])) continue
        const place = other.places[key] ?? other.place
        const line = (first.places[key] ?? first.place)?.line
        const shares = other.entry === undefined ? 'one command' : `the entry ${basename(other.entry)}`
        const message =
          `functions.${other.name}.${key} is not that of functions.${first.name} (line ${line}), but both share ` +
          `the workers of ${shares}; make them equal, or give one a program of its own`
        faults.push({ place, message })
      }
    }
  }
  return faults
}

/** The programs of a config. Throws `ConfigError` for entries that no runtime takes. */
export function planPrograms(config: Config, hosts: RuntimeHosts): Program[] {
  const faults: Fault[] = []
  const names = new Set<string>()
  const programs: Program[] = []
  for (const group of groups(config.functions)) {
    const first = group[0]!
    const pick = <K extends (typeof SHARED)[number]>(key: K): FunctionConfig[K] | undefined =>
      group.find((one) => one[key] !== undefined)?.[key]
    const level = pick('isolation') ?? config.defaults.isolation
    for (const one of level === 'process' ? group : []) faults.push(...openFaults(one))
    const { command, env: runtimeEnv, mounts } = commandOf(first, level === 'process' ? hosts : shut(hosts), faults)
    const isolation = isolationOf(
      level,
      { ...first, ...Object.fromEntries(SHARED.map((key) => [key, pick(key)])) },
      mounts,
      config,
    )
    if (isolation !== undefined) faults.push(...group.filter(({ fork }) => fork === true).map(shutFault))
    const concurrency = pick('concurrency')
    const env = { ...runtimeEnv, ...config.env, ...pick('env') }
    programs.push({
      options: {
        name: uniqueName(group.length === 1 ? first.name : stem(first), names),
        command,
        cwd: pick('cwd') ?? config.directory,
        env,
        functions: group.map((one) => functionOptions(one)),
        workers: pick('workers') ?? config.defaults.workers,
        ...(concurrency === undefined ? {} : concurrency === 'auto' ? { managed: true } : { concurrency }),
        ...(pick('exclusive') === true ? { exclusive: true } : {}),
        ...(isolation === undefined ? {} : { isolation }),
        ...(pick('fork') === true ? { fork: true } : {}),
        ...codeOf(first, config, pick('fork') === true),
      },
      entry: first.entry,
      source: first.entry ?? command.join(' '),
      first,
    })
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return programs
}

/** What prewarmed workers of its runtime load, when the config wants such. */
function codeOf(one: FunctionConfig, { prewarm }: Config, isForked: boolean): Pick<ProgramOptions, 'code'> {
  const runtime = one.entry === undefined || isForked ? undefined : loadingRuntime(one.entry)
  if (runtime === undefined || (prewarm[runtime] ?? 0) === 0) return {}
  const named = one.handler === undefined ? {} : { handler: one.handler, function: one.name }
  return { code: { runtime, entry: one.entry!, ...named } }
}

/** The prewarmed workers that a config asks for: for each runtime, as many for each isolation that its programs have. */
export function planPrewarm(config: Config, programs: readonly Program[], hosts: RuntimeHosts): PrewarmOptions[] {
  const pools = new Map<string, PrewarmOptions>()
  for (const { options } of programs) {
    const { code, isolation } = options
    if (code === undefined) continue
    const isShut = isolation !== undefined && isolation.level !== 'process'
    const { command, env } = prewarmCommand(isShut ? shut(hosts) : hosts, code.runtime as 'node' | 'python')
    const pool = {
      runtime: code.runtime,
      command,
      cwd: config.directory,
      env,
      workers: config.prewarm[code.runtime]!,
      ...(isolation === undefined ? {} : { isolation }),
    }
    pools.set(JSON.stringify([code.runtime, isolation]), pool)
  }
  return [...pools.values()]
}

/** A level that shuts off is asked for by what means something only there: each such key without one is a fault. */
function openFaults(one: FunctionConfig): Fault[] {
  return SHUT_ONLY.filter((key) => one[key] !== undefined).map((key) => ({
    place: one.places[key] ?? one.place,
    message: `functions.${one.name}.${key} means nothing at isolation process; add isolation: sandbox or oci`,
  }))
}

/** Workers that share a zygote share what it was started in. */
function shutFault(one: FunctionConfig): Fault {
  const message = `functions.${one.name}.fork needs isolation process and no limits; leave out fork, or those`
  return { place: one.places.fork ?? one.place, message }
}

function isolationOf(
  level: IsolationLevel,
  shared: FunctionConfig,
  runtimeMounts: readonly string[],
  { directory, defaults }: Config,
): Isolation | undefined {
  const limits = shared.limits ?? defaults.limits
  const held = limits === undefined ? {} : { limits }
  if (level === 'process') return limits === undefined ? undefined : { level, ...held }
  const { network, rootfs } = shared
  // The project is what its functions may read, wherever below it they work.
  const project = rootfs === undefined ? [directory, ...runtimeMounts] : []
  return {
    level,
    ...held,
    ...(network === undefined ? {} : { network }),
    ...(rootfs === undefined ? {} : { rootfs }),
    mounts: [...new Set([...project, ...(shared.mounts ?? [])])],
  }
}

/** The program of one file without a config: it serves every function that the file defines. */
export function planFile(entry: string, workers: number | WorkerRange, hosts: RuntimeHosts): Program {
  const command = workerCommand(hosts, entry)
  if ('problem' in command) throw new ConfigError([{ place: undefined, message: `${entry}: ${command.problem}` }])
  const name = programName(basename(entry, extname(entry)))
  return {
    options: { name, command: command.value.command, env: command.value.env, cwd: dirname(entry), workers },
    entry,
    source: entry,
    first: undefined,
  }
}

function groups(functions: readonly FunctionConfig[]): FunctionConfig[][] {
  const byKey = new Map<string, FunctionConfig[]>()
  for (const one of functions) {
    // A handler makes a worker of its own: the host gives that one export its name.
    const own = one.handler === undefined ? undefined : one.name
    const key = JSON.stringify(one.entry === undefined ? [one.command ?? one.name] : [one.entry, own])
    const group = byKey.get(key)
    if (group === undefined) byKey.set(key, [one])
    else group.push(one)
  }
  return [...byKey.values()]
}

function commandOf(one: FunctionConfig, hosts: RuntimeHosts, faults: Fault[]): WorkerCommand {
  if (one.entry === undefined) return { command: one.command ?? [], env: {}, mounts: [] }
  const handler = one.handler === undefined ? undefined : { export: one.handler, name: one.name }
  const command = workerCommand(hosts, one.entry, handler)
  if ('value' in command) return command.value
  faults.push({ place: one.places.entry ?? one.place, message: `functions.${one.name}.entry: ${command.problem}` })
  return { command: [], env: {}, mounts: [] }
}

function functionOptions(one: FunctionConfig): FunctionOptions {
  return {
    name: one.name,
    ...(one.timeoutUs === undefined ? {} : { timeoutUs: one.timeoutUs }),
    ...(one.queueMax === undefined ? {} : { queueMax: one.queueMax }),
    ...(one.queueWaitUs === undefined ? {} : { queueWaitUs: one.queueWaitUs }),
  }
}

function stem(one: FunctionConfig): string {
  const file = one.entry ?? one.command?.findLast((part) => !part.startsWith('-')) ?? one.name
  return programName(basename(file, extname(file)))
}

function programName(text: string): string {
  const cleaned = text.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return cleaned === '' ? 'program' : cleaned
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`
  taken.add(name)
  return name
}

/** Equal values of a setting; of `env`, whatever the order of its variables. */
function same(a: unknown, b: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(typeof value === 'object' && value !== null ? Object.entries(value).sort() : value)
  return text(a) === text(b)
}
