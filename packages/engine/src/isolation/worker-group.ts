/** The cgroup of one worker: what it may use together, and all of it frozen at once. One of the few files that touch the OS. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CgroupTree, type Controller, cgroupTree } from './cgroup-tree.ts'
import type { Limits } from './level.ts'

/** Period of the processor limit in microseconds: the kernel's default. */
const CPU_PERIOD_US = 100_000
/** What the kernel charges at once: 64 pages. */
const CHARGE_BYTES = 262_144
/** Tries to remove a group whose last process the kernel has not buried yet, and the pause between them. */
const REMOVALS_MAX = 100
const REMOVAL_PAUSE_MS = 20
/** A group's name: the engine's process, when that started, and the worker. */
const NAME = /^millrace-(\d+)-(\d+)-/

/** The host's cgroups, as this process can use them. */
export class HostGroups {
  readonly #tree: CgroupTree
  readonly #prefix: string

  constructor() {
    this.#tree = readTree()
    this.#prefix = `millrace-${process.pid}-${startTime(process.pid)}`
    this.#sweep()
  }

  /** A name for what belongs to one worker, which tells whose it was when the engine is gone. */
  nameFor(worker: string): string {
    return `${this.#prefix}-${worker}`
  }

  /** Removes the groups of that name which runc made and, when it was killed, left. */
  removeAll(name: string): void {
    removeSoon(
      this.#tree.directories.map((directory) => join(directory, name)),
      REMOVALS_MAX,
    )
  }

  /** Why `limits` cannot be held here, in words that name the fix; undefined: they can. */
  fault(limits: Limits): string | undefined {
    for (const controller of needed(limits)) {
      const home = this.#tree.controllers.get(controller)
      if (home === undefined) return `limits need the ${controller} cgroup, and this host has none`
      const fault = home.version === 2 ? delegate(home.directory, controller) : writeFault(home.directory)
      if (fault !== undefined) {
        const fix = 'start the engine as root, or by systemd-run --user --scope -p Delegate=yes'
        return `limits need the ${controller} cgroup, and ${home.directory} ${fault}: ${fix}`
      }
    }
    return undefined
  }

  /** Whether a group can be frozen here. */
  get freezes(): boolean {
    const home = this.#tree.controllers.get('freezer')
    return home !== undefined && writeFault(home.directory) === undefined
  }

  /**
   * A new group. `limits` must have no `fault`. `isFreezable`: whether it must be one that can be frozen, which needs
   * `freezes`. Throws the OS's error and leaves nothing behind.
   */
  open(worker: string, limits: Limits, isFreezable: boolean): WorkerGroup {
    const homes = new Map<Controller, string>()
    for (const controller of isFreezable ? [...needed(limits), 'freezer' as const] : needed(limits)) {
      homes.set(controller, join(this.#tree.controllers.get(controller)!.directory, this.nameFor(worker)))
    }
    return new WorkerGroup(homes, limits, this.#tree)
  }

  /** Removes the empty groups of engines that are gone. */
  #sweep(): void {
    for (const directory of this.#tree.directories) {
      for (const name of existsSync(directory) ? readdirSync(directory) : []) {
        const [, pid, started] = NAME.exec(name) ?? []
        // A number alone may be another process's by now: when it started tells.
        if (pid !== undefined && startTime(Number(pid)) !== started) removed(join(directory, name))
      }
    }
  }
}

/** A group of a worker's processes. */
export class WorkerGroup {
  /** Files into which a process writes `0` to be in the group, with all that it starts. */
  readonly joinFiles: readonly string[]
  readonly #directories: readonly string[]
  readonly #memory: { readonly bytes: number; readonly events: string; readonly peak: string | undefined } | undefined
  /** File that freezes, and the words for it and for its opposite. */
  readonly #freezer: { readonly file: string; readonly on: string; readonly off: string } | undefined
  #isFrozen = false

  constructor(homes: ReadonlyMap<Controller, string>, limits: Limits, tree: CgroupTree) {
    this.#directories = [...new Set(homes.values())]
    this.joinFiles = this.#directories.map((directory) => join(directory, 'cgroup.procs'))
    const isV1 = (controller: Controller): boolean => tree.controllers.get(controller)!.version === 1
    const freezer = homes.get('freezer')
    if (freezer !== undefined) {
      this.#freezer = isV1('freezer')
        ? { file: join(freezer, 'freezer.state'), on: 'FROZEN', off: 'THAWED' }
        : { file: join(freezer, 'cgroup.freeze'), on: '1', off: '0' }
    }
    try {
      for (const directory of this.#directories) mkdirSync(directory)
      const { memoryBytes, cpus, pids } = limits
      if (memoryBytes !== undefined) {
        const directory = homes.get('memory')!
        this.#memory = isV1('memory')
          ? {
              bytes: memoryBytes,
              events: join(directory, 'memory.oom_control'),
              peak: join(directory, 'memory.max_usage_in_bytes'),
            }
          : { bytes: memoryBytes, events: join(directory, 'memory.events'), peak: undefined }
        if (isV1('memory')) {
          writeFileSync(join(directory, 'memory.limit_in_bytes'), `${memoryBytes}`)
          writeIfThere(join(directory, 'memory.memsw.limit_in_bytes'), `${memoryBytes}`)
        } else {
          writeFileSync(join(directory, 'memory.max'), `${memoryBytes}`)
          writeIfThere(join(directory, 'memory.swap.max'), '0')
          // One process over the limit is the worker's end, whichever of its processes it was.
          writeIfThere(join(directory, 'memory.oom.group'), '1')
        }
      }
      if (cpus !== undefined) {
        const quota = Math.max(1_000, Math.round(cpus * CPU_PERIOD_US))
        const directory = homes.get('cpu')!
        if (isV1('cpu')) {
          writeFileSync(join(directory, 'cpu.cfs_period_us'), `${CPU_PERIOD_US}`)
          writeFileSync(join(directory, 'cpu.cfs_quota_us'), `${quota}`)
        } else writeFileSync(join(directory, 'cpu.max'), `${quota} ${CPU_PERIOD_US}`)
      }
      if (pids !== undefined) writeFileSync(join(homes.get('pids')!, 'pids.max'), `${pids}`)
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /** The memory limit that a process of the group was killed for, in bytes; undefined: none was. `wasKilled`: by SIGKILL. */
  passedMemoryBytes(wasKilled: boolean): number | undefined {
    if (this.#memory === undefined) return undefined
    const { bytes, events, peak } = this.#memory
    const kills = /^oom_kill (\d+)$/m.exec(readIfThere(events))?.[1] ?? '0'
    if (kills !== '0') return bytes
    // Version 1 counts a kill in the group below, which is runc's and gone by now; the most that was used stays.
    const isMet = peak !== undefined && Number(readIfThere(peak)) > bytes - CHARGE_BYTES
    return wasKilled && isMet ? bytes : undefined
  }

  get canFreeze(): boolean {
    return this.#freezer !== undefined
  }

  /** Stops every process of the group where it is, or lets all go on. Needs a group that can be frozen. */
  freeze(isFrozen: boolean): void {
    if (this.#freezer === undefined || this.#isFrozen === isFrozen) return
    this.#isFrozen = isFrozen
    writeFileSync(this.#freezer.file, isFrozen ? this.#freezer.on : this.#freezer.off)
  }

  /** Kills what is left in the group and removes it, at once or as soon as the kernel lets it go. */
  remove(): void {
    this.freeze(false) // What is frozen does not die in version 1.
    removeSoon(this.#directories, REMOVALS_MAX)
  }
}

/** Removes groups, killing what is in them; those that the kernel holds on to a little later, `tries` times. */
function removeSoon(directories: readonly string[], tries: number): void {
  for (const directory of directories) killAll(directory)
  const left = directories.filter((directory) => !removed(directory))
  if (left.length === 0 || tries === 0) return // What is left after all tries is empty soon, and swept by a later engine.
  setTimeout(() => removeSoon(left, tries - 1), REMOVAL_PAUSE_MS).unref()
}

function needed(limits: Limits): Controller[] {
  const controllers: Controller[] = []
  if (limits.memoryBytes !== undefined) controllers.push('memory')
  if (limits.cpus !== undefined) controllers.push('cpu')
  if (limits.pids !== undefined) controllers.push('pids')
  return controllers
}

function readTree(): CgroupTree {
  const own = readIfThere('/proc/self/cgroup')
  const mountinfo = readIfThere('/proc/self/mountinfo')
  return cgroupTree(mountinfo, own, (directory) => readIfThere(join(directory, 'cgroup.controllers')))
}

/** Makes a group of version 2 hand a controller to its children. A group that does so may hold no process itself. */
function delegate(directory: string, controller: Controller): string | undefined {
  const file = join(directory, 'cgroup.subtree_control')
  if (readIfThere(file).split(/\s+/).includes(controller)) return writeFault(directory)
  try {
    const leaf = join(directory, 'millrace-engine')
    mkdirSync(leaf, { recursive: true })
    writeFileSync(join(leaf, 'cgroup.procs'), `${process.pid}`)
    writeFileSync(file, `+${controller}`)
    return undefined
  } catch (error) {
    return `does not hand it to groups below (${(error as NodeJS.ErrnoException).code})`
  }
}

/** Whether a group can be made, by making one. */
function writeFault(directory: string): string | undefined {
  const probe = join(directory, `millrace-${process.pid}-${startTime(process.pid)}-probe`)
  try {
    mkdirSync(probe, { recursive: true })
    rmdirSync(probe)
    return undefined
  } catch (error) {
    return `cannot be written (${(error as NodeJS.ErrnoException).code})`
  }
}

/** When a process started, in the kernel's ticks; undefined: there is none of that number. */
function startTime(pid: number): string | undefined {
  const text = readIfThere(`/proc/${pid}/stat`)
  // The name before may hold anything, a closing parenthesis too.
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function killAll(directory: string): void {
  for (const line of readIfThere(join(directory, 'cgroup.procs')).split('\n')) {
    if (line === '' || line === '0') continue // 0: of another pid namespace, whose own end takes it.
    try {
      process.kill(Number(line), 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Whether a group is gone, with the groups that runc made below. */
function removed(directory: string): boolean {
  try {
    if (!existsSync(directory)) return true
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue
      killAll(join(directory, entry.name))
      removed(join(directory, entry.name))
    }
    rmdirSync(directory)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return true
    if (code === 'EBUSY' || code === 'EACCES' || code === 'EPERM') return false
    throw error
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // No such file, or of a kind that cannot be read here: the same as nothing in it.
  }
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text)
}
