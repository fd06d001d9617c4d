/** koffi, by which Node calls the C library: an optional dependency. One of the few files that touch the OS. */
import { createRequire } from 'node:module'

/** The package; or why it cannot be had, with the fix. */
export function loadKoffi(): typeof import('koffi') | string {
  try {
    return createRequire(import.meta.url)('koffi') as typeof import('koffi')
  } catch (error) {
    return `koffi cannot be loaded: ${(error as Error).message.split('\n')[0]}: npm install koffi`
  }
}
