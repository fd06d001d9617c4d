/** Where on this machine the runtimes of entry files are. */
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RuntimeHosts, WorkerCommand } from '../config/runtimes.ts'

/** The Node that runs this command, with the host of the SDK that this package depends on; the Python on the PATH. */
export function runtimeHosts(): RuntimeHosts {
  const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
  // From a checkout the host is TypeScript, and so must be what it imports.
  const conditions = host.endsWith('.ts') ? ['--conditions=millrace-source'] : []
  return { node: [process.execPath, ...conditions, host], python: pythonHost() }
}

/** From a checkout the Python SDK need not be installed: it lies beside this package. */
function pythonHost(): WorkerCommand {
  const command = ['python3', '-m', 'millrace']
  const source = fileURLToPath(new URL('../../../../sdks/python/src', import.meta.url))
  if (!existsSync(source)) return { command, env: {} }
  const inherited = process.env.PYTHONPATH
  return { command, env: { PYTHONPATH: inherited === undefined ? source : `${source}${delimiter}${inherited}` } }
}
