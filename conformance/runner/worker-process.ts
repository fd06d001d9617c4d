/** Starts a worker by the launch contract, as an engine does. One of the few files that touch the OS. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type Isolation, startFault, WrappedWorker } from '@millrace/engine/isolated-launch'
import { Inconclusive } from './failure.ts'
import { Fifos } from './fifos.ts'
import type { MadeSegment } from './segment-file.ts'

/** Bytes of standard output or error that are kept, from their beginning. */
const OUTPUT_BYTES_KEPT = 4 * 1024 * 1024

/** The first descriptor after the standard three. */
const FIRST_FD = 3

export interface LaunchOptions {
  readonly command: readonly string[]
  readonly token: string
  /** Further variables of the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Variables of the launch contract to leave out. */
  readonly omit?: readonly string[]
  /** Nobody reads OUT: the engine died before the worker opened it. */
  readonly absent?: boolean
  /** Its payload directory; undefined: it has none. */
  readonly payloads?: string | undefined
  /** The segment of its rings. Default: it gets none. */
  readonly segment?: MadeSegment | undefined
  /** How far it is shut off from the host. Default: not at all, with all of the runner's environment. */
  readonly isolation?: Isolation | undefined
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Numbers the workers that have a level, for the names of what is made for each. */
let lastIsolated = 0

/** A started worker and the runner's ends of its two pipes. */
export class WorkerProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly inPath: string
  readonly outPath: string
  /** -1 when nobody reads OUT. */
  readonly readFd: number
  readonly writeFd: number
  readonly exited: Promise<Exit>
  exit: Exit | undefined
  /** Whether standard output and error have ended, too. */
  outputEnded = false
  readonly #wrapped: WrappedWorker | undefined
  readonly #fifos: Fifos
  readonly #output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  readonly #outputBytes = { stdout: 0, stderr: 0 }

  constructor(options: LaunchOptions) {
    this.#fifos = new Fifos(options.absent)
    this.inPath = this.#fifos.inPath
    this.outPath = this.#fifos.outPath
    this.readFd = this.#fifos.readFd
    this.writeFd = this.#fifos.writeFd
    this.#wrapped = options.isolation === undefined ? undefined : this.#wrap(options, options.isolation)
    const [command, ...args] = this.#wrapped?.command ?? options.command
    const env = { ...(this.#wrapped?.env ?? this.#plainEnv(options)) }
    const given = options.segment === undefined ? (this.#wrapped?.descriptors ?? []) : [options.segment.fd]
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...given]
    this.child = spawn(command!, args, { env, detached: true, stdio })
    this.#wrapped?.started()
    options.segment?.started()
    const { promise, resolve, reject } = Promise.withResolvers<Exit>()
    this.exited = promise
    this.child.once('error', (error) => {
      if (this.child.pid === undefined) reject(new Inconclusive(`${command} could not be started: ${error.message}`))
    })
    this.exited.catch(() => {}) // Told to whoever waits for a message, who may come later.
    this.pid = this.child.pid ?? -1
    this.child.once('exit', (code, signal) => {
      this.exit = (this.#wrapped?.ended(code, signal) as Exit | undefined) ?? { code, signal }
      resolve(this.exit)
    })
    this.child.once('close', () => {
      this.outputEnded = true
      this.onOutput()
    })
    for (const name of ['stdout', 'stderr'] as const) this.#collect(name, this.child[name])
  }

  #plainEnv(options: LaunchOptions): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      MILLRACE_CHANNEL_IN: this.inPath,
      MILLRACE_CHANNEL_OUT: this.outPath,
      MILLRACE_TOKEN: options.token,
      MILLRACE_PAYLOAD_DIR: options.payloads,
      ...(options.segment === undefined ? {} : { MILLRACE_RING: `${FIRST_FD}` }),
      ...options.env,
    }
    for (const name of options.omit ?? []) delete env[name]
    return env
  }

  #wrap({ command, token, env = {}, omit = [], payloads }: LaunchOptions, isolation: Isolation): WrappedWorker {
    lastIsolated += 1
    const request = { program: command[0]!, workerId: lastIsolated, command, cwd: undefined, env, token, isolation }
    const fault = startFault(request)
    if (fault !== undefined) throw new Inconclusive(fault)
    return new WrappedWorker(request, {
      directory: this.#fifos.directory,
      inPath: this.inPath,
      outPath: this.outPath,
      payloads,
      omit,
    })
  }

  #collect(name: 'stdout' | 'stderr', stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => {
      if (this.#outputBytes[name] < OUTPUT_BYTES_KEPT) this.#output[name].push(chunk)
      this.#outputBytes[name] += chunk.length
      this.onOutput()
    })
    stream?.on('error', () => stream.destroy()) // The process is gone; its exit tells.
  }

  /** Called when standard output or error has more. */
  onOutput: () => void = () => {}

  outputBytes(name: 'stdout' | 'stderr'): number {
    return this.#outputBytes[name]
  }

  output(name: 'stdout' | 'stderr'): string {
    return Buffer.concat(this.#output[name]).toString('utf8')
  }

  /** HELLO came: the read-write end goes, and so do the names. */
  attached(): void {
    this.#fifos.attached()
  }

  /** Signals the whole process group. Nothing happens when it is gone. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.pid === -1) return
    if (signal === 'SIGTERM' && this.#wrapped?.signalInside(signal) === true) return
    if (signal === 'SIGKILL') this.#wrapped?.signalInside(signal)
    try {
      process.kill(-this.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /** Ends everything that the launch made. The link closes the other two descriptors. */
  async dispose(): Promise<void> {
    this.signalGroup('SIGKILL')
    await this.exited.catch(() => {})
    this.#fifos.remove()
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.destroy()
  }
}
