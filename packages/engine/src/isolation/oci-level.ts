/** The level `oci`: a worker's command as a bundle that runc runs. Pure: what is on the host comes as arguments. */
import { INSIDE_IN, INSIDE_OUT, INSIDE_PAYLOADS, insideEnv, ownPaths, systemPaths } from './inside.ts'
import type { WrappedCommand, WrapRequest } from './level.ts'
import { rlimitsOfBundle } from './own-process.ts'

/** What has to be on the host before the command runs. */
export interface OciBundle extends WrappedCommand {
  /** The text of the bundle's `config.json`. */
  readonly config: string
}

/** Paths that belong to one container; all below a directory of its own. */
export interface OciPlaces {
  /** Where the bundle lies. */
  readonly bundle: string
  /** Directory in it that is the root file system when the request names none; empty before. */
  readonly rootfs: string
  /** Where runc keeps its state. */
  readonly state: string
  /** Where runc writes the number of the container's first process. */
  readonly pidFile: string
  /** Name of the container: letters, digits, dash. */
  readonly id: string
}

/** Who runs it, and which of the host's paths are there. */
export interface OciHost {
  readonly uid: number
  readonly gid: number
  exists(path: string): boolean
}

const NAMESPACES = ['pid', 'ipc', 'uts', 'mount', 'user', 'cgroup']
const NO_CAPABILITIES = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] }
/** Of the kernel's files these tell or change what is the host's. */
const MASKED = ['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'timer_list', 'sched_debug', 'scsi']
const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger']

/**
 * The first process of the container: the kernel drops every signal that the first process of a namespace sends itself or
 * has no handler for, so it must not be the worker. It ends as the worker does. Signals come past it, to the whole group: a
 * shell that hands them on can lose how its child ended when both come at once.
 */
const INIT = '"$@"; exit $?'

/** The bundle. `filter`: the filter of system calls, in the form of the runtime specification. */
export function ociBundle(request: WrapRequest, places: OciPlaces, host: OciHost, filter: object): OciBundle {
  const { isolation } = request
  const system = isolation.rootfs === undefined ? systemPaths(request).filter((path) => host.exists(path)) : []
  const own = isolation.rootfs === undefined ? ownPaths(request) : (isolation.mounts ?? [])
  const env = Object.entries(insideEnv(request)).filter(([, value]) => value !== undefined)
  const namespaces = isolation.network === true ? NAMESPACES : [...NAMESPACES, 'network']
  const config = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      // A root file system of the user's need not have a shell: its command is the first process.
      args: isolation.rootfs === undefined ? ['/bin/sh', '-c', INIT, 'sh', ...request.command] : request.command,
      env: env.map(([name, value]) => `${name}=${value}`),
      cwd: request.cwd,
      capabilities: NO_CAPABILITIES,
      noNewPrivileges: true,
      rlimits: rlimitsOfBundle(isolation.limits ?? {}),
    },
    root: { path: isolation.rootfs ?? places.rootfs, readonly: true },
    hostname: 'worker',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755'] },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
      { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=755'] },
      ...[...system, ...own].map((path) => bind(path, path, 'ro')),
      bind(request.inPath, INSIDE_IN, 'rw'),
      bind(request.outPath, INSIDE_OUT, 'rw'),
      ...(request.payloads === undefined ? [] : [bind(request.payloads, INSIDE_PAYLOADS, 'rw')]),
    ],
    linux: {
      // Nobody inside is anybody else outside: root there is the engine's own user, without a capability.
      uidMappings: [{ containerID: 0, hostID: host.uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: host.gid, size: 1 }],
      namespaces: namespaces.map((type) => ({ type })),
      // Relative, so that it lies below the group that the launcher puts runc into, whose limits then hold.
      cgroupsPath: places.id,
      maskedPaths: MASKED.map((name) => `/proc/${name}`).concat('/sys/firmware'),
      readonlyPaths: READ_ONLY.map((name) => `/proc/${name}`),
      seccomp: filter,
    },
  }
  const run = ['run', '--pid-file', places.pidFile, '--bundle', places.bundle, places.id]
  return {
    config: JSON.stringify(config),
    command: [request.wrapper, '--root', places.state, ...run],
    env: { PATH: request.base.PATH },
  }
}

function bind(source: string, destination: string, access: 'ro' | 'rw'): object {
  return { destination, type: 'bind', source, options: ['rbind', access, 'nosuid', 'nodev'] }
}
