/** The level `sandbox`: a worker's command wrapped by bubblewrap. Pure: what is on the host comes as arguments. */
import { INSIDE_IN, INSIDE_OUT, INSIDE_PAYLOADS, insideEnv, ownPaths, systemPaths } from './inside.ts'
import type { WrappedCommand, WrapRequest } from './level.ts'

/**
 * The wrapped command. The signal SIGTERM passes the wrapper by and reaches the worker, which is in its group.
 * `filterFd`: descriptor from which the wrapper reads the filter of system calls.
 */
export function sandboxed(request: WrapRequest, filterFd: number | undefined): WrappedCommand {
  const isNetworked = request.isolation.network === true
  return {
    // The wrapper ignores SIGTERM, since its end is the worker's SIGKILL; the worker gets the default back.
    command: [
      ...['env', '--ignore-signal=TERM', request.wrapper],
      ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
      ...(isNetworked ? [] : ['--unshare-net']),
      // No `--new-session`: the launcher gives it a session, and a second one would take the worker out of the group.
      ...['--die-with-parent', '--cap-drop', 'ALL', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...systemPaths(request).flatMap((path) => ['--ro-bind-try', path, path]),
      ...ownPaths(request).flatMap((path) => ['--ro-bind', path, path]),
      ...['--bind', request.inPath, INSIDE_IN, '--bind', request.outPath, INSIDE_OUT],
      ...(request.payloads === undefined ? [] : ['--bind', request.payloads, INSIDE_PAYLOADS]),
      ...(filterFd === undefined ? [] : ['--seccomp', `${filterFd}`]),
      ...['--remount-ro', '/', '--chdir', request.cwd, '--', 'env', '--default-signal=TERM', ...request.command],
    ],
    env: insideEnv(request),
  }
}
