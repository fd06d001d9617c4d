import type { CallOptions } from './context.ts'
import { durationUs } from './duration.ts'
import { MillraceError, UsageError } from './errors.ts'
import type { IncomingPayload } from './payload-in.ts'
import type { OutgoingPayload } from './payload-out.ts'
import type { ServedCall } from './served-call.ts'

/** What an internal call sends. One of text, bytes and stream is set. Kept until the call settles: a stale id sends it again. */
export interface CallInput {
  readonly text: string | undefined
  readonly bytes: Uint8Array | undefined
  readonly stream: AsyncIterable<Uint8Array> | undefined
  readonly content: number
}

/** What becomes of the output: a value by its content, bytes, or a stream of bytes. */
export type OutputForm = 'value' | 'bytes' | 'stream'

/** Gets the outcome of an internal call, once. */
export interface CallListener {
  /** The output's first bytes came. For `stream` only: `output` gives the rest. */
  onHead(output: AsyncIterableIterator<Uint8Array>, content: number): void
  onValue(value: unknown): void
  onFailure(error: unknown): void
}

/** One internal call, from `ctx.call` to its final message. */
export class PendingCall {
  readonly name: string
  readonly parent: ServedCall
  readonly input: CallInput
  readonly form: OutputForm
  /** Its own time limit in microseconds; 0: none. */
  readonly timeoutUs: number
  readonly priority: number
  /** Its id on the channel; 0: INVOKE was not sent. */
  id = 0
  functionId = 0
  /** Content of the output, from its head. */
  content = 0
  /** Output on its way in, after its head. */
  incoming: IncomingPayload | undefined
  /** Input on its way out, after INVOKE. */
  outgoing: OutgoingPayload | undefined
  /** The failure that made it ask for its name once more; undefined: it has not. */
  staleError: MillraceError | undefined
  /** The caller has its outcome; on the channel the call may still be open. */
  settled = false
  readonly #listener: CallListener
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: (() => void) | undefined

  /** `onAbort`: the option's signal was aborted. @throws UsageError for an option out of range. */
  constructor(
    parent: ServedCall,
    name: string,
    input: CallInput,
    options: CallOptions | undefined,
    form: OutputForm,
    listener: CallListener,
    onAbort: (call: PendingCall) => void,
  ) {
    this.parent = parent
    this.name = name
    this.input = input
    this.form = form
    this.#listener = listener
    this.timeoutUs = options?.timeout === undefined ? 0 : durationUs(options.timeout, `timeout of the call of ${name}`)
    this.priority = options?.priority ?? parent.priority
    if (!Number.isInteger(this.priority) || this.priority < 0 || this.priority > 7) {
      throw new UsageError(`priority of the call of ${name} is ${this.priority}; use an integer from 0 (urgent) to 7`)
    }
    if (options?.signal !== undefined) {
      this.#signal = options.signal
      this.#onAbort = () => onAbort(this)
      this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    }
  }

  /** Why the option's signal says that the call should not go on, if it does. */
  get aborted(): MillraceError | undefined {
    if (this.#signal?.aborted !== true) return undefined
    return new MillraceError('cancelled', `the call of ${this.name} was cancelled`, { cause: this.#signal.reason })
  }

  head(output: AsyncIterableIterator<Uint8Array>, content: number): void {
    if (!this.settled) this.#listener.onHead(output, content)
  }

  succeed(value: unknown): void {
    if (!this.#settle()) return
    this.#listener.onValue(value)
  }

  fail(error: unknown): void {
    if (!this.#settle()) return
    this.outgoing?.stop()
    this.incoming?.fail(error)
    this.#listener.onFailure(error)
  }

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}
