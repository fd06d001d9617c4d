/**
 * Tests of functions: `testContext` for one handler alone, `startTestEngine` for functions that call each other.
 *
 * ```ts
 * const engine = await startTestEngine({ greet, shout })
 * expect(await engine.call(greet, 'Ada')).toBe('Hello, Ada')
 * engine.fail('greet').times(2)
 * await engine.stop()
 * ```
 *
 * @packageDocumentation
 */
import type { CallRecord, Engine, LogRecord, Outcome } from '@millrace/engine'
import type { MemoryProcess } from '@millrace/engine/testing'
import { Content, FUNCTIONS_PER_WORKER_MAX } from '@millrace/protocol'
import { jsonText, parseOutput } from './content.ts'
import type { CallArguments, CallOptions, Context } from './context.ts'
import { detachedContext } from './detached-context.ts'
import { durationUs } from './duration.ts'
import { MillraceError, UsageError } from './errors.ts'
import { Faults, type Times } from './faults.ts'
import type { AnyFunction, BytesFunction, CallOutput, JsonFunction, StreamFunction } from './function.ts'
import { checkFunctions } from './handshake.ts'
import type { Hook } from './hooks.ts'
import { processWorld } from './pipe.ts'
import { functionsOf, type Servable } from './serve.ts'
import { createWorker } from './worker.ts'
import type { WorkerPipe } from './world.ts'

export type { Times } from './faults.ts'

/** Call records and log records that a test engine keeps, each; the oldest go first. Unit: records. */
const RECORDS_MAX = 10_000

/**
 * A context without an engine. No deadline, never aborted, logs nowhere; `call` by reference runs the other handler here
 * and now, `call` by name throws a `UsageError`.
 *
 * ```ts
 * const controller = new AbortController()
 * await work.handler(input, testContext({ signal: controller.signal, deadline: new Date(Date.now() + 50) }))
 * ```
 *
 * @param overrides What should differ, such as a `log` that collects, or a `call` that answers by name.
 */
export function testContext(overrides: Partial<Context> = {}): Context {
  return detachedContext(overrides)
}

/** How a test engine runs. */
export interface TestEngineOptions {
  /** Workers in memory, all in this process, 1 to 256. Default 1. */
  readonly workers?: number
  /** Calls at once on one worker. Default 1,024. */
  readonly maxCalls?: number
  /** Time limit of calls that set none, such as `'2s'`. Default: the engine's, 60 s. */
  readonly timeout?: CallOptions['timeout']
  /** Run before a worker starts, in place of `onStart`. */
  readonly start?: readonly Hook[]
  /** Run before a worker stops, in place of `onStop`. */
  readonly stop?: readonly Hook[]
}

/** A real engine with workers in memory: the same dispatch, deadlines, cancellation and limits as over pipes. */
export interface TestEngine extends AsyncDisposable {
  /** Makes an external call. Rejects with a `MillraceError` when it fails. */
  call<Input, Result>(fn: JsonFunction<Input, Result>, ...rest: CallArguments<Input>): Promise<CallOutput<Result>>
  call(fn: BytesFunction | StreamFunction, input: Uint8Array, options?: CallOptions): Promise<Uint8Array>
  call<Output = unknown>(name: string, input?: unknown, options?: CallOptions): Promise<Output>
  /** Makes calls of a function fail instead of running, with that error. Default: a `handler_error` that says so. */
  fail(fn: string | AnyFunction, error?: Error): Times
  /** Makes calls of a function end its worker, as a crash does; the engine starts another. */
  crash(fn: string | AnyFunction): Times
  /** What became of each call so far, oldest first; internal calls too. The newest 10,000. */
  readonly calls: readonly CallRecord[]
  /** What handlers logged so far, oldest first. The newest 10,000. */
  readonly logs: readonly LogRecord[]
  /** The engine itself, for whatever else it can do. */
  readonly engine: Engine
  /** Drains and ends everything. Calling it twice is allowed. */
  stop(): Promise<void>
}

/**
 * Starts an engine in this process with the functions served by workers in memory. Needs `@millrace/engine` installed.
 *
 * @param functions Functions, or modules and objects that hold them.
 * @throws UsageError when there is no function, the engine package is missing, or the workers do not start.
 */
export async function startTestEngine(
  functions: Servable | readonly Servable[],
  options: TestEngineOptions = {},
): Promise<TestEngine> {
  const list = Array.isArray(functions) ? functions.flatMap(oneOrMany) : functionsOf(functions as Servable)
  checkFunctions(list, FUNCTIONS_PER_WORKER_MAX)
  const faults = new Faults()
  const { createEngine, createMemoryWorld } = await engineParts()
  const calls: CallRecord[] = []
  const logs: LogRecord[] = []
  const output: string[] = []
  const world = createMemoryWorld({
    programs: {
      test: (process) =>
        runWorker(
          process,
          faults.wrap(list, () => process.exit(1)),
          options,
        ),
    },
  })
  const program = { name: 'test', command: ['in-memory'], workers: options.workers ?? 1 }
  const engine = createEngine(
    {
      programs: [program],
      ...(options.timeout !== undefined && { timeoutUs: durationUs(options.timeout, 'timeout') }),
      onCall: (record) => keep(calls, record),
      onLog: (record) => keep(logs, record),
      onOutput: (_program, _workerId, _stream, line) => keep(output, line),
    },
    world,
  )
  const { failures } = await engine.start()
  if (failures.length > 0) {
    await engine.stop()
    const messages = failures.map(({ message }) => message)
    throw new UsageError(`the workers do not start: ${[...messages, ...output].join('\n')}`)
  }
  return new MemoryEngine(engine, faults, calls, logs)
}

class MemoryEngine implements TestEngine {
  readonly engine: Engine
  readonly calls: readonly CallRecord[]
  readonly logs: readonly LogRecord[]
  readonly #faults: Faults

  constructor(engine: Engine, faults: Faults, calls: readonly CallRecord[], logs: readonly LogRecord[]) {
    this.engine = engine
    this.calls = calls
    this.logs = logs
    this.#faults = faults
  }

  // A promise of `never` fits every overload of the interface; what it really gives is decided by the callee.
  async call(callee: string | AnyFunction, input?: unknown, options: CallOptions = {}): Promise<never> {
    const name = typeof callee === 'string' ? callee : callee.name
    const asBytes = input instanceof Uint8Array && (typeof callee === 'string' || callee.kind !== 'json')
    const bytes = asBytes ? input : Buffer.from(jsonText(input))
    const outcome: Outcome = await this.engine.invoke(name, bytes, {
      content: asBytes ? Content.BYTES : Content.JSON,
      ...(options.timeout !== undefined && {
        timeoutUs: durationUs(options.timeout, `timeout of the call of ${name}`),
      }),
      ...(options.priority !== undefined && { priority: options.priority }),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    if (!outcome.ok) throw MillraceError.ofFailure(outcome.failure)
    return parseOutput(outcome.output, outcome.content, `output of ${name}`) as never
  }

  fail(fn: string | AnyFunction, error?: Error): Times {
    const name = typeof fn === 'string' ? fn : fn.name
    return this.#faults.add(name, () => {
      throw error ?? new MillraceError('handler_error', `${name} was made to fail by the test`)
    })
  }

  crash(fn: string | AnyFunction): Times {
    return this.#faults.add(typeof fn === 'string' ? fn : fn.name, (end) => end())
  }

  stop(): Promise<void> {
    return this.engine.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

async function engineParts(): Promise<{
  createEngine: typeof import('@millrace/engine').createEngine
  createMemoryWorld: typeof import('@millrace/engine/testing').createMemoryWorld
}> {
  try {
    const { createEngine } = await import('@millrace/engine')
    const { createMemoryWorld } = await import('@millrace/engine/testing')
    return { createEngine, createMemoryWorld }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new UsageError(`startTestEngine needs the engine: npm install --save-dev @millrace/engine (${error.message})`)
  }
}

/** Serves functions from a process in memory. */
function runWorker(process: MemoryProcess, functions: readonly AnyFunction[], options: TestEngineOptions): void {
  const { input, output, request } = process
  const pipe: WorkerPipe = {
    start: (sink) => input.start(sink),
    write: (bytes, from, to) => output.write(bytes, from, to),
    get onWritable() {
      return output.onWritable
    },
    set onWritable(writable: () => void) {
      output.onWritable = writable
    },
    pending: false,
    close: () => output.close(),
  }
  const world = {
    ...processWorld(pipe),
    say: (line: string) => process.print('stderr', line),
    exit: (code: number) => process.exit(code),
  }
  const { start, stop, maxCalls } = options
  const worker = createWorker(functions, world, {
    token: request.token,
    ...(maxCalls !== undefined && { maxCalls }),
    ...(start !== undefined && { start }),
    ...(stop !== undefined && { stop }),
  })
  worker.start().catch((error: unknown) => {
    process.print('stderr', error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exit(1)
  })
}

function oneOrMany(from: Servable): AnyFunction[] {
  return typeof from === 'function' ? functionsOf([from]) : functionsOf(from)
}

function keep<Item>(list: Item[], item: Item): void {
  list.push(item)
  if (list.length > RECORDS_MAX) list.shift()
}
