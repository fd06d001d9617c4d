/** Calls that this worker makes: RESOLVE, INVOKE, and the outcome. */
import {
  announcedBytes,
  BODY_BYTES,
  CREDIT_MAX,
  Flag,
  isAfter,
  MessageType,
  type MessageView,
  nextCallId,
  type Verdict,
} from '@millrace/protocol'
import { decodeFailure, type Failure, failure } from '@millrace/protocol/cold'
import { readFile } from './files.ts'
import type { Out } from './out.ts'
import type { ServedCall } from './served.ts'
import { is } from './switch.ts'

export type CallOutcome = { readonly output: Uint8Array } | { readonly failure: Failure }

interface Pending {
  readonly parent: ServedCall
  readonly name: string
  readonly input: Uint8Array
  readonly timeoutMs: number
  readonly settle: (outcome: CallOutcome) => void
  id: number
  at: number
  credit: number
  parts: Uint8Array[]
  bytes: number
  announced: number | undefined
  begun: boolean
  unacked: number
}

const RULE = (rule: string): Verdict => ({ rule, message: 'of an internal call' })

export class Caller {
  readonly open = new Map<number, Pending>()
  readonly #out: Out
  readonly #lax: (rule: string) => boolean
  readonly #names = new Map<string, number>()
  readonly #asked = new Map<string, ((id: number) => void)[]>()
  #toAsk: string[] = []
  #waiting: (() => void)[] = []
  #last = is('ids-begin-with-3') ? 1 : 0xffff_ffff
  invokesMax = 0
  resolvesMax = 0
  accepted = false

  constructor(out: Out, lax: (rule: string) => boolean) {
    this.#out = out
    this.#lax = lax
  }

  wasStarted(id: number): boolean {
    return !isAfter(id, this.#last)
  }

  async call(parent: ServedCall, name: string, input: Uint8Array, timeoutMs: number): Promise<CallOutcome> {
    if (!this.accepted && !is('calls-unasked')) return { failure: failure('unsupported', 'no internal calls') }
    const functionId = this.accepted ? await this.#resolve(name) : 1
    if (functionId === 0 && !is('invoke-not-found')) return { failure: failure('not_found', `no function ${name}`) }
    if (this.open.size >= this.invokesMax && this.accepted && !is('open-invokes-unbounded')) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return await new Promise((settle) => this.#invoke(parent, name, functionId || 1, input, timeoutMs, settle))
  }

  async #resolve(name: string): Promise<number> {
    const known = this.#names.get(name)
    if (known !== undefined && !is('resolve-each-time')) return known
    return await new Promise((resolve) => {
      const waiting = this.#asked.get(name)
      if (waiting !== undefined) waiting.push(resolve)
      else {
        this.#asked.set(name, [resolve])
        this.#toAsk.push(name)
        this.#ask()
      }
    })
  }

  #ask(): void {
    const open = this.#asked.size - this.#toAsk.length
    for (
      let room = this.resolvesMax - open;
      this.#toAsk.length > 0 && (room > 0 || is('open-resolves-unbounded'));
      room -= 1
    ) {
      this.#out.send(MessageType.RESOLVE, () => {}, Buffer.from(this.#toAsk.shift()!))
    }
  }

  /** RESOLVED. */
  resolved(view: MessageView): Verdict | undefined {
    const name = Buffer.from(view.body).toString()
    const waiting = this.#asked.get(name)
    if (waiting === undefined || this.#toAsk.includes(name)) {
      return this.#lax('resolved-open') ? undefined : RULE('resolved-open')
    }
    this.#asked.delete(name)
    if (view.functionId !== 0) this.#names.set(name, view.functionId)
    for (const one of waiting) one(view.functionId)
    this.#ask()
    return undefined
  }

  #invoke(
    parent: ServedCall,
    name: string,
    functionId: number,
    input: Uint8Array,
    timeoutMs: number,
    settle: (outcome: CallOutcome) => void,
  ): void {
    if (!is('ids-not-rising') || this.#last === 0xffff_ffff) this.#last = nextCallId(this.#last)
    const id = this.#last
    const more = input.length > BODY_BYTES
    const call: Pending = {
      parent,
      name,
      input,
      timeoutMs,
      settle,
      id,
      at: 0,
      credit: CREDIT_MAX,
      parts: [],
      bytes: 0,
      announced: undefined,
      begun: false,
      unacked: 0,
    }
    this.open.set(id, call)
    this.#out.send(
      MessageType.INVOKE,
      (writer) => {
        writer.callId = id
        writer.functionId = functionId
        writer.flags = more ? Flag.MORE : 0
        writer.payloadLength = input.length
        writer.parentCallId = parent.id
        writer.timeoutUs = timeoutMs * 1000
        writer.attempt = 1
        writer.priority = parent.view.priority
      },
      input.subarray(0, BODY_BYTES),
    )
    call.at = Math.min(BODY_BYTES, input.length)
    this.#pump(call)
    // What the handler gave belongs to the parent alone.
    if (is('data-after-input')) this.#sendData(call, new Uint8Array([1]), 0)
  }

  #pump(call: Pending): void {
    while (call.at < call.input.length && this.open.has(call.id)) {
      if (call.credit === 0 && !is('input-without-credit')) return
      call.credit = Math.max(0, call.credit - 1)
      const part = call.input.subarray(call.at, call.at + BODY_BYTES)
      call.at += part.length
      const last = call.at === call.input.length
      this.#sendData(call, part, last && !is('input-never-ends') ? 0 : Flag.MORE)
    }
  }

  #sendData(call: Pending, part: Uint8Array, flags: number): void {
    this.#out.send(
      MessageType.DATA,
      (writer) => {
        writer.callId = call.id
        writer.flags = flags
      },
      part,
    )
  }

  window(view: MessageView): Verdict | undefined {
    const call = this.open.get(view.callId)
    if (call === undefined) return undefined
    if (call.credit + view.credit > CREDIT_MAX && !this.#lax('credit-max')) return RULE('credit-max')
    call.credit += view.credit
    this.#pump(call)
    return undefined
  }

  result(view: MessageView): Verdict | undefined {
    const call = this.open.get(view.callId)
    if (call === undefined) return undefined
    const inFile = (view.flags & Flag.PAYLOAD_FILE) !== 0 && !this.#lax('feature-accepted')
    if (inFile) return this.#fileResult(call, view)
    call.parts.push(view.body.slice())
    call.bytes += view.bodyLength
    if (view.more) {
      if (call.begun && !this.#lax('result-more-once')) return RULE('result-more-once')
      call.begun = true
      call.announced = announcedBytes(view.payloadLength)
      return undefined
    }
    if (call.bytes !== view.payloadLength && !this.#lax('result-total')) return RULE('result-total')
    if (call.announced !== undefined && call.announced !== call.bytes && !this.#lax('payload-length-exact')) {
      return RULE('payload-length-exact')
    }
    this.#end(call, { output: is('output-of-other') ? new Uint8Array(3) : Buffer.concat(call.parts) })
    return undefined
  }

  #fileResult(call: Pending, view: MessageView): Verdict | undefined {
    try {
      if (is('file-output-refused')) throw new Error('a file')
      const output = readFile(Buffer.from(view.body).toString('latin1'), view.payloadLength)
      this.#end(call, { output })
    } catch {
      if (is('file-refused-fatal')) return RULE('file-regular')
      this.#end(call, { failure: failure('protocol_error', 'a payload file was refused') })
    }
    return undefined
  }

  data(view: MessageView): Verdict | undefined {
    const call = this.open.get(view.callId)
    if (call === undefined) return undefined
    if (!view.more && !this.#lax('data-output-more')) return RULE('data-output-more')
    if (!call.begun && !this.#lax('data-after-head')) return RULE('data-after-head')
    call.parts.push(view.body.slice())
    call.bytes += view.bodyLength
    if (call.announced !== undefined && call.bytes > call.announced && !this.#lax('payload-length-exact')) {
      return RULE('payload-length-exact')
    }
    call.unacked += 1
    if (call.unacked === CREDIT_MAX / 2) {
      call.unacked = 0
      this.#out.send(MessageType.WINDOW, (writer) => {
        writer.callId = call.id
        writer.credit = CREDIT_MAX / 2
      })
    }
    return undefined
  }

  error(callId: number, status: number, body: Uint8Array): Verdict | undefined {
    const why = decodeFailure(body, status)
    if (is('unknown-fields-fatal') && Buffer.from(body).includes(Buffer.from([0xc2, 0x3e]))) return RULE('error-body')
    if (why === undefined && !this.#lax('error-body')) return RULE('error-body')
    const call = this.open.get(callId)
    if (call === undefined) return undefined
    const kept = why ?? failure('handler_error', '')
    this.#end(call, {
      failure:
        is('empty-error-internal') && body.length === 0
          ? failure('internal', '')
          : is('reason-unknown-internal') && kept.status === 14 && kept.reason === 'handler_error'
            ? failure('internal', '')
            : is('failure-detail-lost')
              ? { ...kept, code: '', retryable: undefined }
              : is('error-empty-status-lost')
                ? { ...kept, status: 2 }
                : kept,
    })
    return undefined
  }

  #end(call: Pending, outcome: CallOutcome): void {
    this.open.delete(call.id)
    call.settle(outcome)
    this.#waiting.shift()?.()
  }

  /** The parent was asked to stop: whoever waits for its calls waits no more. */
  cancelOf(parent: ServedCall): void {
    for (const call of [...this.open.values()].filter((one) => one.parent === parent)) {
      this.#out.send(MessageType.CANCEL, (writer) => {
        writer.callId = call.id
      })
      this.#end(call, { failure: failure('cancelled', 'the caller gave up') })
    }
  }
}
