/**
 * A worker that is started before anybody knows its code: it opens the channel, says HELLO without functions, and loads
 * what LOAD names. Between two loads, of which the first failed, nothing of the first one's hooks is left.
 */
import { resolve } from 'node:path'
import { FUNCTIONS_PER_WORKER_MAX } from '@millrace/protocol'
import type { Code, CodeRequest } from './code-loading.ts'
import type { AnyFunction } from './function.ts'
import { checkFunctions, checkMaxCalls } from './handshake.ts'
import { processHooks } from './hooks.ts'
import { loadFunctions } from './load.ts'
import { launched } from './serve.ts'
import type { Worker } from './worker.ts'

/** What the outside gives: the process, and the errors of its module loader in words. */
export interface PrewarmWorld {
  /** The process runs that file from now on, there, with these variables. Throws the system's error. */
  settle(path: string, cwd: string | undefined, env: Readonly<Record<string, string>>): void
  /** What the engine is told of an error of the user's code: with its file and line. */
  describe(path: string, error: unknown): string
  /** The code failed after it had called `serve` itself: nobody waits for its import any more. */
  uncaught(error: unknown): void
}

/** Starts this process's worker without code. Resolves when WELCOME came; rejects as `serve` does. */
export async function prewarm(world: PrewarmWorld): Promise<Worker> {
  let loads = 0
  const loader = async (request: CodeRequest): Promise<Code> => {
    loads += 1
    const { start, stop } = processHooks()
    start.length = 0
    stop.length = 0
    const path = resolve(request.cwd ?? '.', request.entry)
    const serving = new OwnServing()
    try {
      world.settle(path, request.cwd, request.env)
      const code = await codeOf(path, request, loads, serving, world)
      for (const hook of start) await hook()
      return code
    } catch (error) {
      serving.fail(error)
      throw new Error(world.describe(path, error), { cause: error })
    }
  }
  return await launched([], { loader }, () => {})
}

/** A `serve` of the code itself: it decides what is served, and waits until the engine has the worker's LOADED. */
class OwnServing {
  readonly #served = Promise.withResolvers<Code>()
  readonly #ready = Promise.withResolvers<Worker>()
  /** Whether the code has called `serve`, and that holds. */
  called = false

  /** What is served, once `serve` was called. */
  get code(): Promise<Code> {
    return this.#served.promise
  }

  /** What `serve` does. @throws UsageError as `serve` does. */
  async serve(functions: readonly AnyFunction[], maxCalls: number | undefined): Promise<Worker> {
    checkFunctions(functions, FUNCTIONS_PER_WORKER_MAX)
    if (maxCalls !== undefined) checkMaxCalls(maxCalls)
    this.called = true
    const worker = processHooks().worker!
    worker.loaded.then(() => this.#ready.resolve(worker), this.#ready.reject)
    this.#served.resolve({ functions, maxCalls })
    return await this.#ready.promise
  }

  /** The load failed, and so does `serve`. */
  fail(error: unknown): void {
    if (!this.called) return
    this.called = false
    this.#ready.reject(error)
  }
}

/** What the file serves: what it gives to `serve`, or else all that the host finds in it. */
async function codeOf(
  path: string,
  request: CodeRequest,
  loads: number,
  serving: OwnServing,
  world: PrewarmWorld,
): Promise<Code> {
  const hooks = processHooks()
  hooks.loading = (functions, maxCalls) => {
    hooks.loading = undefined // A second `serve` is refused.
    return serving.serve(functions, maxCalls)
  }
  // A module is loaded once: only under another name is a file read again that could not be loaded before.
  const query = loads === 1 ? '' : `?load=${loads}`
  const found = loadFunctions({ entry: path, query, handler: request.handler, name: request.name })
  found.catch((error) => {
    if (serving.called && !isPeerError(error)) world.uncaught(error)
  })
  try {
    return await Promise.race([serving.code, found.then((functions) => ({ functions, maxCalls: undefined }))])
  } finally {
    hooks.loading = undefined
  }
}

/** A channel that ended has said why, and its exit is under way. */
function isPeerError(error: unknown): boolean {
  return error instanceof Error && error.name === 'PeerError'
}
