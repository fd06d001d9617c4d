/** What goes wrong, as errors: the type says who is to blame, `reason` what to do. The same names in every SDK. */
import { REASONS, type ReasonName } from '@millrace/protocol'
import type { Failure } from '@millrace/protocol/cold'

/** The closed list of reasons; `spec/5-failures.md` says for each what the caller should do. */
export type Reason = ReasonName

/** What a {@link MillraceError} may say beyond its reason and message. */
export interface MillraceErrorOptions {
  /** A code of your own, for programs; up to 256 bytes. Default: none. */
  readonly code?: string | undefined
  /** Whether the same call may succeed later. Default: what the reason says. */
  readonly retryable?: boolean | undefined
  /** What caused it; kept here, never sent. */
  readonly cause?: unknown
  /** Name of the function that failed. The engine fills it in when it is not given. */
  readonly function?: string | undefined
  /** gRPC status number, 1 to 16; sent with `handler_error` only. Default: the reason's own. */
  readonly status?: number | undefined
  /** Type of the error in the failing function's language, such as `ValueError`. Default: none. */
  readonly errorType?: string | undefined
  /** Stack trace from the worker where it failed. Default: none. */
  readonly remoteStack?: string | undefined
}

/**
 * A call that failed. Thrown by `ctx.call` when the callee failed; throw one in a handler to fail with a reason, a code
 * and a retry hint of your choice. Any other error thrown by a handler becomes `handler_error`.
 *
 * ```ts
 * throw new MillraceError('bad_input', 'no such user', { code: 'NO_USER', retryable: false })
 * ```
 */
export class MillraceError extends Error {
  override name = 'MillraceError'
  /** Why, from the closed list. Programs should branch on this, or on `code`. */
  readonly reason: Reason
  /** gRPC status number, 1 to 16. */
  readonly status: number
  /** The failing function's own code; undefined: none. */
  readonly code: string | undefined
  /** Whether the same call may succeed later: as the failing side said, otherwise by the reason (`maybe` is false). */
  readonly retryable: boolean
  /** Whether the failing side said so itself; undefined: the reason decides. */
  readonly retryHint: boolean | undefined
  /** Name of the function that failed; undefined: not told. */
  readonly function: string | undefined
  /** Type of the error where it was thrown, such as `TypeError`; undefined: not told. */
  readonly errorType: string | undefined
  /** Stack trace where it was thrown; undefined: not told, or thrown here. */
  readonly remoteStack: string | undefined

  constructor(reason: Reason, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    const info = REASONS[reason]
    if (info === undefined) {
      throw new UsageError(
        `${JSON.stringify(reason)} is not a reason; choose one of ${Object.keys(REASONS).join(', ')}`,
      )
    }
    this.reason = reason
    this.status = options.status ?? info.status
    this.code = options.code
    this.retryHint = options.retryable
    this.retryable = options.retryable ?? info.retry === 'yes'
    this.function = options.function
    this.errorType = options.errorType
    this.remoteStack = options.remoteStack
  }

  /**
   * Makes anything that was thrown a MillraceError. One that already is comes back itself; another error becomes a
   * `handler_error` with its type and stack; any other value a `handler_error` with the value as text. Never throws.
   */
  static from(thrown: unknown): MillraceError {
    if (thrown instanceof MillraceError) return thrown
    if (isForeign(thrown)) return new MillraceError(thrown.reason, thrown.message, { ...thrown, cause: thrown })
    if (thrown instanceof Error) {
      return new MillraceError('handler_error', thrown.message, {
        cause: thrown,
        errorType: typeName(thrown),
        ...(typeof thrown.stack === 'string' && { remoteStack: thrown.stack }),
      })
    }
    return new MillraceError('handler_error', text(thrown), { cause: thrown, errorType: typeof thrown })
  }

  /** The error that a failure from the wire stands for. */
  static ofFailure(failure: Failure): MillraceError {
    return new MillraceError(failure.reason, failure.message, {
      status: failure.status,
      ...(failure.code !== '' && { code: failure.code }),
      ...(failure.retryable !== undefined && { retryable: failure.retryable }),
      ...(failure.function !== '' && { function: failure.function }),
      ...(failure.errorType !== '' && { errorType: failure.errorType }),
      ...(failure.stack !== '' && { remoteStack: failure.stack }),
    })
  }

  /**
   * What goes on the wire when a handler fails with this. A reason by which the engine speaks of itself or of a call
   * that never started becomes `handler_error` (rule `error-reason-worker`), and the reason goes into the message. Only
   * with `handler_error` is a status of one's own kept (rule `error-status-of-reason`).
   */
  toFailure(): Failure {
    const sendable = !NOT_A_HANDLERS.has(this.reason)
    const reason = sendable ? this.reason : 'handler_error'
    const ownStatus = reason === this.reason && reason === 'handler_error' && this.status >= 1 && this.status <= 16
    return {
      reason,
      status: ownStatus ? Math.floor(this.status) : REASONS[reason].status,
      message: sendable ? this.message : `${this.reason}: ${this.message}`,
      code: this.code ?? '',
      errorType: this.errorType ?? this.name,
      stack: this.remoteStack ?? this.stack ?? '',
      retryable: this.retryHint,
      function: this.function ?? '',
    }
  }
}

/** You broke a rule of this SDK: a bug on this side. Nothing was sent. Its reason is `handler_error`. */
export class UsageError extends MillraceError {
  override name = 'UsageError'

  constructor(message: string) {
    super('handler_error', message)
  }
}

/**
 * The engine broke the protocol or is gone. This worker cannot go on and ends by itself; whether an open internal call
 * ran is unknown. Its reason is `protocol_error` or `internal`.
 */
export class PeerError extends MillraceError {
  override name = 'PeerError'

  constructor(message: string, reason: 'protocol_error' | 'internal' = 'protocol_error') {
    super(reason, message)
  }
}

/**
 * Reasons that a handler can't give. `draining` and `overloaded` would make the engine run the call once more elsewhere,
 * as if this one had never started; the others only the engine can know.
 */
const NOT_A_HANDLERS: ReadonlySet<Reason> = new Set([
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'worker_unavailable',
  'protocol_error',
  'unauthenticated',
  'version_unsupported',
  'draining',
  'overloaded',
])

/** A MillraceError of another copy of this package, which a user's own node_modules may bring. */
function isForeign(thrown: unknown): thrown is MillraceError {
  return (
    thrown instanceof Error &&
    'reason' in thrown &&
    Object.hasOwn(REASONS, String(thrown.reason)) &&
    'retryable' in thrown
  )
}

function typeName(error: Error): string {
  const byClass: unknown = error.constructor?.name
  return error.name !== 'Error' || typeof byClass !== 'string' || byClass === '' ? String(error.name) : byClass
}

function text(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  } catch {
    return Object.prototype.toString.call(value) // It has a toJSON or a cycle that throws; the kind is all there is.
  }
}
