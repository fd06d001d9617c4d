import { Content, isFunctionName } from '@millrace/protocol'
import type { CallInput } from './caller.ts'
import { jsonText } from './content.ts'
import type { CallOptions, Context, Logger, Trace } from './context.ts'
import { UsageError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import { CallLog } from './log.ts'
import type { ServedCall } from './served-call.ts'

type Callee = AnyFunction | string

/** The context of a call that an engine sent. Holds nothing of its own but the call: everything is made when asked for. */
export class ServedContext implements Context {
  readonly #call: ServedCall
  #log: Logger | undefined

  constructor(call: ServedCall) {
    this.#call = call
  }

  get id(): number {
    return this.#call.id
  }

  get function(): string {
    return this.#call.fn.name
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }

  get deadline(): Date | undefined {
    const leftMs = this.remainingMs()
    return leftMs === Number.POSITIVE_INFINITY ? undefined : new Date(Date.now() + leftMs)
  }

  remainingMs(): number {
    const { timeoutUs, receivedUs, calls } = this.#call
    return timeoutUs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, receivedUs + timeoutUs - calls.world.nowUs()) / 1000
  }

  get depth(): number {
    return this.#call.depth
  }

  get priority(): number {
    return this.#call.priority
  }

  get attempt(): number {
    return this.#call.attempt
  }

  get trace(): Trace {
    const { trace } = this.#call
    const hex = trace.slice(0, 6).map((word) => word.toString(16).padStart(8, '0'))
    return { traceId: hex.slice(0, 4).join(''), spanId: hex.slice(4).join(''), sampled: (trace[6] & 1) !== 0 }
  }

  get log(): Logger {
    this.#log ??= new CallLog(this.#call.calls.log, this.#call)
    return this.#log
  }

  // Promises of `never` fit every overload of the interface; what they really give is decided by the callee.
  call(callee: Callee, input?: unknown, options?: CallOptions): Promise<never> {
    try {
      const { caller } = this.#call.calls
      return caller.call(this.#call, nameOf(callee), inputOf(callee, input), options, 'value') as Promise<never>
    } catch (thrown) {
      return Promise.reject(thrown) // An input that has no JSON, or an option out of range.
    }
  }

  callBytes(callee: Callee, input: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    try {
      const { caller } = this.#call.calls
      return caller.call(this.#call, nameOf(callee), bytesInput(callee, input), options, 'bytes') as Promise<Uint8Array>
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  callStream(callee: Callee, input?: unknown, options?: CallOptions): AsyncIterableIterator<never> {
    const { caller } = this.#call.calls
    const items = typeof callee !== 'string' && callee.kind === 'json'
    return caller.stream(
      this.#call,
      nameOf(callee),
      inputOf(callee, input),
      options,
      items,
    ) as AsyncIterableIterator<never>
  }
}

function nameOf(callee: Callee): string {
  if (typeof callee !== 'string') return callee.name
  if (isFunctionName(callee)) return callee
  throw new UsageError(`${JSON.stringify(callee)} can't name a function (rule name-form)`)
}

function bytesInput(callee: Callee, input: Uint8Array): CallInput {
  if (!(input instanceof Uint8Array))
    throw new UsageError(`callBytes of ${nameOf(callee)} got ${typeof input}, not a Uint8Array`)
  return { text: undefined, bytes: input, stream: undefined, content: Content.BYTES }
}

/** What is sent for an input: bytes and streams of bytes as they are, anything else as JSON. */
function inputOf(callee: Callee, input: unknown): CallInput {
  const json = typeof callee !== 'string' && callee.kind === 'json'
  if (!json && input instanceof Uint8Array) {
    return { text: undefined, bytes: input, stream: undefined, content: Content.BYTES }
  }
  if (!json && typeof input === 'object' && input !== null && Symbol.asyncIterator in input) {
    return { text: undefined, bytes: undefined, stream: input as AsyncIterable<Uint8Array>, content: Content.BYTES }
  }
  return { text: jsonText(input), bytes: undefined, stream: undefined, content: Content.JSON }
}
