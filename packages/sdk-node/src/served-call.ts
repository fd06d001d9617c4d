import { BODY_BYTES, Content, Flag, MessageType, type MessageView, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { encodeFailure, spanMessages } from '@millrace/protocol/cold'
import { jsonText } from './content.ts'
import { isStream } from './detached-context.ts'
import { MillraceError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import { DEADLINE_SLACK_US, INLINE_CHARS_MAX } from './limits.ts'
import type { IncomingPayload } from './payload-in.ts'
import { OutgoingPayload, type PayloadTail } from './payload-out.ts'
import type { ServedCalls } from './served-calls.ts'
import { ServedContext } from './served-context.ts'

const TIME_MAX = 0xffff_ffff

/** One call that this worker runs, from its INVOKE to its one final message (rule `call-one-final`). */
export class ServedCall implements PayloadTail {
  readonly id: number
  readonly fn: AnyFunction
  readonly receivedUs: number
  /** Time left when it came, in microseconds; 0: no limit. */
  readonly timeoutUs: number
  readonly depth: number
  readonly priority: number
  readonly attempt: number
  /** Trace id and span id as six big-endian words, and the flags: text is made only when asked for. */
  readonly trace: readonly [number, number, number, number, number, number, number]
  /** Input on its way in; undefined when it came whole. */
  input: IncomingPayload | undefined
  /** Output on its way out, after its head. */
  output: OutgoingPayload | undefined
  /** Why it should stop; undefined: it should not. */
  cancelled: MillraceError | undefined
  ended = false
  /** Its input came in a file. */
  inFile = false
  readonly #calls: ServedCalls
  #startedUs = 0
  #abort: AbortController | undefined

  constructor(calls: ServedCalls, fn: AnyFunction, view: MessageView) {
    this.#calls = calls
    this.fn = fn
    this.id = view.callId
    this.receivedUs = calls.world.nowUs()
    this.timeoutUs = view.timeoutUs
    this.depth = view.depth
    this.priority = view.priority
    this.attempt = view.attempt
    const { data, at } = view
    this.trace = [
      data.getUint32(at + 32),
      data.getUint32(at + 36),
      data.getUint32(at + 40),
      data.getUint32(at + 44),
      data.getUint32(at + 48),
      data.getUint32(at + 52),
      view.traceFlags,
    ]
  }

  get calls(): ServedCalls {
    return this.#calls
  }

  /** Made when first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.cancelled !== undefined) this.#abort.abort(this.cancelled)
    }
    return this.#abort.signal
  }

  /** Runs the handler. A result that is there at once is sent in the same turn. */
  start(input: unknown): void {
    this.#startedUs = this.#calls.world.nowUs()
    let result: unknown
    try {
      result = this.fn.handler(input as never, new ServedContext(this))
    } catch (thrown) {
      this.fail(thrown)
      return
    }
    if (isThenable(result)) {
      result.then(
        (value) => this.#complete(value),
        (thrown) => this.fail(thrown),
      )
    } else this.#complete(result)
  }

  /** The engine asks to stop: the handler learns it by its signal. The final message still comes. */
  cancel(): void {
    if (this.cancelled !== undefined) return
    const late = this.timeoutUs > 0 && this.#calls.world.nowUs() - this.receivedUs >= this.timeoutUs - DEADLINE_SLACK_US
    this.stop(
      late
        ? new MillraceError('deadline_exceeded', `${this.fn.name} did not end within ${this.timeoutUs / 1000} ms`)
        : new MillraceError('cancelled', `the call of ${this.fn.name} was cancelled`),
    )
    // A handler that still waits for its whole input has not begun, and one that waits for credit for the rest of its
    // output is done: nobody else would end the call.
    if (this.#startedUs === 0 || this.output?.closing) this.fail(this.cancelled)
    else this.output?.stop()
  }

  /** Makes the signal abort, the streamed input fail, and the internal calls end. */
  stop(error: MillraceError): void {
    this.cancelled = error
    this.input?.fail(error)
    this.#calls.caller.cancelChildren(this, error)
    this.#abort?.abort(error)
  }

  /** Ends the call with ERROR. After a CANCEL its reason is the cancellation's, whatever the handler threw. */
  fail(thrown: unknown): void {
    if (this.ended) return
    this.output?.stop()
    const failure = (this.cancelled ?? MillraceError.from(thrown)).toFailure()
    const runUs = this.#runUs()
    const messages = spanMessages(MessageType.ERROR, encodeFailure(failure), (writer) => {
      writer.callId = this.id
      writer.status = failure.status
      writer.runUs = runUs
    })
    this.#calls.channel.sendMessages(messages)
    this.#calls.close(this)
  }

  /** The tail of a streamed or long output: the final RESULT (rule `result-total`). */
  readonly needsCredit = false

  send(bytes: Uint8Array, from: number, length: number, total: number): void {
    this.#result(0, this.fn.kind === 'json' ? this.#jsonContent : this.fn.content, total, bytes, from, length)
    this.#calls.close(this)
  }

  /** Content of the output of a JSON function, known when its head is sent. */
  #jsonContent: number = Content.JSON

  #complete(value: unknown): void {
    if (this.ended) return
    if (isStream(value)) {
      this.#sendStream(value).catch((thrown: unknown) => this.fail(thrown))
      return
    }
    if (value instanceof Uint8Array) {
      this.#sendBytes(value, this.fn.kind === 'json' ? Content.BYTES : this.fn.content)
      return
    }
    if (this.fn.kind !== 'json') {
      this.fail(
        new TypeError(
          `${this.fn.name} gave ${value === null ? 'null' : typeof value}, not a Uint8Array or a stream of them`,
        ),
      )
      return
    }
    let text: string
    try {
      text = jsonText(value)
    } catch (thrown) {
      this.fail(thrown)
      return
    }
    if (text.length > INLINE_CHARS_MAX) {
      this.#sendBytes(Buffer.from(text), Content.JSON)
      return
    }
    const { channel } = this.#calls
    const writer = channel.begin(MessageType.RESULT)
    const length = channel.writeText(writer, text)
    writer.callId = this.id
    writer.payloadLength = length
    writer.runUs = this.#runUs()
    writer.content = Content.JSON
    channel.end(length)
    this.#calls.close(this)
  }

  #sendBytes(bytes: Uint8Array, content: number): void {
    this.#jsonContent = content
    if (bytes.length <= BODY_BYTES) {
      this.#result(0, content, bytes.length, bytes, 0, bytes.length)
      this.#calls.close(this)
      return
    }
    const refused = this.#calls.refuseOutput(bytes.length)
    if (refused !== undefined) {
      this.fail(refused)
      return
    }
    const file = this.#calls.writeFile(this, bytes)
    if (file !== undefined) {
      this.#result(Flag.PAYLOAD_FILE, content, bytes.length, Buffer.from(file), 0, file.length)
      this.#calls.close(this)
      return
    }
    this.#result(Flag.MORE, content, bytes.length, bytes, 0, BODY_BYTES)
    this.output = new OutgoingPayload(this.#calls.channel, this.id, BODY_BYTES, this)
    this.output.finish(bytes, BODY_BYTES)
  }

  async #sendStream(parts: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    const json = this.fn.kind === 'json'
    if (json) this.#jsonContent = Content.NDJSON
    const whole: Uint8Array[] = []
    for await (const part of parts) {
      if (this.ended) return
      if (this.cancelled !== undefined) throw this.cancelled
      const bytes = json ? Buffer.from(`${JSON.stringify(part) ?? 'null'}\n`) : part
      if (!(bytes instanceof Uint8Array))
        throw new TypeError(`${this.fn.name} yielded ${typeof part}, not a Uint8Array`)
      if (bytes.length === 0) continue
      if (!this.#calls.streaming) whole.push(bytes)
      else await this.#sendPart(bytes)
    }
    if (this.output !== undefined) this.output.end()
    else this.#sendBytes(Buffer.concat(whole), json ? Content.NDJSON : this.fn.content)
  }

  /** Sends one part of a stream: the first in the head RESULT, as far as it fits. */
  #sendPart(bytes: Uint8Array): Promise<void> | undefined {
    const refused = this.#calls.refuseOutput((this.output?.total ?? 0) + bytes.length)
    if (refused !== undefined) throw refused
    if (this.output !== undefined) return this.output.write(bytes)
    const length = Math.min(BODY_BYTES, bytes.length)
    const content = this.fn.kind === 'json' ? Content.NDJSON : this.fn.content
    this.#result(Flag.MORE, content, PAYLOAD_LENGTH_UNKNOWN, bytes, 0, length)
    this.output = new OutgoingPayload(this.#calls.channel, this.id, length, this)
    return length < bytes.length ? this.output.write(bytes.subarray(length)) : undefined
  }

  #result(
    flags: number,
    content: number,
    payloadLength: number,
    bytes: Uint8Array,
    from: number,
    length: number,
  ): void {
    const { channel } = this.#calls
    const writer = channel.begin(MessageType.RESULT)
    writer.flags = flags
    writer.callId = this.id
    writer.payloadLength = payloadLength
    writer.runUs = this.#runUs()
    writer.content = content
    writer.copyBody(bytes, from, length)
    channel.end(length)
  }

  /** Time since the handler began, rounded up: 0 is left to calls that never began. */
  #runUs(): number {
    if (this.#startedUs === 0) return 0
    return Math.min(TIME_MAX, Math.max(1, Math.ceil(this.#calls.world.nowUs() - this.#startedUs)))
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
