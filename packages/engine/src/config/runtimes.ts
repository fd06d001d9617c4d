/** Which runtime runs an entry file, by its suffix. A new language is one row here. Pure. */
import { extname } from 'node:path'
import type { Parsed } from './units.ts'

/** What makes a worker of an entry file. */
interface Runtime {
  readonly name: 'node' | 'python'
  /** Suffixes of its entry files, with the dot. */
  readonly suffixes: readonly string[]
  /** Whether its command takes `--prewarm`. */
  readonly loads: boolean
  /** Whether its command takes `--zygote`. */
  readonly forks: boolean
  /** The worker command for an entry; `handler` and `name` give one export a name. */
  command(
    hosts: RuntimeHosts,
    entry: string,
    handler?: { readonly export: string; readonly name: string },
  ): WorkerCommand
}

/** How a worker is started. */
export interface WorkerCommand {
  readonly command: readonly string[]
  /** Variables that it needs, beside those of the config. */
  readonly env: Readonly<Record<string, string>>
  /** Paths that it reads, for a worker that sees little of the host. */
  readonly mounts: readonly string[]
}

/** Where the runtimes are on this machine. */
export interface RuntimeHosts {
  /** Command that runs an entry file in Node: the interpreter, its options and the SDK's host. */
  readonly node: WorkerCommand
  /** Command that runs an entry file in Python, and the variables by which that finds the SDK. */
  readonly python: WorkerCommand
  /** The same for workers that see little of the host: programs by their real paths. Asks the runtimes, so it takes a while. */
  shut?(): RuntimeHosts
}

/** The runtimes as workers at `sandbox` and `oci` need them. */
export function shut(hosts: RuntimeHosts): RuntimeHosts {
  return hosts.shut?.() ?? hosts
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'node',
    suffixes: ['.ts', '.mts', '.js', '.mjs', '.cjs'],
    loads: true,
    forks: false,
    command: ({ node }, entry, handler) => ({ ...node, command: [...node.command, entry, ...handlerOptions(handler)] }),
  },
  {
    name: 'python',
    suffixes: ['.py'],
    loads: true,
    forks: true,
    command: ({ python }, entry, handler) => ({
      ...python,
      command: [...python.command, entry, ...handlerOptions(handler)],
    }),
  },
]

/** The command that makes workers of `entry`, or why there is none. */
export function workerCommand(
  hosts: RuntimeHosts,
  entry: string,
  handler?: { readonly export: string; readonly name: string },
): Parsed<WorkerCommand> {
  const suffix = extname(entry)
  const runtime = RUNTIMES.find((row) => row.suffixes.includes(suffix))
  if (runtime !== undefined) return { value: runtime.command(hosts, entry, handler) }
  const known = RUNTIMES.flatMap((row) => row.suffixes).join(', ')
  const what = suffix === '' ? 'a file without a suffix' : `a ${suffix} file`
  return { problem: `no runtime takes ${what} as an entry (known: ${known}); start it with a command instead` }
}

/** What makes workers that wait for their code. */
const PREWARM_OPTION = '--prewarm'

/** The runtime whose prewarmed workers can load an entry; undefined: none. */
export function loadingRuntime(entry: string): 'node' | 'python' | undefined {
  return RUNTIMES.find((row) => row.loads && row.suffixes.includes(extname(entry)))?.name
}

/** The command that makes workers of a runtime which wait for their code. */
export function prewarmCommand(hosts: RuntimeHosts, runtime: 'node' | 'python'): WorkerCommand {
  const { command, env, mounts } = hosts[runtime]
  return { command: [...command, PREWARM_OPTION], env, mounts }
}

/** Whether the workers of an entry can be forked from a zygote. */
export function canFork(entry: string): boolean {
  return RUNTIMES.some((row) => row.forks && row.suffixes.includes(extname(entry)))
}

function handlerOptions(handler: { readonly export: string; readonly name: string } | undefined): string[] {
  return handler === undefined ? [] : ['--handler', handler.export, '--name', handler.name]
}

/** Suffixes of the files whose change may change what an entry does. */
export function sourceSuffixes(entry: string): readonly string[] {
  const runtime = RUNTIMES.find((row) => row.suffixes.includes(extname(entry)))
  return [...(runtime?.suffixes ?? []), '.json']
}
