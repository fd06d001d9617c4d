import { BODY_BYTES, CREDIT_MAX, Flag, MessageType, type Verdict } from '@millrace/protocol'
import type { Channel, RoomWaiter } from './channel.ts'

/** How the last bytes of a payload are sent: an output's in a RESULT, an input's in a DATA without MORE. */
export interface PayloadTail {
  /** Whether the tail is a DATA message, and so costs credit. */
  readonly needsCredit: boolean
  /** Sends `bytes[from, from + length)` as the last part; `total` counts all parts, the head's bytes included. */
  send(bytes: Uint8Array, from: number, length: number, total: number): void
}

const EMPTY = new Uint8Array(0)

/**
 * One payload on its way out, after its head message: DATA as the receiver's credit and the outbox allow, then the
 * tail. Rules `data-credit`, `credit-max`, `result-total`, `data-output-more`. Holds no copy of the bytes.
 */
export class OutgoingPayload implements RoomWaiter {
  readonly #channel: Channel
  readonly #callId: number
  readonly #tail: PayloadTail
  #credit = CREDIT_MAX
  #total: number
  #bytes: Uint8Array = EMPTY
  #at = 0
  /** These bytes are the last. */
  #closing = false
  #ended = false
  #waitsForRoom = false
  #onSent: (() => void) | undefined

  /** `headBytes`: how many bytes of the payload the head message carried. */
  constructor(channel: Channel, callId: number, headBytes: number, tail: PayloadTail) {
    this.#channel = channel
    this.#callId = callId
    this.#total = headBytes
    this.#tail = tail
  }

  /** Bytes put into messages so far, the head's included. */
  get total(): number {
    return this.#total
  }

  /** Whether the tail was sent, or the payload was stopped. */
  get ended(): boolean {
    return this.#ended
  }

  /** Whether all bytes are known and only their sending is left. */
  get closing(): boolean {
    return this.#closing
  }

  /** Sends the rest of a whole payload: `bytes` from `at` on, then the end. The bytes must not change until then. */
  finish(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes
    this.#at = at
    this.#closing = true
    this.#pump()
  }

  /**
   * Sends some bytes of a stream. Returns undefined when they are in the outbox, otherwise a promise that is fulfilled
   * when they are, or when the payload was stopped. One at a time.
   */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#ended) return undefined
    this.#bytes = bytes
    this.#at = 0
    this.#pump()
    if (this.#at === this.#bytes.length) return undefined
    return new Promise((resolve) => {
      this.#onSent = resolve
    })
  }

  /** Ends a stream. */
  end(): void {
    if (!this.#ended) this.finish(EMPTY, 0)
  }

  /** Sends nothing more, not even a tail: the call has its final message, or the channel is gone. */
  stop(): void {
    this.#ended = true
    this.#bytes = EMPTY
    this.#at = 0
    this.#sent()
  }

  /** The receiver grants credit: rule `credit-max`. Returns the rule broken, if one is. */
  grant(credit: number): Verdict | undefined {
    if (this.#credit + credit > CREDIT_MAX) {
      return {
        rule: 'credit-max',
        message: `call ${this.#callId} has credit ${this.#credit}, and WINDOW grants ${credit} more`,
      }
    }
    this.#credit += credit
    this.#pump()
    return undefined
  }

  onRoom(): void {
    this.#waitsForRoom = false
    this.#pump()
  }

  #pump(): void {
    if (this.#ended) return
    const bytes = this.#bytes
    while (this.#at < bytes.length) {
      const left = bytes.length - this.#at
      if (this.#closing && left <= BODY_BYTES) break
      if (this.#credit === 0 || !this.#hasRoom()) return
      const length = Math.min(BODY_BYTES, left)
      this.#credit -= 1
      const writer = this.#channel.begin(MessageType.DATA)
      writer.callId = this.#callId
      writer.flags = Flag.MORE
      writer.copyBody(bytes, this.#at, length)
      this.#channel.end(length)
      this.#at += length
      this.#total += length
    }
    if (this.#closing) this.#sendTail()
    else this.#sent()
  }

  #sendTail(): void {
    if (this.#tail.needsCredit) {
      if (this.#credit === 0) return
      this.#credit -= 1
    }
    const length = this.#bytes.length - this.#at
    this.#total += length
    this.#ended = true
    this.#tail.send(this.#bytes, this.#at, length, this.#total)
    this.#bytes = EMPTY
    this.#at = 0
  }

  #hasRoom(): boolean {
    if (!this.#channel.high) return true
    if (!this.#waitsForRoom) {
      this.#waitsForRoom = true
      this.#channel.waitForRoom(this)
    }
    return false
  }

  #sent(): void {
    const sent = this.#onSent
    this.#onSent = undefined
    sent?.()
  }
}
