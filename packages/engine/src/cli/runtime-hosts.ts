/** Where on this machine the runtimes of entry files are. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RuntimeHosts, WorkerCommand } from '../config/runtimes.ts'

/** The Node that runs this command, with the host of the SDK that this package depends on; the Python on the PATH. */
export function runtimeHosts(): RuntimeHosts {
  const python = pythonHost()
  let shut: RuntimeHosts | undefined
  return {
    node: { ...nodeHost(), env: compileCache(process.env) },
    python,
    shut: () => {
      shut ??= { node: nodeHost(), python: shutPython(python) }
      return shut
    },
  }
}

function nodeHost(): WorkerCommand {
  const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
  const isCheckout = host.endsWith('.ts')
  // From a checkout the host is TypeScript, and so must be what it imports.
  const conditions = isCheckout ? ['--conditions=millrace-source'] : []
  const mount = isCheckout ? fileURLToPath(new URL('../../../../', import.meta.url)) : packagesOf(host)
  return { command: [process.execPath, ...conditions, host], env: {}, mounts: [mount] }
}

/**
 * Where Node keeps what it has compiled, for all later workers of the same code. In the user's own cache folder: whoever can
 * write there can make the workers run anything. One that the environment names is kept; a worker that is shut off has none.
 */
function compileCache(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return {}
  const base = env.XDG_CACHE_HOME ?? (env.HOME === undefined ? undefined : join(env.HOME, '.cache'))
  return base === undefined || base === '' ? {} : { NODE_COMPILE_CACHE: join(base, 'millrace', 'node') }
}

/** The outermost folder of packages that a file lies in: links between packages stay within it. */
function packagesOf(file: string): string {
  const folder = `${sep}node_modules${sep}`
  const at = file.indexOf(folder)
  return at === -1 ? dirname(file) : file.slice(0, at + folder.length - 1)
}

/** From a checkout the Python SDK need not be installed: it lies beside this package. */
function pythonHost(): WorkerCommand {
  const command = ['python3', '-m', 'millrace']
  const source = fileURLToPath(new URL('../../../../sdks/python/src', import.meta.url))
  if (!existsSync(source)) return { command, env: {}, mounts: [] }
  const inherited = process.env.PYTHONPATH
  const path = inherited === undefined ? source : `${source}${delimiter}${inherited}`
  return { command, env: { PYTHONPATH: path }, mounts: [source] }
}

/** What Python says of itself; the program on the PATH may be a script that finds another one. */
const ASK_PYTHON = `
import os, sys
print(sys.executable, sys.prefix, sys.base_prefix, sep="\\n")
try:
    import millrace
    print(os.path.dirname(os.path.dirname(millrace.__file__)))
except ImportError:
    pass`

function shutPython({ command, env, mounts }: WorkerCommand): WorkerCommand {
  let answer: string
  try {
    answer = execFileSync(command[0]!, ['-c', ASK_PYTHON], { encoding: 'utf8', env: { ...process.env, ...env } })
  } catch {
    return { command, env, mounts } // No Python here: whoever starts a worker says so, with the fix.
  }
  const [executable, ...folders] = answer.trim().split('\n')
  const own = folders.filter((folder) => !folder.startsWith('/usr/') && folder !== '/usr')
  return { command: [executable!, ...command.slice(1)], env, mounts: [...new Set([...mounts, ...own])] }
}
