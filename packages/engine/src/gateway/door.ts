import type { Failure } from '@millrace/protocol/cold'
import type { TraceContext } from '../observe/trace-context.ts'

export type { TraceContext } from '../observe/trace-context.ts'

/** The start of an external call. */
export interface DoorRequest {
  readonly function: string
  /** Number of the content table of the layout. */
  readonly content: number
  /** RFC 9218 urgency, 0 to 7. */
  readonly priority: number
  /** The caller's own limit in microseconds; 0: none. The function's limit holds as well. */
  readonly timeoutUs: number
  /** Trace to join; undefined: a new, unsampled one. */
  readonly trace: TraceContext | undefined
  /** Bytes of the whole input; undefined: a stream whose end is not known. */
  readonly inputBytes: number | undefined
}

/** Where the time of a settled call went, in microseconds. */
export interface CallTiming {
  /** Waiting for a worker. */
  readonly queueUs: number
  /** In the handler, as the worker told. */
  readonly runUs: number
  /** From entering to settling. */
  readonly totalUs: number
}

/**
 * Gets what happens to an external call. Called from the engine's own turn: must be quick and must not throw.
 *
 * `onHead` comes before any `onOutput` and before `onEnd`. The output never has more bytes than `onHead` announced. A call
 * that fails at once may say so from within `write` or `end`, but never from within `open`.
 */
export interface DoorListener {
  /** The first bytes of the output. `outputBytes`: of the whole, undefined when not known. Before `onOutput`, once. */
  onHead(content: number, outputBytes: number | undefined): void
  /** Some of the output; never empty. The bytes are valid only during this call. */
  onOutput(bytes: Uint8Array): void
  /** The outcome is ok; nothing more comes. */
  onEnd(timing: CallTiming): void
  /** The outcome is a failure; nothing more comes. `onHead` may have been before. */
  onFailure(failure: Failure, timing: CallTiming): void
  /** `write` returned false and more input is welcome now. */
  onDrain(): void
}

/** An open external call. */
export interface DoorCall {
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId: string
  /** Span of this call, 16 hexadecimal digits. */
  readonly spanId: string
  /**
   * Gives some of the input; copies it. Returns false when the callee is behind: wait for `onDrain` before the next
   * write. At most `DOOR_INPUT_BYTES_MAX` are held; a writer that ignores `false` gets the call ended.
   */
  write(bytes: Uint8Array): boolean
  /** The input is complete. Nothing is dispatched to a worker before the end or more than 960 bytes were given. */
  end(): void
  /**
   * `bytes` of the output were consumed: lets the callee send as much more. A listener that never says so gets about
   * 32 KiB and no more, so an idle reader costs bounded memory.
   */
  consumed(bytes: number): void
  /** The caller goes away: CANCEL for the call and everything below it. No listener method is called any more. */
  cancel(): void
}

/** Where external calls enter: the HTTP gateway and `engine.invoke` use it alike. */
export interface Door {
  /**
   * Opens a call. Never throws: what can't be opened (no such function, payload over the limit, engine draining) comes
   * as `onFailure`, after this returned.
   */
  open(request: DoorRequest, listener: DoorListener): DoorCall
}
