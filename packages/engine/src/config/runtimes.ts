/** Which runtime runs an entry file, by its suffix. A new language is one row here. Pure. */
import { basename, extname } from 'node:path'
import type { Parsed } from './units.ts'

/** What makes a worker of an entry file. */
interface Runtime {
  readonly name: string
  /** Suffixes of its entry files, with the dot. */
  readonly suffixes: readonly string[]
  /** The worker command for an entry; `handler` and `name` give one export a name. */
  command(
    hosts: RuntimeHosts,
    entry: string,
    handler?: { readonly export: string; readonly name: string },
  ): Parsed<string[]>
}

/** Where the runtimes are on this machine. */
export interface RuntimeHosts {
  /** Command that runs an entry file in Node: the interpreter, its options and the SDK's host. */
  readonly node: readonly string[]
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'node',
    suffixes: ['.ts', '.mts', '.js', '.mjs', '.cjs'],
    command: (hosts, entry, handler) => ({
      value: [
        ...hosts.node,
        entry,
        ...(handler === undefined ? [] : ['--handler', handler.export, '--name', handler.name]),
      ],
    }),
  },
  {
    name: 'python',
    suffixes: ['.py'],
    command: (_, entry) => ({
      problem: `${basename(entry)} needs the Python SDK, which comes later; until then use command: ["python3", "${basename(entry)}"]`,
    }),
  },
]

/** The command that makes workers of `entry`, or why there is none. */
export function workerCommand(
  hosts: RuntimeHosts,
  entry: string,
  handler?: { readonly export: string; readonly name: string },
): Parsed<string[]> {
  const suffix = extname(entry)
  const runtime = RUNTIMES.find((row) => row.suffixes.includes(suffix))
  if (runtime !== undefined) return runtime.command(hosts, entry, handler)
  const known = RUNTIMES.flatMap((row) => row.suffixes).join(', ')
  const what = suffix === '' ? 'a file without a suffix' : `a ${suffix} file`
  return { problem: `no runtime takes ${what} as an entry (known: ${known}); start it with a command instead` }
}

/** Suffixes of the files whose change may change what an entry does. */
export function sourceSuffixes(entry: string): readonly string[] {
  const runtime = RUNTIMES.find((row) => row.suffixes.includes(extname(entry)))
  return [...(runtime?.suffixes ?? []), '.json']
}
