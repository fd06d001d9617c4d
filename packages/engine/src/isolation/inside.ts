/** What a worker at `sandbox` or `oci` finds inside: files, pipes and variables. Pure. */
import { dirname } from 'node:path'
import type { WrapRequest } from './level.ts'

/** Where the worker finds its two pipes, whatever their names are on the host. */
export const INSIDE_IN = '/run/millrace/in'
export const INSIDE_OUT = '/run/millrace/out'
/** Where it finds its payload directory, and no other worker's. */
export const INSIDE_PAYLOADS = '/run/millrace/payloads'

/** What programs need to start: the system's own, no user's. Those that the host lacks are left out. */
const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/ssl',
]
/** The rest of what name look-up needs; only with `network`. */
const NETWORK = ['/etc/hosts', '/etc/nsswitch.conf', '/etc/resolv.conf']

/** A wrapper turns a signal `n` that ended the worker into the exit code `128 + n`. */
const SIGNALLED = 128
const SIGNAL_MAX = 64

/** Paths of the host that a worker may read if they exist. */
export function systemPaths(request: WrapRequest): readonly string[] {
  return request.isolation.network === true ? [...SYSTEM, ...NETWORK] : SYSTEM
}

/** Paths of the host that a worker must be able to read: its directory, its program's and the mounts. */
export function ownPaths(request: WrapRequest): readonly string[] {
  const program = dirname(request.command[0]!)
  return [...new Set([request.cwd, program, ...(request.isolation.mounts ?? [])])]
}

/** All of the worker's environment. */
export function insideEnv(request: WrapRequest): Readonly<Record<string, string | undefined>> {
  const env: Record<string, string | undefined> = {
    PATH: request.base.PATH,
    LANG: request.base.LANG,
    TZ: request.base.TZ,
    HOME: '/tmp',
    TMPDIR: '/tmp',
    ...request.env,
    MILLRACE_CHANNEL_IN: INSIDE_IN,
    MILLRACE_CHANNEL_OUT: INSIDE_OUT,
    MILLRACE_TOKEN: request.token,
    ...(request.payloads === undefined ? {} : { MILLRACE_PAYLOAD_DIR: INSIDE_PAYLOADS }),
  }
  for (const name of request.omit ?? []) delete env[name]
  return env
}

/** The number of the signal that ended the worker, from the wrapper's exit code; undefined: it exited by itself. */
export function signalNumber(code: number | null): number | undefined {
  if (code === null || code <= SIGNALLED || code > SIGNALLED + SIGNAL_MAX) return undefined
  return code - SIGNALLED
}
