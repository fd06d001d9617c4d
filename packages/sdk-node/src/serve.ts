import { PeerError, UsageError } from './errors.ts'
import { type AnyFunction, isFunction } from './function.ts'
import { processHooks } from './hooks.ts'
import { openPayloadFiles } from './payload-files.ts'
import { openPipe, processWorld, ringClock, sayLine } from './pipe.ts'
import { RingPipe } from './ring-pipe.ts'
import { takeSegment } from './segment.ts'
import { createWorker, type Worker, type WorkerOptions } from './worker.ts'
import { ExitCode, type WorkerPipe } from './world.ts'

/** How to serve. */
export interface ServeOptions {
  /** Calls to run at once, 1 to 65,535. Default 1,024. The engine may use fewer. */
  readonly maxCalls?: number
}

/** Functions to serve: a list, or an object that holds them, such as a module's namespace; what is no function is passed over. */
export type Servable = Iterable<AnyFunction> | Readonly<Record<string, unknown>>

/**
 * Serves functions to the engine that started this process. Not needed in a file that the engine loads by itself, but
 * harmless there: then this decides what is served.
 *
 * ```ts
 * await serve({ greet, shout }, { maxCalls: 64 })
 * ```
 *
 * Resolves when the engine takes calls here. From then on the worker ends the process by itself: with 0 when drained,
 * 69 when the engine is gone, 76 when it broke the protocol. A process that no engine started ends with 78 and one line
 * that says how to start it.
 *
 * @throws UsageError when there is no function, two have one name, an option is out of range, or `serve` was called
 * before: one process serves one channel.
 * @throws PeerError when the channel ends before the engine answers.
 */
export function serve(functions: Servable, options: ServeOptions = {}): Promise<Worker> {
  const served: Promise<Worker> = begin(functions, options, () => {
    // A channel that ends has its own exit code, whether or not anybody awaits this.
    served.catch(() => {})
  })
  return served
}

async function begin(functions: Servable, options: ServeOptions, onChannelLost: () => void): Promise<Worker> {
  const hooks = processHooks()
  const { loading } = hooks
  if (loading !== undefined) return loading(functionsOf(functions), options.maxCalls)
  if (hooks.worker !== undefined) throw new UsageError('serve was called before: give it all functions at once')
  return await launched(functionsOf(functions), options, onChannelLost)
}

/**
 * Opens the channel that the launch names and starts a worker on it. `onChannelLost` is called before this rejects because
 * the channel ended.
 */
export async function launched(
  functions: readonly AnyFunction[],
  options: Pick<WorkerOptions, 'maxCalls' | 'loader'>,
  onChannelLost: () => void,
): Promise<Worker> {
  const hooks = processHooks()
  const { MILLRACE_CHANNEL_IN: inPath, MILLRACE_CHANNEL_OUT: outPath, MILLRACE_TOKEN: token } = process.env
  if (inPath === undefined || outPath === undefined || token === undefined) {
    return leave(
      ExitCode.config,
      'this is a Millrace worker and no engine started it: run `millrace dev <file>` instead',
    )
  }
  // What this process starts must not inherit the token (rule `launch-environment`).
  delete process.env.MILLRACE_CHANNEL_IN
  delete process.env.MILLRACE_CHANNEL_OUT
  delete process.env.MILLRACE_TOKEN
  const { MILLRACE_PAYLOAD_DIR: payloadDirectory } = process.env
  delete process.env.MILLRACE_PAYLOAD_DIR
  holdSegment()
  let pipe: WorkerPipe
  try {
    pipe = openPipe(inPath, outPath)
    if (hooks.segment !== undefined) pipe = new RingPipe(pipe, hooks.segment, ringClock)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return leave(ExitCode.engineGone, code === 'ENXIO' ? 'the engine is gone: nobody reads the channel' : message)
  }
  const { start, stop } = hooks
  const payloads = payloadDirectory === undefined ? undefined : openPayloadFiles(payloadDirectory)
  const worker = createWorker(functions, processWorld(pipe, payloads), { token, start, stop, ...options })
  hooks.worker = worker
  try {
    await worker.start()
  } catch (error) {
    if (error instanceof PeerError) onChannelLost()
    throw error
  }
  return worker
}

/**
 * Maps the shared memory that the launch names, if any, and closes its descriptor, for `serve` to find. A host does so before it
 * runs user code (rule `ring-descriptor-closed`); doing so twice is allowed.
 */
export function holdSegment(): void {
  processHooks().segment ??= takeSegment(sayLine)
}

/** The functions among some values, each once. */
export function functionsOf(from: Servable): AnyFunction[] {
  const values: Iterable<unknown> = Symbol.iterator in from ? (from as Iterable<unknown>) : Object.values(from)
  return [...new Set(values)].filter(isFunction)
}

function leave(code: number, line: string): never {
  sayLine(line)
  process.exit(code)
}
