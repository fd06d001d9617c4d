import { MESSAGE_BYTES } from './generated/layout.ts'
import { MessageView } from './message-view.ts'

/** Takes whole messages from an assembler. */
export interface MessageSink {
  /**
   * One whole message. `view` is valid only during this call. Must not throw and must not push.
   * Returning false stops the assembler: it drops what is left and takes no more.
   */
  onMessage(view: MessageView): boolean
}

/**
 * Makes whole messages out of bytes that were cut or joined anywhere. Does no I/O.
 * Follows the rule `channel-reassemble`.
 *
 * Invariant between calls: 0 ≤ #filled < MESSAGE_BYTES.
 * Cost: a message lying whole inside one chunk is not copied; a split one is copied once.
 */
export class MessageAssembler {
  readonly #sink: MessageSink
  readonly #partial = new Uint8Array(MESSAGE_BYTES)
  readonly #partialView = new MessageView(this.#partial)
  #chunkView: MessageView | undefined
  #filled = 0
  #stopped = false

  constructor(sink: MessageSink) {
    this.#sink = sink
  }

  /**
   * Takes the first `length` bytes of `chunk`, and hands on every message that they complete, in order.
   * The view of a chunk's buffer is kept between calls, so reading into one buffer allocates nothing.
   */
  push(chunk: Uint8Array, length = chunk.length): void {
    if (this.#stopped) return
    let at = 0
    if (this.#filled > 0) {
      at = Math.min(MESSAGE_BYTES - this.#filled, length)
      this.#partial.set(chunk.subarray(0, at), this.#filled)
      this.#filled += at
      if (this.#filled < MESSAGE_BYTES) return
      this.#filled = 0
      if (!this.#hand(this.#partialView)) return
    }
    if (at + MESSAGE_BYTES <= length) {
      let view = this.#chunkView
      if (view === undefined || view.bytes !== chunk) {
        view = new MessageView(chunk)
        this.#chunkView = view
      }
      for (; at + MESSAGE_BYTES <= length; at += MESSAGE_BYTES) {
        if (!this.#hand(view.moveTo(at))) return
      }
    }
    if (at < length) {
      this.#partial.set(chunk.subarray(at, length))
      this.#filled = length - at
    }
  }

  /** Bytes of a message begun and not ended. Above 0 at end of stream, the peer cut a message short. */
  get pendingBytes(): number {
    return this.#filled
  }

  /** Whether a sink refused a message; nothing is taken any more. */
  get stopped(): boolean {
    return this.#stopped
  }

  #hand(view: MessageView): boolean {
    if (this.#sink.onMessage(view)) return true
    this.#stopped = true
    this.#filled = 0
    return false
  }
}
