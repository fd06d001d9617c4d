/** What `dev`, `start` and `check` work on: a config, or one file with functions, ready for the engine. */
import { statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { type GatewayConfig, QUEUE_DEFAULT, TIMEOUT_US_DEFAULT, WORKERS_DEFAULT } from '../config/config.ts'
import { ConfigError, type Fault } from '../config/faults.ts'
import { refuseExposure, resolveGateway } from '../config/gateway.ts'
import type { Environment } from '../config/interpolate.ts'
import { findConfig, loadConfig, placeLabel } from '../config/load.ts'
import { probePrograms } from '../config/probe.ts'
import { type Program, planFile, planPrewarm, planPrograms } from '../config/programs.ts'
import type { RuntimeHosts } from '../config/runtimes.ts'
import { parseListen, parsePort } from '../config/units.ts'
import type { Affinity, EngineOptions, PayloadFileOptions, PrewarmOptions, RingIdle } from '../options.ts'
import { CommandError, ExitCode } from './exit-code.ts'
import type { ListenArgs } from './options.ts'

export interface Project {
  /** For people: the config or the file, as seen from the working directory. */
  readonly title: string
  /** Absolute path of the config; undefined: there is none. */
  readonly config: string | undefined
  readonly programs: readonly Program[]
  readonly gateway: GatewayConfig
  /** Everything that the engine is to be told but `programs` and where it reports. */
  readonly engine: Omit<EngineOptions, 'programs'>
}

export interface ProjectRequest {
  /** A file with functions, a directory with a config, or a config; undefined: the config of `cwd`. */
  readonly target: string | undefined
  /** The config, named outright. */
  readonly config: string | undefined
  readonly listen: ListenArgs
  readonly environment: Environment
  readonly cwd: string
}

const CONFIG_SUFFIXES = ['.yaml', '.yml', '.json']

/**
 * Finds, reads and checks the project. Throws `ConfigError` with every fault of it, or `CommandError` for what the
 * command line itself has wrong.
 */
export function openProject(request: ProjectRequest, hosts: RuntimeHosts): Project {
  const { target, environment, cwd } = request
  if (target !== undefined && request.config !== undefined) {
    throw new CommandError(`both ${target} and --config ${request.config} are given; name one`, ExitCode.usage)
  }
  const file = resolveTarget(request)
  if (CONFIG_SUFFIXES.includes(extname(file))) {
    const config = loadConfig(file, environment, cwd)
    const programs = planPrograms(config, hosts)
    const prewarm = planPrewarm(config, programs, hosts)
    const { gateway, defaults, rings, affinity, drainUs, payloadFiles } = config
    return finish(request, file, gateway, defaults, programs, file, { prewarm, rings, affinity, drainUs, payloadFiles })
  }
  const faults: Fault[] = []
  const gateway = resolveGateway({ listen: undefined, payloadBytesMax: undefined }, environment, faults)
  if (faults.length > 0) throw new ConfigError(faults)
  const defaults = { timeoutUs: TIMEOUT_US_DEFAULT, queueMax: QUEUE_DEFAULT, queueWaitUs: 0 }
  return finish(request, undefined, gateway, defaults, [planFile(file, WORKERS_DEFAULT, hosts)], file)
}

function resolveTarget({ target, config, cwd }: ProjectRequest): string {
  if (config !== undefined) return requireSuffix(resolve(cwd, config), config)
  const path = resolve(cwd, target ?? '.')
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new CommandError(`${target}: no such file; check the path`)
  if (!stat.isDirectory()) return path
  const found = findConfig(path)
  if (found !== undefined) return found
  const where = target === undefined ? 'here' : `in ${target}`
  throw new CommandError(`there is no millrace.yaml ${where}; write one, or name a file: millrace dev hello.ts`)
}

function requireSuffix(path: string, given: string): string {
  if (CONFIG_SUFFIXES.includes(extname(path))) return path
  throw new CommandError(`${given} is no config; name a .yaml, .yml or .json file`, ExitCode.usage)
}

/** What only a config file can say. */
interface More {
  readonly prewarm: readonly PrewarmOptions[]
  readonly rings: RingIdle | undefined
  readonly affinity: Affinity | undefined
  readonly drainUs: number | undefined
  readonly payloadFiles: PayloadFileOptions | false
}

/** The same of a project without a config file. */
const NO_MORE: More = { prewarm: [], rings: undefined, affinity: undefined, drainUs: undefined, payloadFiles: {} }

function finish(
  request: ProjectRequest,
  config: string | undefined,
  fromConfig: GatewayConfig,
  defaults: { readonly timeoutUs: number; readonly queueMax: number; readonly queueWaitUs: number },
  programs: readonly Program[],
  source: string,
  { prewarm, rings, affinity, drainUs, payloadFiles }: More = NO_MORE,
): Project {
  const faults = probePrograms(programs, request.environment)
  if (faults.length > 0) throw new ConfigError(faults)
  const gateway = overrideListen(fromConfig, request.listen)
  const refusal = refuseExposure(gateway, request.listen.insecure)
  if (refusal !== undefined) throw new CommandError(refusal)
  return {
    title: placeLabel(source, request.cwd),
    config,
    programs,
    gateway,
    engine: {
      http: { host: gateway.host, port: gateway.port },
      timeoutUs: defaults.timeoutUs,
      queueMax: defaults.queueMax,
      queueWaitUs: defaults.queueWaitUs,
      payloadBytesMax: gateway.payloadBytesMax,
      payloadFiles,
      ...(prewarm.length === 0 ? {} : { prewarm }),
      ...(rings === undefined ? {} : { rings }),
      ...(affinity === undefined ? {} : { affinity }),
      ...(drainUs === undefined ? {} : { drainTimeoutUs: drainUs }),
    },
  }
}

function overrideListen(gateway: GatewayConfig, args: ListenArgs): GatewayConfig {
  const listen = args.listen === undefined ? gateway : taken('--listen', parseListen(args.listen))
  const port = args.port === undefined ? listen.port : taken('--port', parsePort(args.port))
  return { ...gateway, host: listen.host, port }
}

function taken<T>(option: string, parsed: { readonly value: T } | { readonly problem: string }): T {
  if ('value' in parsed) return parsed.value
  throw new CommandError(`${option}: ${parsed.problem}`, ExitCode.usage)
}
