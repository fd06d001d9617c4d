/** The level `sandbox`: a worker's command wrapped by bubblewrap. Pure: what is on the host comes as arguments. */
import { dirname } from 'node:path'
import type { Isolation, WrappedCommand } from './level.ts'

/** Where the worker finds its two pipes, whatever their names are on the host. */
const INSIDE_IN = '/run/millrace/in'
const INSIDE_OUT = '/run/millrace/out'

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

export interface SandboxRequest {
  /** Path of the `bwrap` program. */
  readonly bwrap: string
  /** The worker's own command; the program as an absolute path. */
  readonly command: readonly string[]
  /** Absolute directory of the worker, which it may read. */
  readonly cwd: string
  /** The variables that the config gives; undefined leaves one out. Nothing of the engine's comes in but `base`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of the engine's environment: only PATH, LANG and TZ are taken. */
  readonly base: Readonly<Record<string, string | undefined>>
  /** The two pipes on the host. */
  readonly inPath: string
  readonly outPath: string
  readonly token: string
  readonly isolation: Isolation
}

/** The wrapped command. The signal SIGTERM passes the wrapper by and reaches the worker, which is in its group. */
export function sandboxed(request: SandboxRequest): WrappedCommand {
  const { isolation, cwd } = request
  const isNetworked = isolation.network === true
  const readable = isNetworked ? [...SYSTEM, ...NETWORK] : SYSTEM
  const own = [...new Set([cwd, dirname(request.command[0]!), ...(isolation.mounts ?? [])])]
  return {
    // The wrapper ignores SIGTERM, since its end is the worker's SIGKILL; the worker gets the default back.
    command: [
      ...['env', '--ignore-signal=TERM', request.bwrap],
      ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
      ...(isNetworked ? [] : ['--unshare-net']),
      // No `--new-session`: the launcher gives it a session, and a second one would take the worker out of the group.
      ...['--die-with-parent', '--cap-drop', 'ALL', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...readable.flatMap((path) => ['--ro-bind-try', path, path]),
      ...own.flatMap((path) => ['--ro-bind', path, path]),
      ...['--bind', request.inPath, INSIDE_IN, '--bind', request.outPath, INSIDE_OUT],
      ...['--remount-ro', '/', '--chdir', cwd, '--', 'env', '--default-signal=TERM', ...request.command],
    ],
    env: {
      PATH: request.base.PATH,
      LANG: request.base.LANG,
      TZ: request.base.TZ,
      HOME: '/tmp',
      TMPDIR: '/tmp',
      ...request.env,
      MILLRACE_CHANNEL_IN: INSIDE_IN,
      MILLRACE_CHANNEL_OUT: INSIDE_OUT,
      MILLRACE_TOKEN: request.token,
    },
  }
}

/** The number of the signal that ended the worker, from the wrapper's exit code; undefined: it exited by itself. */
export function signalNumber(code: number | null): number | undefined {
  if (code === null || code <= SIGNALLED || code > SIGNALLED + SIGNAL_MAX) return undefined
  return code - SIGNALLED
}
