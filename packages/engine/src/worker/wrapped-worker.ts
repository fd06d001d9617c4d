/** One worker's command as its level of isolation and its limits ask for it. One of the few files that touch the OS. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { hardOpenFiles, levelFault, OCI_HOST, onPath, wrapperOf } from '../isolation/host-facts.ts'
import { signalNumber } from '../isolation/inside.ts'
import { ISOLATION_LEVELS, type Isolation, type Limits, type WrapRequest } from '../isolation/level.ts'
import { ociBundle } from '../isolation/oci-level.ts'
import { hasGroupLimits, ownVariables, rlimitFault, rlimitScript } from '../isolation/own-process.ts'
import { sandboxed } from '../isolation/sandbox-level.ts'
import { filterOfBundle, filterProgram } from '../isolation/system-calls.ts'
import { HostGroups, type WorkerGroup } from '../isolation/worker-group.ts'
import type { LaunchRequest, ProcessExit } from '../world.ts'

/** The pipes of a worker and the directory they lie in. */
export interface WorkerPipes {
  readonly directory: string
  readonly inPath: string
  readonly outPath: string
  /** Absolute path of the worker's payload directory. Default: it has none. */
  readonly payloads?: string | undefined
  /** Descriptor of the segment of its rings, for the level `process` alone. Default: no rings. */
  readonly ringFd?: number | undefined
  /** See `WrapRequest.omit`. */
  readonly omit?: readonly string[]
}

const PLAIN: Isolation = { level: 'process' }
/** The descriptor of the filter of system calls in the wrapper: the first after the standard three. */
const FILTER_FD = 3
/** The descriptor of the segment in a worker that is not wrapped. */
const RING_FD = 3
/** Looks for the number of a container that has just been started, and the pause between two. */
const CONTAINER_LOOKS_MAX = 200
const CONTAINER_LOOK_MS = 10
/** Puts itself into the groups named before `--`; what follows becomes the command after it. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 1; shift; done; shift; '

let hostGroups: HostGroups | undefined
const groups = (): HostGroups => {
  hostGroups ??= new HostGroups()
  return hostGroups
}

/** Why a command cannot be started, in words that name the fix; undefined when nothing speaks against it. */
export function startFault(request: LaunchRequest): string | undefined {
  const { program, isolation = PLAIN } = request
  if (request.command[0] === undefined) return `program ${program} has an empty command`
  const about = `program ${program}: isolation ${isolation.level}`
  if (!ISOLATION_LEVELS.includes(isolation.level)) {
    return `${about} is not known: choose ${ISOLATION_LEVELS.join(', ')}`
  }
  const level = levelFault(isolation.level)
  if (level !== undefined) return `${about} ${level}, or choose another level; millrace doctor shows what works here`
  const limits = isolation.limits && limitsFault(isolation.limits)
  if (limits !== undefined) return `program ${program}: ${limits}`
  const { rootfs } = isolation
  if (rootfs !== undefined && isolation.level !== 'oci') return `${about} has no rootfs: that is for isolation oci`
  const paths =
    isolation.level === 'process' ? [] : [...(isolation.mounts ?? []), ...(rootfs === undefined ? [] : [rootfs])]
  const missing = paths.find((path) => !isAbsolute(path) || !existsSync(path))
  if (missing !== undefined) {
    return `${about}: ${missing === rootfs ? 'rootfs' : 'mount'} ${missing} is not an absolute path that exists`
  }
  if (rootfs !== undefined) return undefined
  if (isolation.level !== 'process' && resolve(request.cwd ?? process.cwd()) === '/') {
    return `${about} shows a worker its directory, and that is / here: give it another cwd`
  }
  return commandFault(request)
}

function limitsFault(limits: Limits): string | undefined {
  const group = hasGroupLimits(limits) ? groups().fault(limits) : undefined
  return group ?? rlimitFault(limits, hardOpenFiles())
}

function commandFault(request: LaunchRequest): string | undefined {
  const command = request.command[0]!
  const cwd = request.cwd ?? process.cwd()
  if (!existsSync(cwd) || !statSync(cwd).isDirectory())
    return `program ${request.program}: its directory ${cwd} does not exist`
  if (found(request) !== undefined) return undefined
  return command.includes('/')
    ? `program ${request.program}: there is no file ${resolve(cwd, command)}`
    : `program ${request.program}: ${command} is not on the PATH: install it, or name it by its path`
}

/** A worker's command, wrapped, and what goes with it until its end. */
export class WrappedWorker {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the wrapper starts. */
  readonly cwd: string | undefined
  /** Descriptors that the command must have from 3 on. */
  readonly descriptors: readonly number[]
  readonly #level: Isolation['level']
  readonly #group: WorkerGroup | undefined
  /** Directory of a container. */
  readonly #container: string | undefined
  readonly #containerId: string | undefined
  #isOver = false

  /** `request` must have no `startFault`. Throws the OS's error and leaves nothing behind. */
  constructor(request: LaunchRequest, pipes: WorkerPipes) {
    const isolation = request.isolation ?? PLAIN
    this.#level = isolation.level
    const isPausable = request.pausable === true && groups().freezes
    const { limits = {} } = isolation
    this.#group =
      hasGroupLimits(limits) || isPausable ? groups().open(`${request.workerId}`, limits, isPausable) : undefined
    // A container's are in its bundle: runc itself needs more.
    const bounds = isolation.level === 'oci' ? '' : rlimitScript(limits)
    const joined =
      this.#group === undefined && bounds === ''
        ? []
        : ['/bin/sh', '-c', `${JOIN}${bounds}exec "$@"`, 'sh', ...(this.#group?.joinFiles ?? []), '--']
    const filter = isolation.level === 'sandbox' ? filterProgram(process.arch) : undefined
    this.descriptors = filter === undefined ? [] : [openFilter(join(pipes.directory, 'system-calls.bpf'), filter)]
    if (isolation.level === 'process') {
      const { inPath, outPath, payloads, ringFd } = pipes
      const channel = {
        MILLRACE_CHANNEL_IN: inPath,
        MILLRACE_CHANNEL_OUT: outPath,
        MILLRACE_TOKEN: request.token,
        MILLRACE_PAYLOAD_DIR: payloads, // Undefined: one that the engine itself was started with is not the worker's.
        MILLRACE_RING: ringFd === undefined ? undefined : `${RING_FD}`,
      }
      this.command = [...joined, ...request.command]
      this.env = { ...ownVariables(process.env), ...request.env, ...channel }
      this.cwd = request.cwd
      return
    }
    const wrap: WrapRequest = {
      wrapper: wrapperOf(isolation.level)!,
      command: isolation.rootfs === undefined ? [found(request)!, ...request.command.slice(1)] : request.command,
      cwd: isolation.rootfs === undefined ? resolve(request.cwd ?? process.cwd()) : (request.cwd ?? '/'),
      env: request.env,
      base: process.env,
      inPath: pipes.inPath,
      outPath: pipes.outPath,
      payloads: pipes.payloads,
      token: request.token,
      isolation,
      omit: pipes.omit,
    }
    if (isolation.level === 'sandbox') {
      const { command, env } = sandboxed(wrap, filter === undefined ? undefined : FILTER_FD)
      this.command = [...joined, ...command]
      this.env = env
      this.cwd = wrap.cwd
      return
    }
    this.#containerId = groups().nameFor(`${request.workerId}-oci`)
    this.#container = join(pipes.directory, `container-${request.workerId}`)
    const bundle = join(this.#container, 'bundle')
    const places = {
      bundle,
      rootfs: join(bundle, 'rootfs'),
      state: join(this.#container, 'state'),
      pidFile: join(this.#container, 'pid'),
      id: this.#containerId,
    }
    mkdirSync(places.rootfs, { recursive: true })
    const { command, env, config } = ociBundle(wrap, places, OCI_HOST, filterOfBundle())
    writeFileSync(join(bundle, 'config.json'), config)
    this.command = [...joined, ...command]
    this.env = env
    this.cwd = '/'
  }

  /** The command has been started, or could not be: its own copies of the descriptors are all that is needed. */
  started(): void {
    for (const fd of this.descriptors) closeSync(fd)
  }

  /** Whether `pause` works by freezing; if not, a signal must do it. */
  get freezes(): boolean {
    return this.#group?.canFreeze === true
  }

  /** Stops every process of the worker where it is, or lets all go on. */
  freeze(isFrozen: boolean): void {
    this.#group?.freeze(isFrozen)
  }

  /**
   * Signals what a signal to the wrapper does not reach: SIGKILL takes runc and leaves its container, and runc hands SIGTERM
   * to the first process alone, or loses it while it sets up. Right after the start a container has no number yet: it is looked for a bounded while.
   * False: nothing is inside that the wrapper's group does not hold.
   */
  signalInside(signal: 'SIGTERM' | 'SIGKILL', looks = CONTAINER_LOOKS_MAX): boolean {
    if (this.#container === undefined || this.#isOver) return false
    const file = join(this.#container, 'pid')
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    if (pid <= 1) {
      if (looks > 0) setTimeout(() => this.signalInside(signal, looks - 1), CONTAINER_LOOK_MS).unref()
      return true
    }
    try {
      // With the first process of its pid namespace all others end. SIGTERM is for its whole group, as at other levels.
      process.kill(signal === 'SIGKILL' ? pid : -pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    return true
  }

  /** How the worker itself ended, from how its wrapper did; and removes what was made for it. */
  ended(code: number | null, signal: string | null): ProcessExit {
    this.signalInside('SIGKILL', 0)
    this.#isOver = true
    const number = this.#level === 'process' ? undefined : signalNumber(code)
    const name = Object.entries(osConstants.signals).find(([, value]) => value === number)?.[0]
    const exit = name === undefined ? { code, signal } : { code: null, signal: name }
    const passed = this.#group?.passedMemoryBytes(exit.signal === 'SIGKILL')
    this.#group?.remove()
    if (this.#container !== undefined) rmSync(this.#container, { recursive: true, force: true })
    if (this.#containerId !== undefined) groups().removeAll(this.#containerId)
    return passed === undefined ? exit : { ...exit, passedMemoryBytes: passed }
  }
}

/** The absolute path of the request's program; undefined: there is none. */
function found(request: LaunchRequest): string | undefined {
  const command = request.command[0]!
  if (!command.includes('/')) return onPath(command, request.env.PATH ?? process.env.PATH ?? '')
  const path = resolve(request.cwd ?? process.cwd(), command)
  return existsSync(path) ? path : undefined
}

/** A descriptor that reads the filter; the file is made once in an engine's directory. */
function openFilter(file: string, filter: Uint8Array): number {
  if (!existsSync(file)) writeFileSync(file, filter, { mode: 0o600 })
  return openSync(file, 'r')
}
