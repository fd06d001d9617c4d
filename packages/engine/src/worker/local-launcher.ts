/** Starts, signals and reaps local processes, by the launch contract. One of the few files that touch the OS. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Placed, Placer } from '../affinity/placer.ts'
import { OUTPUT_LINE_BYTES_MAX } from '../base/limits.ts'
import { pipePair } from '../channel/pipe-pair.ts'
import type { Polling } from '../channel/pipe-reader.ts'
import { RingLink } from '../channel/ring-link.ts'
import type { RingPoller } from '../channel/ring-poller.ts'
import type { OpenSegment, SharedMemory } from '../channel/shared-memory.ts'
import type { WakePipe } from '../channel/wake-pipe.ts'
import { stdioAfter } from '../isolation/descriptors.ts'
import type {
  LaunchedWorker,
  Launcher,
  LaunchRequest,
  LinkPipes,
  OfferedLink,
  PayloadDirectory,
  PayloadStore,
  PipeReader,
  PipeWriter,
  ProcessExit,
  ProcessListener,
} from '../world.ts'
import { FifoStock } from './fifo-stock.ts'
import { Fifos } from './fifos.ts'
import { offeredLink, openedLink } from './link-pipes.ts'
import type { WorkerFiles } from './payload-files.ts'
import type { PayloadPlace } from './payload-place.ts'
import { killGroup } from './processes.ts'
import type { RuntimeDirectory } from './runtime-directory.ts'
import { startFault, WrappedWorker } from './wrapped-worker.ts'

/** What workers get rings by. */
export interface LocalRings {
  readonly memory: SharedMemory
  readonly poller: RingPoller
  /** By what workers are woken; undefined: by writes. */
  readonly wakes: WakePipe | undefined
}

/** A launcher whose FIFOs lie in `directory`, and its payload files in `payloads`, if there are any. */
export class LocalLauncher implements Launcher {
  readonly ringFault: string | undefined
  readonly #directory: RuntimeDirectory
  readonly #payloads: PayloadPlace | undefined
  readonly #stock: FifoStock
  readonly #rings: LocalRings | undefined
  /** Where processes run; undefined: where the kernel puts them. */
  readonly placer: Placer | undefined
  /** What reads pipes ahead of the event loop; undefined: nobody does. */
  readonly polling: Polling | undefined

  /** `rings`: a text says why there are none though they were asked for. */
  constructor(
    directory: RuntimeDirectory,
    payloads?: PayloadPlace,
    rings?: LocalRings | string,
    placer?: Placer,
    polling?: Polling,
  ) {
    this.placer = placer
    this.polling = polling
    this.#directory = directory
    this.#stock = new FifoStock(directory.path)
    this.#payloads = payloads
    this.ringFault = typeof rings === 'string' ? rings : undefined
    this.#rings = typeof rings === 'string' ? undefined : rings
  }

  get payloads(): PayloadStore | undefined {
    return this.#payloads?.files
  }

  /** The FIFOs `<name>.in` and `<name>.out` of a channel, in the runtime directory. Throws the OS's error. */
  fifos(name: string): Fifos {
    return new Fifos(join(this.#directory.path, name), this.#stock)
  }

  /** `name`: of its FIFOs. Default: by the number of the worker. */
  launch(request: LaunchRequest, listener: ProcessListener, name = `worker-${request.workerId}`): LaunchedWorker {
    let ends: Fifos
    let files: WorkerFiles | undefined
    try {
      files = request.payloadFiles === false ? undefined : this.#payloads?.files.open()
      ends = this.fifos(name)
    } catch (error) {
      files?.close()
      const why = `program ${request.program}: its pipes could not be made: ${(error as Error).message}`
      queueMicrotask(() => listener.onExit({ code: null, signal: null }, why))
      return neverStarted()
    }
    // What wraps a worker at the other levels passes no descriptor on.
    const mayHave = request.rings !== false && (request.isolation?.level ?? 'process') === 'process'
    return new LocalWorker(request, listener, ends, files, mayHave ? this.#rings : undefined, this)
  }

  offerLink(name: string): OfferedLink {
    return offeredLink(this.fifos(name))
  }

  openLink(inPath: string, outPath: string): LinkPipes {
    return openedLink(inPath, outPath)
  }

  async close(): Promise<void> {
    this.#stock.close()
    this.placer?.close()
    this.#rings?.wakes?.close()
    await this.#payloads?.close()
    this.#directory.close()
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
    pause: nothing,
  }
}

class LocalWorker implements LaunchedWorker {
  readonly input: PipeWriter
  readonly output: PipeReader
  readonly payloads: PayloadDirectory | undefined
  readonly #ends: Fifos
  readonly #child: ChildProcess | undefined
  readonly #wrapped: WrappedWorker | undefined
  readonly switchToRing: ((bytes: number) => void) | undefined
  #placed: Placed | undefined
  #isPaused = false
  #exited = false

  constructor(
    request: LaunchRequest,
    listener: ProcessListener,
    ends: Fifos,
    files: WorkerFiles | undefined,
    rings: LocalRings | undefined,
    { placer, polling }: LocalLauncher,
  ) {
    this.#ends = ends
    this.payloads = files
    const { input, output } = pipePair(ends.writeFd, ends.outFd, polling, rings?.wakes)
    const memory = rings === undefined ? undefined : segmentOf(rings.memory, request, listener)
    if (rings === undefined || memory === undefined) {
      this.input = input
      this.output = output
    } else {
      const link = new RingLink(output, input, memory, rings.poller)
      this.input = link.input
      this.output = link.output
      this.switchToRing = (bytes) => link.input.switchAfter(bytes)
    }
    const over = (exit: ProcessExit, startError: string | undefined): void => {
      if (this.#exited) return
      this.#exited = true
      this.#ends.attached() // Whatever happens, nothing of it stays in the directory.
      this.#placed?.gone()
      listener.onExit(exit, startError)
      files?.close() // Not before: files that its last messages name have just been taken.
    }
    const fault = startFault(request)
    if (fault !== undefined) {
      memory?.started()
      queueMicrotask(() => over({ code: null, signal: null }, fault))
      return
    }
    const failed = (why: string): void => over({ code: null, signal: null }, why)
    let wrapped: WrappedWorker
    try {
      wrapped = new WrappedWorker(request, {
        inPath: ends.inPath,
        outPath: ends.outPath,
        directory: dirname(ends.inPath),
        payloads: files?.path,
        ringFd: memory?.fd,
      })
    } catch (error) {
      memory?.started()
      const why = `program ${request.program}: its isolation could not be set up: ${(error as Error).message}`
      queueMicrotask(() => failed(why))
      return
    }
    this.#wrapped = wrapped
    const [command, ...args] = wrapped.command
    // A session, and so a process group, of its own: a signal for the worker reaches what it started, too.
    const notStarted = (error: Error): void => {
      wrapped.ended(null, null)
      failed(`${command} could not be started: ${error.message}`)
    }
    const descriptors = memory === undefined ? wrapped.descriptors : [memory.fd]
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...stdioAfter(descriptors)]
    let child: ChildProcess
    const start = (): ChildProcess =>
      spawn(command!, args, { cwd: wrapped.cwd, env: { ...wrapped.env }, detached: true, stdio })
    try {
      child = placer === undefined ? start() : placer.spawn(start)
    } catch (error) {
      queueMicrotask(() => notStarted(error as Error)) // An environment too large, or a NUL byte in an argument.
      return
    } finally {
      wrapped.started()
      memory?.started()
    }
    this.#child = child
    if (child.pid !== undefined) this.#placed = placer?.add(child.pid)
    for (const stream of ['stdout', 'stderr'] as const) {
      // Missing when the process has no descriptors left to make the pipe with: 'error' tells.
      if (child[stream] !== null) lines(child[stream], (line) => listener.onOutput(stream, line))
    }
    child.once('error', (error) => {
      if (child.pid === undefined) notStarted(error)
    })
    // 'exit', not 'close': a grandchild may hold the standard output for ever.
    child.once('exit', (code, signal) => {
      // What it started goes with it. The group's number cannot be anybody else's while a member lives.
      killGroup(child.pid!, 'SIGKILL')
      // One that left the group may hold the two open: the engine reads them on, and does not live for them.
      for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref()
      over(wrapped.ended(code, signal), undefined)
    })
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  attached(): void {
    this.#ends.attached()
    this.#placed?.ready()
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.pid
    if (pid === undefined || this.#exited) return
    this.pause(false)
    // A wrapper that is being set up may die of SIGTERM, or lose it: it is only for what is inside.
    if (this.#wrapped?.signalInside(signal) !== true || signal === 'SIGKILL') killGroup(pid, signal)
  }

  pause(isPaused: boolean): void {
    const pid = this.pid
    if (pid === undefined || this.#exited || this.#isPaused === isPaused) return
    this.#isPaused = isPaused
    if (this.#wrapped?.freezes === true) this.#wrapped.freeze(isPaused)
    else killGroup(pid, isPaused ? 'SIGSTOP' : 'SIGCONT')
  }
}

/** A segment for one worker; undefined, with a line in its name, when the host has none left: it uses its pipes. */
function segmentOf(memory: SharedMemory, request: LaunchRequest, listener: ProcessListener): OpenSegment | undefined {
  try {
    return memory.make()
  } catch (error) {
    listener.onOutput('stderr', `program ${request.program}: no rings for this worker: ${(error as Error).message}`)
    return undefined
  }
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
