/** Functions as their authors write them: `fn`, `fn.bytes`, `fn.stream`. They register nothing: export them or serve them. */
import { Content, isFunctionName } from '@millrace/protocol'
import type { Context } from './context.ts'
import { detachedContext } from './detached-context.ts'
import { type Duration, durationUs } from './duration.ts'
import { UsageError } from './errors.ts'

/** How a function takes its input: parsed JSON, whole bytes, or bytes as they come. */
export type FunctionKind = 'json' | 'bytes' | 'stream'

/** What a function may say of itself. */
export interface FunctionOptions {
  /** Time limit of a call that the function asks for. Default: the engine's. */
  readonly timeout?: Duration
}

/** What a bytes or stream function may say of itself. */
export interface BytesFunctionOptions extends FunctionOptions {
  /** What its output is, for callers that care, such as HTTP clients. Default `bytes`. */
  readonly content?: ContentName
}

const CONTENTS = {
  bytes: Content.BYTES,
  json: Content.JSON,
  text: Content.TEXT,
  protobuf: Content.PROTOBUF,
  cbor: Content.CBOR,
  'event-stream': Content.EVENT_STREAM,
  ndjson: Content.NDJSON,
} as const

/** Names of what a payload can be. */
export type ContentName = keyof typeof CONTENTS

/** Marks functions made by `fn`, in every copy of this package that a process may hold. */
export const FUNCTION_MARK: unique symbol = Symbol.for('millrace.function')

/** What every kind of function has. */
export interface AnyFunction {
  /** Name under which it is served. */
  readonly name: string
  readonly kind: FunctionKind
  /** Time limit in microseconds; 0: none of its own. */
  readonly timeoutUs: number
  /** Number of the content table for byte outputs. */
  readonly content: number
  /** The handler as its author wrote it: call it with an input and a context in unit tests. */
  readonly handler: (input: never, context: Context) => unknown
  readonly [FUNCTION_MARK]: true
}

/** A function that takes and gives JSON. Call it like the plain function it is, in unit tests; a context is made if none is given. */
export interface JsonFunction<Input, Result> extends AnyFunction {
  (input: Input, context?: Context): Result
  readonly kind: 'json'
  readonly handler: (input: Input, context: Context) => Result
}

/** What a bytes handler may return: bytes, now or later, or a stream of them. */
export type BytesResult = Uint8Array | Promise<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A function that takes its whole input as bytes and gives bytes. */
export interface BytesFunction<Result extends BytesResult = BytesResult> extends AnyFunction {
  (input: Uint8Array, context?: Context): Result
  readonly kind: 'bytes'
  readonly handler: (input: Uint8Array, context: Context) => Result
}

/** A function that takes bytes as they come and gives bytes. */
export interface StreamFunction<Result extends BytesResult = BytesResult> extends AnyFunction {
  (input: AsyncIterable<Uint8Array>, context?: Context): Result
  readonly kind: 'stream'
  readonly handler: (input: AsyncIterable<Uint8Array>, context: Context) => Result
}

/** Item type of a streamed JSON output; of any other output, its type. */
export type JsonItem<Result> =
  Awaited<Result> extends AsyncIterable<infer Item>
    ? Item
    : Awaited<Result> extends Generator<infer Item>
      ? Item
      : Awaited<Result>

/** What `ctx.call` gives for a JSON function: its output, or for one that streams all items in an array. */
export type CallOutput<Result> =
  Awaited<Result> extends AsyncIterable<infer Item>
    ? Item[]
    : Awaited<Result> extends Generator<infer Item>
      ? Item[]
      : Awaited<Result>

type JsonHandler<Input, Result> = (input: Input, context: Context) => Result

/** Makes functions. See {@link fn}. */
export interface FunctionMaker {
  <Input, Result>(name: string, handler: JsonHandler<Input, Result>): JsonFunction<Input, Result>
  <Input, Result>(
    name: string,
    options: FunctionOptions,
    handler: JsonHandler<Input, Result>,
  ): JsonFunction<Input, Result>

  /** A function of bytes: the whole input as one `Uint8Array`, which is the handler's own; bytes or a stream of bytes out. */
  bytes<Result extends BytesResult>(
    name: string,
    handler: (input: Uint8Array, context: Context) => Result,
  ): BytesFunction<Result>
  bytes<Result extends BytesResult>(
    name: string,
    options: BytesFunctionOptions,
    handler: (input: Uint8Array, context: Context) => Result,
  ): BytesFunction<Result>

  /** A function of streams: the input as it comes, at most 32 messages ahead of the handler; bytes or a stream of bytes out. */
  stream<Result extends BytesResult>(
    name: string,
    handler: (input: AsyncIterable<Uint8Array>, context: Context) => Result,
  ): StreamFunction<Result>
  stream<Result extends BytesResult>(
    name: string,
    options: BytesFunctionOptions,
    handler: (input: AsyncIterable<Uint8Array>, context: Context) => Result,
  ): StreamFunction<Result>
}

/**
 * Makes a function that takes and gives JSON.
 *
 * The handler gets the parsed input and a {@link Context}; it may return a value, a promise, or an (async) generator,
 * whose items are sent as they come, one JSON text a line. `undefined` is sent as an empty payload, and a `Uint8Array`
 * as bytes. A text payload arrives as a string, an empty one as `undefined`. Input that is no JSON fails with
 * `bad_input` before the handler runs; a thrown error fails the call with `handler_error`, or a `MillraceError`'s reason.
 *
 * ```ts
 * export const greet = fn('greet', async (name: string) => `Hello, ${name}`)
 * export const shout = fn('shout', { timeout: '50ms' }, (text: string) => text.toUpperCase())
 * ```
 *
 * @throws UsageError when the name is not 1 to 128 letters, digits, dots, dashes and underscores, beginning with a
 * letter or digit (rule `name-form`), or the handler is no function.
 */
export const fn: FunctionMaker = Object.assign(
  (name: string, ...rest: readonly unknown[]): never => make('json', name, rest) as never,
  {
    bytes: (name: string, ...rest: readonly unknown[]): never => make('bytes', name, rest) as never,
    stream: (name: string, ...rest: readonly unknown[]): never => make('stream', name, rest) as never,
  },
)

/** Whether a value was made by `fn`, of this copy of the package or another. */
export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function' && FUNCTION_MARK in value
}

/** Makes a JSON function of a plain one, to serve it under that name. */
export function plainFunction(name: string, handler: (input: never, context: Context) => unknown): AnyFunction {
  return make('json', name, [handler])
}

/** The same function under another name. */
export function renamed(from: AnyFunction, name: string): AnyFunction {
  return define(name, from.kind, from.timeoutUs, from.content, from.handler)
}

/** The same function with another handler. */
export function rehandled(from: AnyFunction, handler: AnyFunction['handler']): AnyFunction {
  return define(from.name, from.kind, from.timeoutUs, from.content, handler)
}

function make(kind: FunctionKind, name: string, rest: readonly unknown[]): AnyFunction {
  const handler = rest.at(-1)
  const options = (rest.length > 1 ? rest[0] : {}) as BytesFunctionOptions
  if (typeof name !== 'string' || !isFunctionName(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} can't name a function: use 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
    )
  }
  if (typeof handler !== 'function')
    throw new UsageError(`function ${name} has no handler: give one as the last argument`)
  const content = kind === 'json' ? Content.JSON : CONTENTS[options.content ?? 'bytes']
  if (content === undefined) {
    throw new UsageError(
      `content of ${name} is ${JSON.stringify(options.content)}; choose one of ${Object.keys(CONTENTS).join(', ')}`,
    )
  }
  const timeoutUs = options.timeout === undefined ? 0 : durationUs(options.timeout, `timeout of ${name}`)
  return define(name, kind, timeoutUs, content, handler as AnyFunction['handler'])
}

function define(
  name: string,
  kind: FunctionKind,
  timeoutUs: number,
  content: number,
  handler: AnyFunction['handler'],
): AnyFunction {
  const callable = (input: never, context?: Context): unknown =>
    handler(input, context ?? detachedContext({ function: name }))
  Object.defineProperty(callable, 'name', { value: name })
  return Object.assign(callable, { kind, timeoutUs, content, handler, [FUNCTION_MARK]: true as const })
}
