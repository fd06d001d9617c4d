import type { CallOptions, Context, Logger } from './context.ts'
import { MillraceError, UsageError } from './errors.ts'
import type { AnyFunction } from './function.ts'

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }
const NO_TRACE = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), sampled: false } as const

/**
 * A context without an engine, for unit tests and for functions that are called like plain ones. No deadline, never
 * aborted, logs nowhere. `call` by reference runs the referenced handler here and now; `call` by name throws a
 * `UsageError` that says so: pass your own `call` for that.
 *
 * @param overrides What should differ.
 */
export function detachedContext(overrides: Partial<Context> = {}): Context {
  const context: Context = {
    id: 0,
    function: 'test',
    signal: new AbortController().signal,
    deadline: undefined,
    remainingMs: () => {
      const { deadline } = context
      return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline.getTime() - Date.now())
    },
    depth: 0,
    priority: 3,
    attempt: 1,
    trace: NO_TRACE,
    log: SILENT,
    call: (async (callee: AnyFunction | string, input: unknown, options?: CallOptions) => {
      const result = await run(callee, input, options, context)
      return isStream(result) ? await collect(result, isReference(callee) && callee.kind !== 'json') : result
    }) as Context['call'],
    callBytes: async (callee, input, options) => {
      const result = await run(callee, input, options, context)
      const whole = isStream(result) ? await collect(result, true) : result
      if (!(whole instanceof Uint8Array)) throw new UsageError('callBytes without an engine needs a function of bytes')
      return whole
    },
    callStream: ((callee: AnyFunction | string, input: unknown, options?: CallOptions) =>
      iterate(callee, input, options, context)) as Context['callStream'],
    ...overrides,
  }
  return context
}

async function* iterate(
  callee: AnyFunction | string,
  input: unknown,
  options: CallOptions | undefined,
  parent: Context,
): AsyncGenerator<unknown> {
  const result = await run(callee, input, options, parent)
  if (isStream(result)) yield* result
  else yield result
}

async function run(
  callee: AnyFunction | string,
  input: unknown,
  options: CallOptions | undefined,
  parent: Context,
): Promise<unknown> {
  if (!isReference(callee)) {
    throw new UsageError(
      `there is no engine here that could find "${callee}": call by reference, or give the test a call of its own`,
    )
  }
  const signal = options?.signal === undefined ? parent.signal : AbortSignal.any([parent.signal, options.signal])
  if (signal.aborted)
    throw new MillraceError('cancelled', `the call of ${callee.name} was cancelled`, { cause: signal.reason })
  const { call, callBytes, callStream, log, trace } = parent
  const context = detachedContext({
    call,
    callBytes,
    callStream,
    log,
    trace,
    signal,
    deadline: parent.deadline,
    function: callee.name,
    depth: parent.depth + 1,
    priority: options?.priority ?? parent.priority,
  })
  const given = callee.kind === 'stream' && input instanceof Uint8Array ? once(input) : input
  return await callee.handler(given as never, context)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

function isReference(callee: unknown): callee is AnyFunction {
  return typeof callee === 'function'
}

/** Whether a handler's result is a stream of parts: an async iterable, or a generator. Arrays and strings are values. */
export function isStream(result: unknown): result is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof result !== 'object' || result === null) return false
  if (Symbol.asyncIterator in result) return true
  return Symbol.iterator in result && 'next' in result && typeof result.next === 'function'
}

async function collect(parts: AsyncIterable<unknown> | Iterable<unknown>, asBytes: boolean): Promise<unknown> {
  const items: unknown[] = []
  for await (const part of parts) items.push(part)
  return asBytes ? new Uint8Array(Buffer.concat(items as Uint8Array[])) : items
}
