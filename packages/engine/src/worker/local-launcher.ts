/** Starts, signals and reaps local processes, by the launch contract. One of the few files that touch the OS. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, rmSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants as osConstants } from 'node:os'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { OUTPUT_LINE_BYTES_MAX } from '../base/limits.ts'
import { FdPipeReader } from '../channel/pipe-reader.ts'
import { FdPipeWriter } from '../channel/pipe-writer.ts'
import type { WrappedCommand } from '../isolation/level.ts'
import { sandboxed, signalNumber } from '../isolation/sandbox-level.ts'
import type {
  LaunchedWorker,
  Launcher,
  LaunchRequest,
  PipeReader,
  PipeWriter,
  ProcessExit,
  ProcessListener,
} from '../world.ts'
import type { RuntimeDirectory } from './runtime-directory.ts'

/** A launcher whose FIFOs lie in `directory`. */
export class LocalLauncher implements Launcher {
  readonly #directory: RuntimeDirectory

  constructor(directory: RuntimeDirectory) {
    this.#directory = directory
  }

  launch(request: LaunchRequest, listener: ProcessListener): LaunchedWorker {
    const stem = join(this.#directory.path, `worker-${request.workerId}`)
    let ends: Ends
    try {
      ends = openEnds(`${stem}.in`, `${stem}.out`)
    } catch (error) {
      const why = `program ${request.program}: its pipes could not be made: ${(error as Error).message}`
      queueMicrotask(() => listener.onExit({ code: null, signal: null }, why))
      return neverStarted()
    }
    return new LocalWorker(request, listener, ends)
  }

  close(): void {
    this.#directory.close()
  }
}

interface Ends {
  readonly inPath: string
  readonly outPath: string
  readonly outFd: number
  /** Read-write end of IN, held until HELLO. */
  readonly holdFd: number
  readonly writeFd: number
}

/** Makes the two FIFOs and opens the engine's ends. Throws the OS's error and leaves nothing behind. */
function openEnds(inPath: string, outPath: string): Ends {
  const open: number[] = []
  const opened = (path: string, flags: number): number => {
    const fd = openSync(path, flags | constants.O_NONBLOCK)
    open.push(fd)
    return fd
  }
  makeFifos(inPath, outPath)
  try {
    // OUT first, so that the worker's open for writing finds a reader. IN read-write, so that its open for reading
    // finds a writer and no end of file before `attached`.
    const outFd = opened(outPath, constants.O_RDONLY)
    const holdFd = opened(inPath, constants.O_RDWR)
    const writeFd = opened(inPath, constants.O_WRONLY)
    return { inPath, outPath, outFd, holdFd, writeFd }
  } catch (error) {
    for (const fd of open) closeSync(fd)
    rmSync(inPath, { force: true })
    rmSync(outPath, { force: true })
    throw error
  }
}

/** What stands for a worker that got no pipes. */
function neverStarted(): LaunchedWorker {
  const nothing = (): void => {}
  return {
    pid: undefined,
    input: { write: (_, from, to) => to - from, onWritable: nothing, close: nothing },
    output: { start: nothing, finish: nothing, close: nothing },
    attached: nothing,
    signal: nothing,
  }
}

class LocalWorker implements LaunchedWorker {
  readonly input: PipeWriter
  readonly output: PipeReader
  readonly #ends: Ends
  readonly #child: ChildProcess | undefined
  #attached = false
  #exited = false

  constructor(request: LaunchRequest, listener: ProcessListener, ends: Ends) {
    this.#ends = ends
    this.input = new FdPipeWriter(ends.writeFd)
    this.output = new FdPipeReader(ends.outFd)
    const over = (code: number | null, signal: string | null, startError: string | undefined): void => {
      if (this.#exited) return
      this.#exited = true
      this.attached() // Whatever happens, nothing of it stays in the directory.
      listener.onExit({ code, signal }, startError)
    }
    const fault = startFault(request)
    if (fault !== undefined) {
      queueMicrotask(() => over(null, null, fault))
      return
    }
    const { command: wrapped, env } = wrap(request, ends)
    const [command, ...args] = wrapped
    // A session, and so a process group, of its own: a signal for the worker reaches what it started, too.
    const failed = (error: Error): void => over(null, null, `${command} could not be started: ${error.message}`)
    let child: ChildProcess
    try {
      child = spawn(command!, args, { cwd: request.cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      queueMicrotask(() => failed(error as Error)) // An environment too large, or a NUL byte in an argument.
      return
    }
    this.#child = child
    for (const stream of ['stdout', 'stderr'] as const) {
      // Missing when the process has no descriptors left to make the pipe with: 'error' tells.
      if (child[stream] !== null) lines(child[stream], (line) => listener.onOutput(stream, line))
    }
    child.once('error', (error) => {
      if (child.pid === undefined) failed(error)
    })
    // 'exit', not 'close': a grandchild may hold the standard output for ever.
    child.once('exit', (code, signal) => {
      // What it started goes with it. The group's number cannot be anybody else's while a member lives.
      killGroup(child.pid!, 'SIGKILL')
      // One that left the group may hold the two open: the engine reads them on, and does not live for them.
      for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
      const { code: endCode, signal: endSignal } = unwrapped(request, code, signal)
      over(endCode, endSignal, undefined)
    })
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  attached(): void {
    if (this.#attached) return
    this.#attached = true
    closeSync(this.#ends.holdFd)
    rmSync(this.#ends.inPath, { force: true })
    rmSync(this.#ends.outPath, { force: true })
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.pid
    if (pid !== undefined && !this.#exited) killGroup(pid, signal)
  }
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: nobody is left in the group. EPERM: who is left has become another user. Anything else is a fault of ours.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

/** The command as its level of isolation asks for it, with its whole environment. */
function wrap(request: LaunchRequest, ends: Ends): WrappedCommand {
  const { inPath, outPath } = ends
  if (request.isolation?.level === 'sandbox') {
    const { env, token, isolation } = request
    const cwd = resolve(request.cwd ?? process.cwd())
    const command = [found(request)!, ...request.command.slice(1)]
    const bwrap = onPath('bwrap', process.env.PATH ?? '')!
    return sandboxed({ bwrap, command, cwd, env, base: process.env, inPath, outPath, token, isolation })
  }
  const channel = { MILLRACE_CHANNEL_IN: inPath, MILLRACE_CHANNEL_OUT: outPath, MILLRACE_TOKEN: request.token }
  return { command: request.command, env: { ...process.env, ...request.env, ...channel } }
}

/** How the worker itself ended: a wrapper tells a signal by its exit code. */
function unwrapped(request: LaunchRequest, code: number | null, signal: string | null): ProcessExit {
  const number = request.isolation?.level === 'sandbox' ? signalNumber(code) : undefined
  const name = Object.entries(osConstants.signals).find(([, value]) => value === number)?.[0]
  return name === undefined ? { code, signal } : { code: null, signal: name }
}

/** Why a command cannot be started, in words that name the fix; undefined when nothing speaks against it. */
function startFault(request: LaunchRequest): string | undefined {
  const command = request.command[0]
  if (command === undefined) return `program ${request.program} has an empty command`
  const cwd = request.cwd ?? process.cwd()
  if (!existsSync(cwd) || !statSync(cwd).isDirectory()) {
    return `program ${request.program}: its directory ${cwd} does not exist`
  }
  if (found(request) === undefined) {
    return command.includes('/')
      ? `program ${request.program}: there is no file ${resolve(cwd, command)}`
      : `program ${request.program}: ${command} is not on the PATH: install it, or name it by its path`
  }
  const level: string = request.isolation?.level ?? 'process'
  if (level === 'sandbox') return sandboxFault(request)
  if (level === 'process') return undefined
  return `program ${request.program}: isolation ${level} is not known: choose process or sandbox`
}

/** Why the host cannot give a sandbox. Asked at each start, so that a level is never lowered in silence. */
function sandboxFault(request: LaunchRequest): string | undefined {
  const bwrap = onPath('bwrap', process.env.PATH ?? '')
  const about = `program ${request.program}: isolation sandbox`
  if (bwrap === undefined) return `${about} needs bubblewrap: apt-get install bubblewrap, or choose isolation process`
  const missing = request.isolation?.mounts?.find((path) => !isAbsolute(path) || !existsSync(path))
  return missing === undefined ? undefined : `${about}: mount ${missing} is not an absolute path that exists`
}

/** The absolute path of the request's program; undefined: there is none. */
function found(request: LaunchRequest): string | undefined {
  const command = request.command[0]!
  if (!command.includes('/')) return onPath(command, request.env.PATH ?? process.env.PATH ?? '')
  const path = resolve(request.cwd ?? process.cwd(), command)
  return existsSync(path) ? path : undefined
}

function onPath(command: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file))
}

function makeFifos(...paths: string[]): void {
  const made = spawnSync('mkfifo', ['-m', '600', ...paths], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`mkfifo failed: ${made.error?.message ?? made.stderr.trim()}`)
}

/** Cuts a stream into lines of at most `OUTPUT_LINE_BYTES_MAX`. */
function lines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    for (const part of parts) onLine(part.slice(0, OUTPUT_LINE_BYTES_MAX))
    while (rest.length > OUTPUT_LINE_BYTES_MAX) {
      onLine(rest.slice(0, OUTPUT_LINE_BYTES_MAX))
      rest = rest.slice(OUTPUT_LINE_BYTES_MAX)
    }
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
    rest = ''
  })
  stream.on('error', () => stream.destroy()) // The process is gone; its exit tells.
}
