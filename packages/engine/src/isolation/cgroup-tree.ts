/** Where this process stands in the host's cgroups, version 1 or 2, read from two texts of `/proc`. Pure. */
import { join, relative } from 'node:path'

/** What a group can do for a worker. */
export type Controller = 'memory' | 'cpu' | 'pids' | 'freezer'

/** The directory under which a controller's groups are made. */
export interface ControllerHome {
  readonly version: 1 | 2
  /** The engine's own group, as a directory. */
  readonly directory: string
}

/** What of the host's cgroups this process can see. */
export interface CgroupTree {
  readonly controllers: ReadonlyMap<Controller, ControllerHome>
  /** The engine's own group in every hierarchy, those of other controllers too: where runc makes groups. */
  readonly directories: readonly string[]
}

const CONTROLLERS: readonly Controller[] = ['memory', 'cpu', 'pids', 'freezer']

/**
 * The home of each controller. `mountinfo`: `/proc/self/mountinfo`; `own`: `/proc/self/cgroup`; `offered`: the text of
 * `cgroup.controllers` in a directory of version 2, empty when there is none. A controller of version 1 is none of 2.
 */
export function cgroupTree(mountinfo: string, own: string, offered: (directory: string) => string): CgroupTree {
  const controllers = new Map<Controller, ControllerHome>()
  const directories: string[] = []
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const [, , , root, point] = before!.split(' ')
    const [type, , options] = after?.split(' ') ?? []
    return type === 'cgroup' || type === 'cgroup2' ? [{ root: root!, point: point!, type, options: options ?? '' }] : []
  })
  for (const line of own.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (names === undefined) continue
    const isUnified = names === ''
    const mount = mounts.find(({ type, options }) =>
      isUnified ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(names.split(',')[0]!),
    )
    if (mount === undefined) continue
    // In a container the mount may show only a part of the tree, from `root` on.
    const below = relative(mount.root, path!)
    const directory = below.startsWith('..') ? mount.point : join(mount.point, below)
    directories.push(directory)
    // Freezing is in the core of version 2, no controller of its own.
    const has = isUnified ? ['freezer', ...offered(directory).split(/\s+/)] : names.split(',')
    for (const controller of CONTROLLERS) {
      const known = controllers.get(controller)
      if (has.includes(controller) && (known === undefined || known.version === 2)) {
        controllers.set(controller, { version: isUnified ? 2 : 1, directory })
      }
    }
  }
  return { controllers, directories }
}
