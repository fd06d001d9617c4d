import type { Duration } from './duration.ts'
import type { BytesFunction, CallOutput, JsonFunction, JsonItem, StreamFunction } from './function.ts'

/** What a call option may be. */
export interface CallOptions {
  /**
   * Time limit of this internal call. It never outlasts the calling function's own deadline: the engine takes the
   * smaller. Default: only that deadline, and the callee's own limit.
   */
  readonly timeout?: Duration
  /** Aborting it cancels this internal call; its promise rejects with `cancelled`. */
  readonly signal?: AbortSignal
  /** RFC 9218 urgency: 0 is the most urgent, 7 the least. Default: the calling call's own. */
  readonly priority?: number
}

/** Input and options of a call by reference; the input may be left out when the function's type allows undefined. */
export type CallArguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : [input: Input, options?: CallOptions]

/** W3C Trace Context of a call. */
export interface Trace {
  /** 32 hexadecimal digits; all zero when the call has no trace. */
  readonly traceId: string
  /** 16 hexadecimal digits: the engine's span for this call. */
  readonly spanId: string
  /** Whether somebody up the call tree records this trace. */
  readonly sampled: boolean
}

/**
 * Writes log records that carry the call's id, function and trace. Never waits and never throws: a record that finds the
 * channel backed up is dropped, and the next one that gets through says how many were. Text is cut at 8,192 characters;
 * attributes whose JSON is longer, or that have none, are replaced by a note.
 */
export interface Logger {
  /** For the function's developer. */
  debug(message: string, attributes?: Readonly<Record<string, unknown>>): void
  /** What happens in order. */
  info(message: string, attributes?: Readonly<Record<string, unknown>>): void
  /** What somebody should look at some day. */
  warn(message: string, attributes?: Readonly<Record<string, unknown>>): void
  /** What somebody should look at now. */
  error(message: string, attributes?: Readonly<Record<string, unknown>>): void
}

/** What a handler knows of its call, and its way to other functions. Valid until the handler's promise settles. */
export interface Context {
  /** Number of the call on this worker's channel. */
  readonly id: number
  /** Name of the function that runs. */
  readonly function: string
  /**
   * Aborted when the caller gives up or the deadline passes; `signal.reason` is a `MillraceError` with the reason
   * `cancelled` or `deadline_exceeded`. Internal calls of this call are cancelled with it.
   */
  readonly signal: AbortSignal
  /** When the call must have ended, by this machine's clock; undefined: no limit. */
  readonly deadline: Date | undefined
  /** Milliseconds until the deadline, not below 0; `Infinity` without one. */
  remainingMs(): number
  /** How many internal calls are above this one; 0: it came from outside. */
  readonly depth: number
  /** RFC 9218 urgency of the call, 0 to 7. */
  readonly priority: number
  /** Which try this is, from 1. Above 1 only when an earlier one surely never started. */
  readonly attempt: number
  readonly trace: Trace
  readonly log: Logger

  /**
   * Calls another function by reference and returns its output. Calls overlap: start several, then `Promise.all`.
   * Inputs travel by the function's kind: JSON, or bytes as they are. A bytes input must not change until the call settled.
   *
   * @throws MillraceError when the callee fails, time runs out, or the call is cancelled; `reason` says which.
   * @throws PeerError when the channel ends; whether the callee ran is unknown.
   */
  call<Input, Result>(fn: JsonFunction<Input, Result>, ...rest: CallArguments<Input>): Promise<CallOutput<Result>>
  call(fn: BytesFunction | StreamFunction, input: Uint8Array, options?: CallOptions): Promise<Uint8Array>
  /**
   * Calls another function by name, in whatever language it is written. A `Uint8Array` input is sent as bytes, anything
   * else as JSON. The output is by its content: parsed JSON, an array for NDJSON, a string for text, otherwise bytes.
   */
  call<Output = unknown>(name: string, input?: unknown, options?: CallOptions): Promise<Output>

  /** Calls another function with bytes and returns its output's bytes, whatever their content. Throws as `call` does. */
  callBytes(
    fn: string | JsonFunction<never, unknown> | BytesFunction | StreamFunction,
    input: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array>

  /**
   * Calls another function and gives its output as it comes. The call starts at once; iterating throws what `call` would.
   * Leaving the loop early cancels the call. A slow reader slows the callee down: at most 32 messages wait here.
   *
   * With a JSON function that streams: its items. Otherwise bytes, cut as they came. The input may be bytes, a stream of
   * bytes, or for a JSON function its input; by name anything but bytes and streams is sent as JSON.
   */
  callStream<Input, Result>(
    fn: JsonFunction<Input, Result>,
    ...rest: CallArguments<Input>
  ): AsyncIterableIterator<JsonItem<Result>>
  callStream(
    fn: BytesFunction | StreamFunction,
    input: Uint8Array | AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): AsyncIterableIterator<Uint8Array>
  callStream(name: string, input?: unknown, options?: CallOptions): AsyncIterableIterator<Uint8Array>
}
