/** Where on this machine the runtimes of entry files are. */
import { fileURLToPath } from 'node:url'
import type { RuntimeHosts } from '../config/runtimes.ts'

/** The Node that runs this command, with the host of the SDK that this package depends on. */
export function runtimeHosts(): RuntimeHosts {
  const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
  // From a checkout the host is TypeScript, and so must be what it imports.
  const conditions = host.endsWith('.ts') ? ['--conditions=millrace-source'] : []
  return { node: [process.execPath, ...conditions, host] }
}
