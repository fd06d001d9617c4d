import { COLD_MESSAGE_BYTES_MAX, HEADER_BYTES, OFFSET, TYPES } from './generated/layout.ts'
import type { MessageView } from './message-view.ts'
import type { Verdict } from './verdict.ts'

/**
 * Joins the bodies of a cold message that spans consecutive messages of one type and call by MORE.
 * Follows the rules `cold-span-consecutive`, `cold-span-header` and `cold-span-bytes`. Holds at most 64 KiB,
 * however many parts they came in.
 */
export class ColdSpan {
  #open = false
  readonly #header = new Uint8Array(HEADER_BYTES)
  #joined = new Uint8Array(0)
  #bytes = 0

  /** Whether a span has begun and not ended. */
  get open(): boolean {
    return this.#open
  }

  /**
   * Takes one judged message; give it every message of the channel's direction while `open`, and every spanning type
   * otherwise. Returns the whole body (a copy) when the message ends it, undefined when more must come, or the rule
   * broken. After a broken rule the channel is over: take no more.
   */
  take(view: MessageView): Uint8Array | undefined | Verdict {
    const bodyLength = view.bodyLength
    if (this.#open) {
      const fault = this.#compare(view)
      if (fault !== undefined) return fault
    }
    if (this.#bytes + bodyLength > COLD_MESSAGE_BYTES_MAX) {
      return { rule: 'cold-span-bytes', message: `${name(view.type)} is over ${COLD_MESSAGE_BYTES_MAX} bytes` }
    }
    if (!this.#open && !view.more) return view.copyOfBody()
    if (!this.#open) {
      this.#open = true
      this.#header.set(view.bytes.subarray(view.at, view.at + HEADER_BYTES))
    }
    this.#append(view.body)
    if (view.more) return undefined
    const whole = this.#joined.slice(0, this.#bytes)
    this.#open = false
    this.#joined = new Uint8Array(0)
    this.#bytes = 0
    return whole
  }

  #compare(view: MessageView): Verdict | undefined {
    const first = this.#header
    for (let i = 0; i < HEADER_BYTES; i += 1) {
      if (i >= OFFSET.flags && i < OFFSET.call_id) continue // Flags and body_length: each part has its own.
      if (view.bytes[view.at + i] === first[i]) continue
      if (i > OFFSET.call_id + 3) {
        return { rule: 'cold-span-header', message: `parts of ${name(first[0]!)} differ at header byte ${i}` }
      }
      const what = i === 0 ? name(view.type) : `call ${view.callId}`
      return { rule: 'cold-span-consecutive', message: `${what} came between the parts of ${name(first[0]!)}` }
    }
    return undefined
  }

  /** Doubles the buffer as it fills, so that many small parts cost no more memory than a few large ones. */
  #append(part: Uint8Array): void {
    const needed = this.#bytes + part.length
    if (needed > this.#joined.length) {
      const larger = new Uint8Array(Math.min(COLD_MESSAGE_BYTES_MAX, Math.max(needed, 2 * this.#joined.length)))
      larger.set(this.#joined.subarray(0, this.#bytes))
      this.#joined = larger
    }
    this.#joined.set(part, this.#bytes)
    this.#bytes = needed
  }
}

function name(type: number): string {
  return TYPES[type]?.name ?? `type ${type}`
}
