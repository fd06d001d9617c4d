import { BODY_BYTES, HEADER_BYTES, MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'

/**
 * Outputs that come in several messages, for a worker without streaming: joined into one RESULT, which they fit as the
 * callee's channel gives up any that is over `BODY_BYTES`. Rule `payload-inline-caller`. Holds 1 KiB for each.
 */
export class JoinedOutputs {
  readonly #open = new Map<number, MessageWriter>()

  /** Whether an output is being joined for this call id. */
  has(callId: number): boolean {
    return this.#open.has(callId)
  }

  /** Takes the first message's header and bytes, or the bytes of a later one. */
  add(callId: number, part: MessageView): void {
    let joined = this.#open.get(callId)
    if (joined === undefined) {
      joined = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.RESULT)
      joined.content = part.content
      this.#open.set(callId, joined)
    }
    const had = joined.bodyLength
    joined.bytes.set(part.body, HEADER_BYTES + had)
    joined.bodyLength = had + part.bodyLength
  }

  /** The last message came: the whole output as one RESULT with that message's times. */
  end(callId: number, last: MessageView): MessageView {
    this.add(callId, last)
    const joined = this.#open.get(callId)!
    this.#open.delete(callId)
    joined.payloadLength = joined.bodyLength
    joined.runUs = last.runUs
    joined.cpuUs = last.cpuUs
    return new MessageView(joined.bytes)
  }

  /** The call failed: its output is of no use. */
  drop(callId: number): void {
    this.#open.delete(callId)
  }
}

/** The largest output of a worker without streaming, in bytes. */
export const JOINED_BYTES_MAX = BODY_BYTES
