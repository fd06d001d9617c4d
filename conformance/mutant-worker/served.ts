/** Calls that the engine starts: inputs in, outputs out, one final message each. */
import {
  announcedBytes,
  BODY_BYTES,
  CREDIT_MAX,
  Flag,
  isAfter,
  MessageType,
  type MessageView,
  PAYLOAD_LENGTH_UNKNOWN,
  type ReasonName,
  type Verdict,
} from '@millrace/protocol'
import { encodeFailure, failure, spanMessages } from '@millrace/protocol/cold'
import { writeFile } from './files.ts'
import type { Out } from './out.ts'
import { is } from './switch.ts'

/** How a handler fails. */
export class Failed extends Error {
  readonly reason: ReasonName
  readonly more: { code?: string; retryable?: boolean; status?: number }

  constructor(reason: ReasonName, message: string, more: { code?: string; retryable?: boolean; status?: number } = {}) {
    super(message)
    this.reason = reason
    this.more = more
  }
}

export class ServedCall {
  readonly id: number
  readonly name: string
  readonly view: MessageView
  readonly abort = new AbortController()
  readonly #announced: number | undefined
  readonly #parts: Uint8Array[] = []
  #bytes = 0
  #unacked = 0
  inputEnded: boolean
  started = performance.now()
  credit = CREDIT_MAX
  sentHead = false
  total = 0
  ended = false
  onCredit: () => void = () => {}

  constructor(name: string, view: MessageView) {
    this.id = view.callId
    this.name = name
    this.view = view
    this.#announced = view.more ? announcedBytes(view.payloadLength) : view.bodyLength
    this.inputEnded = !view.more
    this.add(view.body)
  }

  /** All of the input, from a file. */
  takeFile(bytes: Uint8Array): void {
    this.#parts.length = 0
    this.#parts.push(bytes)
  }

  add(body: Uint8Array): void {
    this.#parts.push(body.slice())
    this.#bytes += body.length
  }

  /** Whether the bytes contradict what was announced. */
  get wrong(): boolean {
    if (this.#announced === undefined) return false
    return this.inputEnded ? this.#bytes !== this.#announced : this.#bytes > this.#announced
  }

  get input(): Uint8Array {
    return is('input-first-part-only') ? this.#parts[0]! : Buffer.concat(this.#parts)
  }

  /** How much credit to grant after one more DATA. */
  grantAfterData(): number {
    this.#unacked += 1
    if (this.#unacked < CREDIT_MAX / 2) return 0
    this.#unacked = 0
    return CREDIT_MAX / 2
  }
}

export class Served {
  readonly open = new Map<number, ServedCall>()
  readonly #out: Out
  streaming = false
  /** Outputs from this size on go in files; Infinity: none does. */
  fileBytes = Number.POSITIVE_INFINITY
  #last = 0
  onIdle: () => void = () => {}

  constructor(out: Out) {
    this.#out = out
  }

  wasStarted(id: number): boolean {
    return !isAfter(id, this.#last)
  }

  /** Whether an INVOKE may have this id. */
  judgeId(id: number, lax: (rule: string) => boolean): Verdict | undefined {
    if (!isAfter(id, this.#last) && !lax('call-id-rising')) return { rule: 'call-id-rising', message: `INVOKE ${id}` }
    if (this.open.has(id) && !lax('call-id-open-skipped'))
      return { rule: 'call-id-open-skipped', message: `INVOKE ${id}` }
    this.#last = id
    return undefined
  }

  /** Sends some of the output: `head` begins it, `last` ends it. Resolves when it is on its way. */
  async stream(call: ServedCall, bytes: Uint8Array, last: boolean): Promise<void> {
    let at = 0
    if (!call.sentHead && bytes.length > 0) {
      const first = bytes.subarray(0, BODY_BYTES)
      this.#result(call, first, Flag.MORE, PAYLOAD_LENGTH_UNKNOWN)
      at = first.length
    }
    await this.#data(call, bytes, at, last)
  }

  /** Sends a whole output. */
  async output(call: ServedCall, bytes: Uint8Array): Promise<void> {
    if (call.ended) return
    if (bytes.length <= BODY_BYTES) {
      this.#result(call, bytes, 0, bytes.length)
      this.#close(call)
      return
    }
    if (!this.streaming && !is('output-cut')) {
      if (is('more-unasked')) {
        this.#result(call, bytes.subarray(0, BODY_BYTES), Flag.MORE, bytes.length)
        return
      }
      this.fail(call, new Failed('payload_too_large', `the output has ${bytes.length} bytes`))
      return
    }
    if (!this.streaming) {
      this.#result(call, bytes.subarray(0, BODY_BYTES), 0, BODY_BYTES)
      this.#close(call)
      return
    }
    if (bytes.length >= this.fileBytes) {
      const flags = is('file-and-more') ? Flag.PAYLOAD_FILE | Flag.MORE : Flag.PAYLOAD_FILE
      const size = is('file-size-announced') ? bytes.length + 1 : bytes.length
      this.#result(call, Buffer.from(writeFile(bytes)), flags, size)
      this.#close(call)
      return
    }
    this.#result(call, bytes.subarray(0, BODY_BYTES), Flag.MORE, bytes.length)
    await this.#data(call, bytes, BODY_BYTES, true)
  }

  async #data(call: ServedCall, bytes: Uint8Array, from: number, last: boolean): Promise<void> {
    let at = from
    const keep = last ? BODY_BYTES : 0
    while (bytes.length - at > keep) {
      if (call.ended) return
      if (call.abort.signal.aborted) throw new Failed('cancelled', 'cancelled')
      if (call.credit === 0 && !is('data-without-credit')) {
        await new Promise<void>((resolve) => {
          call.onCredit = resolve
          call.abort.signal.addEventListener('abort', () => resolve())
        })
        continue
      }
      const part = bytes.subarray(at, Math.min(bytes.length, at + BODY_BYTES))
      call.credit = Math.max(0, call.credit - 1)
      call.total += part.length
      this.#out.send(
        MessageType.DATA,
        (writer) => {
          writer.callId = call.id
          writer.flags = Flag.MORE
        },
        part,
      )
      at += part.length
    }
    if (!last) return
    // The last message is a DATA too, where it must not be: one that waits for credit it does not need.
    while (is('final-waits-for-credit') && call.credit === 0 && !call.abort.signal.aborted) {
      await new Promise<void>((resolve) => {
        call.onCredit = resolve
        call.abort.signal.addEventListener('abort', () => resolve())
      })
    }
    const rest = bytes.subarray(at)
    this.#result(call, rest, 0, call.total + rest.length)
    this.#close(call)
  }

  #result(call: ServedCall, body: Uint8Array, flags: number, payloadLength: number): void {
    if (call.ended) return
    call.sentHead = true
    call.total += body.length
    this.#out.send(
      MessageType.RESULT,
      (writer) => {
        writer.callId = call.id
        writer.flags = flags
        writer.payloadLength = payloadLength
        writer.runUs = runUs(call)
      },
      body,
    )
  }

  /** Sends as much of an output as there is, as if that were all. */
  part(call: ServedCall, bytes: Uint8Array): void {
    this.#result(call, bytes, 0, bytes.length)
  }

  fail(call: ServedCall, thrown: unknown): void {
    if (call.ended) return
    const error = thrown instanceof Failed ? thrown : new Failed('handler_error', (thrown as Error).message)
    this.refuse(call.id, error, runUs(call))
    this.#close(call)
  }

  /** ERROR for a call, whether or not it was started. */
  refuse(callId: number, error: Failed, ranUs = 0): void {
    const engines = ENGINES.has(error.reason) && !is('engine-reason-sent')
    const base = failure(engines ? 'handler_error' : error.reason, is('message-lost') ? '' : error.message, {
      ...(is('code-lost') ? {} : { code: error.more.code ?? '' }),
      retryable: is('retry-always-said') ? false : is('retry-lost') ? undefined : error.more.retryable,
    })
    const body = is('error-too-long') && error.message.length > 1000 ? padded(encodeFailure(base)) : encodeFailure(base)
    this.#out.sendWhole(
      spanMessages(MessageType.ERROR, body, (writer) => {
        writer.callId = callId
        writer.status = base.status
        writer.runUs = ranUs
      }),
    )
  }

  #close(call: ServedCall): void {
    call.ended = true
    if (is('exits-after-error') && call.sentHead === false) process.exit(1)
    this.open.delete(call.id)
    if (this.open.size === 0) this.onIdle()
  }
}

/** A failure that is too long to be sent: an unknown field of 70,000 bytes behind it. */
function padded(body: Uint8Array): Uint8Array {
  return Buffer.concat([body, Buffer.from([0xc2, 0x3e, 0xf0, 0xa2, 0x04]), new Uint8Array(70_000)])
}

function runUs(call: ServedCall): number {
  return Math.max(1, Math.round((performance.now() - call.started) * 1000))
}

const ENGINES: ReadonlySet<string> = new Set([
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'worker_unavailable',
  'protocol_error',
  'unauthenticated',
  'version_unsupported',
])
