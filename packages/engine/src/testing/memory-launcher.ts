import type { LaunchedWorker, Launcher, LaunchRequest, PipeReader, PipeWriter, ProcessListener } from '../world.ts'
import type { MemoryDirectory, MemoryFiles } from './memory-files.ts'
import { MemoryPipe, type MemoryPipeOptions } from './memory-pipe.ts'
import type { Later } from './schedule.ts'

/** A worker's side of a launch without a process. */
export interface MemoryProcess {
  readonly request: LaunchRequest
  /** The worker reads here. */
  readonly input: PipeReader
  /** The worker writes here. */
  readonly output: PipeWriter
  /** Its payload directory; undefined: it has none. */
  readonly payloads: MemoryDirectory | undefined
  /** Stops or resumes reading, as SIGSTOP does. */
  pause(paused: boolean): void
  /** Ends the process. What was written before counts. Doing so twice is allowed. */
  exit(code: number | null, signal?: string): void
  /** Writes a line to standard output or error. */
  print(stream: 'stdout' | 'stderr', line: string): void
  /** Called for SIGTERM; SIGKILL ends the process by itself. Default: exits by the signal. */
  onTerminate: () => void
}

/** What runs in a memory process. */
export type MemoryProgram = (process: MemoryProcess) => void

/** Starts workers as functions of this process, over memory pipes. */
export class MemoryLauncher implements Launcher {
  readonly #later: Later
  readonly #programs: ReadonlyMap<string, MemoryProgram>
  readonly #pipe: MemoryPipeOptions
  /** Processes started and not ended. */
  readonly running = new Set<MemoryProcess>()
  closed = false
  readonly payloads: MemoryFiles | undefined

  /** `programs`: what to run for each program's name. `payloads`: makes payload directories; undefined: there are none. */
  constructor(
    later: Later,
    programs: Readonly<Record<string, MemoryProgram>>,
    pipe: MemoryPipeOptions = {},
    payloads?: MemoryFiles,
  ) {
    this.payloads = payloads
    this.#later = later
    this.#programs = new Map(Object.entries(programs))
    this.#pipe = pipe
  }

  launch(request: LaunchRequest, listener: ProcessListener): LaunchedWorker {
    const input = new MemoryPipe(this.#later, this.#pipe)
    const output = new MemoryPipe(this.#later, this.#pipe)
    const running = this.running
    const payloads = this.payloads?.open()
    let over = false
    const exit = (code: number | null, signal: string | undefined, startError: string | undefined): void => {
      if (over) return
      over = true
      running.delete(process)
      output.closeWriter()
      input.close()
      this.#later(() => {
        listener.onExit({ code, signal: signal ?? null }, startError)
        payloads?.remove()
      })
    }
    const process: MemoryProcess = {
      request,
      input: input.reader,
      output: output.writer,
      payloads,
      pause: (paused) => {
        input.paused = paused
      },
      exit: (code, signal) => exit(code, signal, undefined),
      print: (stream, line) => {
        if (!over) listener.onOutput(stream, line)
      },
      onTerminate: () => exit(null, 'SIGTERM', undefined),
    }
    running.add(process)
    const program = this.#programs.get(request.program)
    this.#later(() => {
      if (program === undefined) exit(null, undefined, `there is no memory program ${request.program}`)
      else if (!over) program(process)
    })
    return {
      pid: undefined,
      input: input.writer,
      output: output.reader,
      payloads,
      attached: () => {},
      signal: (signal) => {
        if (over) return
        if (signal === 'SIGKILL') exit(null, signal, undefined)
        else this.#later(() => process.onTerminate())
      },
      pause: (isPaused) => process.pause(isPaused),
    }
  }

  close(): void {
    this.closed = true
  }
}
