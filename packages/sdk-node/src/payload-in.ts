import { CREDIT_MAX, MessageType, type MessageView, type Verdict } from '@millrace/protocol'
import type { Channel } from './channel.ts'
import { GRANT_BATCH } from './limits.ts'

/** Counts one payload on its way in and grants its sender credit. Rules `data-credit` and `payload-length-exact`. */
class Receipt {
  readonly callId: number
  readonly announced: number | undefined
  total = 0
  readonly #channel: Channel
  /** DATA messages that the sender may still send. */
  #credit = CREDIT_MAX
  /** DATA messages consumed and not yet granted again. */
  #consumed = 0

  constructor(channel: Channel, callId: number, announced: number | undefined) {
    this.#channel = channel
    this.callId = callId
    this.announced = announced
  }

  /** Counts a part. `costsCredit`: it came in DATA. `last`: nothing follows; `total` of RESULT was checked elsewhere. */
  count(bytes: number, costsCredit: boolean, last: boolean): Verdict | undefined {
    if (costsCredit) {
      if (this.#credit === 0) {
        return { rule: 'data-credit', message: `DATA for call ${this.callId} came without credit` }
      }
      this.#credit -= 1
    }
    this.total += bytes
    const { announced } = this
    if (announced !== undefined && (this.total > announced || (last && this.total !== announced))) {
      return {
        rule: 'payload-length-exact',
        message: `the payload of call ${this.callId} was announced with ${announced} bytes and has ${last ? '' : 'at least '}${this.total}`,
      }
    }
    return undefined
  }

  /** A DATA message was consumed: grants when half of the credit was used, so that the sender never runs dry. */
  consumed(): void {
    this.#consumed += 1
    if (this.#consumed < GRANT_BATCH) return
    const writer = this.#channel.begin(MessageType.WINDOW)
    writer.callId = this.callId
    writer.credit = this.#consumed
    this.#channel.end(0)
    this.#credit += this.#consumed
    this.#consumed = 0
  }
}

/** A payload on its way in: parts in the order of their messages, then the end. */
export interface IncomingPayload {
  /**
   * Takes the body of one message. `inData`: it is DATA, which costs credit. `last`: it ends the payload.
   * Returns the rule broken, if one is.
   */
  take(view: MessageView, inData: boolean, last: boolean): Verdict | undefined
  /** Bytes taken so far. */
  readonly total: number
  /** Ends it early: nothing more will come. */
  fail(error: unknown): void
}

/** What becomes of a payload that is collected whole. */
export interface WholeListener {
  /** All of it came. The bytes are the listener's own. */
  onWhole(bytes: Uint8Array): void
  /** It has more than `bytesMax` bytes; what came was dropped, and what comes will be. Once. */
  onTooLarge(): void
}

/** Collects a payload. Holds at most `bytesMax` bytes; grants credit as parts come. */
export class WholePayload implements IncomingPayload {
  readonly #receipt: Receipt
  readonly #bytesMax: number
  readonly #listener: WholeListener
  #bytes: Uint8Array
  #tooLarge = false

  constructor(
    channel: Channel,
    callId: number,
    announced: number | undefined,
    bytesMax: number,
    listener: WholeListener,
  ) {
    this.#receipt = new Receipt(channel, callId, announced)
    this.#bytesMax = bytesMax
    this.#listener = listener
    this.#bytes = new Uint8Array(announced === undefined ? 4096 : Math.min(announced, bytesMax))
  }

  get total(): number {
    return this.#receipt.total
  }

  take(view: MessageView, inData: boolean, last: boolean): Verdict | undefined {
    const begin = this.#receipt.total
    const broken = this.#receipt.count(view.bodyLength, inData, last)
    if (broken !== undefined) return broken
    const end = this.#receipt.total
    if (this.#tooLarge) return undefined
    // An announcement over the limit need not be waited for.
    if (end > this.#bytesMax || (this.#receipt.announced ?? 0) > this.#bytesMax) {
      this.#tooLarge = true
      this.#bytes = new Uint8Array(0)
      this.#listener.onTooLarge()
      return undefined
    }
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.set(view.body, begin)
    if (last) this.#listener.onWhole(this.#bytes.subarray(0, end))
    else if (inData) this.#receipt.consumed()
    return undefined
  }

  fail(): void {
    this.#tooLarge = true
    this.#bytes = new Uint8Array(0)
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, this.#bytes.length * 2)))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}

/**
 * A payload as a stream. Holds at most the parts that credit allows, 32 messages; grants as its reader takes them, so a
 * reader that stops stops the sender. One reader.
 */
export class StreamedPayload implements IncomingPayload, AsyncIterableIterator<Uint8Array> {
  readonly #receipt: Receipt
  readonly #onLeft: () => void
  #parts: Uint8Array[] = []
  #inData: boolean[] = []
  #ended = false
  #failed: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  /** `onLeft`: the reader went away before the end. */
  constructor(channel: Channel, callId: number, announced: number | undefined, onLeft: () => void) {
    this.#receipt = new Receipt(channel, callId, announced)
    this.#onLeft = onLeft
  }

  get total(): number {
    return this.#receipt.total
  }

  take(view: MessageView, inData: boolean, last: boolean): Verdict | undefined {
    const broken = this.#receipt.count(view.bodyLength, inData, last)
    if (broken !== undefined) return broken
    if (this.#failed === undefined && !this.#ended) {
      if (view.bodyLength > 0) {
        this.#parts.push(view.copyOfBody())
        this.#inData.push(inData)
      }
      if (last) this.#ended = true
      this.#rouse()
    }
    return undefined
  }

  /** Gives a part that did not come in a message of this payload, such as an inline input. */
  give(bytes: Uint8Array, last: boolean): void {
    if (bytes.length > 0) {
      this.#parts.push(bytes)
      this.#inData.push(false)
    }
    this.#ended = last
    this.#rouse()
  }

  fail(error: unknown): void {
    if (this.#ended || this.#failed !== undefined) return
    this.#failed = { error }
    this.#rouse()
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const part = this.#parts.shift()
      if (part !== undefined) {
        if (this.#inData.shift() && !this.#ended && this.#failed === undefined) this.#receipt.consumed()
        return { done: false, value: part }
      }
      if (this.#failed !== undefined) throw this.#failed.error
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const early = !this.#ended && this.#failed === undefined
    this.#parts = []
    this.#inData = []
    this.#ended = true
    this.#rouse()
    if (early) this.#onLeft()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #rouse(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
