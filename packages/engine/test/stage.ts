/**
 * A stage for scenarios: an engine in a memory world, with scripted workers and a schedule that runs everything in an
 * order that a seed chooses.
 */
import { type MessageView, TYPES } from '@millrace/protocol'
import { decodePrefixed, GoodbyeSchema } from '@millrace/protocol/cold'
import { createEngine } from '../src/engine.ts'
import type { Engine, InvokeOptions, Outcome } from '../src/engine-api.ts'
import type { CallRecord, EngineOptions, LogRecord, ProgramOptions, WorkerEventRecord } from '../src/options.ts'
import {
  createMemoryWorld,
  Dice,
  type HelloScript,
  type MemoryFiles,
  type MemoryLauncher,
  Schedule,
  ScriptedWorker,
} from '../src/testing/index.ts'
import type { MemoryPipeOptions } from '../src/testing/memory-pipe.ts'

/** What a program of the stage serves and how its workers behave. */
export interface Part {
  /** Runs for each worker once it is started. Default: `hello`. */
  readonly play?: (worker: ScriptedWorker) => void
  /** What it says in HELLO when `play` is left out. */
  readonly hello?: HelloScript
  /** Called for each message that comes. */
  readonly onMessage?: (worker: ScriptedWorker, view: MessageView) => void
  /** Further options of the program. */
  readonly options?: Partial<ProgramOptions>
}

/** A call made on the stage. `outcome` is set when it has ended. */
export interface StageCall {
  outcome: Outcome | undefined
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (from: Uint8Array): string => new TextDecoder().decode(from)

/** `count` bytes that differ from place to place. */
export function pattern(count: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff)
}

export class Stage {
  readonly schedule: Schedule
  readonly engine: Engine
  readonly launcher: MemoryLauncher
  readonly payloads: MemoryFiles | undefined
  readonly records: CallRecord[] = []
  readonly events: WorkerEventRecord[] = []
  readonly logs: LogRecord[] = []
  /** Workers of each program, oldest first. */
  readonly workers = new Map<string, ScriptedWorker[]>()

  constructor(
    parts: Readonly<Record<string, Part>>,
    options: Partial<EngineOptions> = {},
    world: { readonly seed?: number; readonly pipe?: MemoryPipeOptions; readonly payloads?: MemoryFiles } = {},
  ) {
    this.payloads = world.payloads
    this.schedule = new Schedule(new Dice(world.seed ?? 1))
    const programs = Object.entries(parts).map(([name, part]) => ({
      name,
      command: ['memory'],
      ...part.options,
    }))
    const memory = createMemoryWorld({
      programs: Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [
          name,
          (process) => {
            const worker = new ScriptedWorker(process)
            this.of(name).push(worker)
            if (part.onMessage !== undefined) worker.onMessage = (view) => part.onMessage?.(worker, view)
            if (part.play === undefined) worker.hello(part.hello)
            else part.play(worker)
          },
        ]),
      ),
      clock: this.schedule.clock,
      later: this.schedule.later,
      ...(world.payloads === undefined ? {} : { payloads: world.payloads }),
      ...(world.pipe === undefined ? {} : { pipe: world.pipe }),
      ...(world.seed === undefined ? {} : { seed: world.seed }),
    })
    this.launcher = memory.launcher
    this.engine = createEngine(
      {
        programs,
        onCall: (record) => this.records.push(record),
        onWorker: (event) => this.events.push(event),
        onLog: (record) => this.logs.push(record),
        ...options,
      },
      memory,
    )
  }

  /** Workers of a program, oldest first. */
  of(program: string): ScriptedWorker[] {
    let list = this.workers.get(program)
    if (list === undefined) {
      list = []
      this.workers.set(program, list)
    }
    return list
  }

  /** The newest worker of a program. */
  worker(program: string): ScriptedWorker {
    const worker = this.of(program).at(-1)
    if (worker === undefined) throw new Error(`no worker of ${program} was started`)
    return worker
  }

  /** Starts the engine; resolves when every program has a worker ready or has failed to get one. */
  async start(): Promise<{ readonly program: string; readonly message: string }[]> {
    const { failures } = await this.run(this.engine.start())
    await this.schedule.settle()
    return [...failures]
  }

  /** Runs turns until a promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const mark = (): void => {
      done = true
    }
    promise.then(mark, mark)
    await this.schedule.until(() => done)
    return await promise
  }

  /** Makes a call by `engine.invoke`. */
  invoke(name: string, input: Uint8Array | string = '', options?: InvokeOptions): StageCall {
    const call: StageCall = { outcome: undefined }
    void this.engine.invoke(name, typeof input === 'string' ? bytes(input) : input, options).then((outcome) => {
      call.outcome = outcome
    })
    return call
  }

  /** Runs until a call has ended. */
  async outcome(call: StageCall): Promise<Outcome> {
    await this.schedule.until(() => call.outcome !== undefined)
    return call.outcome!
  }

  /** Runs until a worker has got `count` messages of a type, without moving time. Returns them. */
  async got(worker: ScriptedWorker, type: number, count = 1): Promise<MessageView[]> {
    await this.schedule.settle()
    const found = worker.of(type)
    if (found.length < count) {
      throw new Error(
        `the worker got ${found.length} ${TYPES[type]?.name}, not ${count}; all: ${worker.received.join('; ')}`,
      )
    }
    return found
  }

  /** The rule that the engine's GOODBYE to a worker names; undefined: no GOODBYE came. */
  rule(worker: ScriptedWorker): string | undefined {
    const goodbye = worker.received.find((view) => TYPES[view.type]?.name === 'GOODBYE')
    return goodbye === undefined ? undefined : decodePrefixed(GoodbyeSchema, goodbye.body)?.rule
  }

  /** Stops the engine, and checks that nothing of it is left. */
  async stop(): Promise<void> {
    await this.run(this.engine.stop())
    await this.schedule.settle()
    if (this.launcher.running.size > 0) throw new Error(`${this.launcher.running.size} processes are left`)
    if (this.schedule.clock.nextUs !== undefined) throw new Error('an alarm is left')
    const { held, directories } = this.payloads ?? { held: new Set(), directories: new Set() }
    if (held.size > 0) throw new Error(`${held.size} payload files are left`)
    if (directories.size > 0) throw new Error(`${directories.size} payload directories are left`)
    if (!this.launcher.closed) throw new Error('the launcher is still open')
    for (const { name, running, waiting } of this.engine.functions()) {
      if (running !== 0 || waiting !== 0) throw new Error(`${name} has ${running} running and ${waiting} waiting calls`)
    }
  }
}

/** A worker that answers every INVOKE with its input. */
export const echo = (worker: ScriptedWorker, view: MessageView): void => {
  if (TYPES[view.type]?.name === 'INVOKE') worker.result(view.callId, view.body.slice())
  drainAtOnce(worker, view)
}

/** Says GOODBYE and exits when DRAIN comes. */
export const drainAtOnce = (worker: ScriptedWorker, view: MessageView): void => {
  if (TYPES[view.type]?.name === 'DRAIN') worker.leave()
}
