/** What passed on the channels of a case, in order, for reports. */
import { HEADER_BYTES, type MessageView } from '@millrace/protocol'

/** Messages kept for a report: the last ones. */
const KEPT_MAX = 48
/** Body bytes of a message that a report shows. */
const BODY_BYTES_SHOWN = 128

export interface TranscriptEntry {
  /** Which channel, when there are several. */
  readonly channel: string
  readonly from: 'runner' | 'peer'
  /** Number in the order of everything on all channels of the case, from 1. */
  readonly number: number
  /** What the message says, in words; or an event that is no message. */
  readonly summary: string
  /** The header and the first meaningful bytes of the body, in hexadecimal. Empty: no message. */
  readonly hex: string
}

interface Line {
  readonly channel: string
  readonly from: 'runner' | 'peer'
  readonly number: number
  readonly what: MessageView | string
}

export class Transcript {
  readonly #lines: Line[] = []
  #number = 0

  /** A message. The view must be a copy. */
  add(channel: string, from: 'runner' | 'peer', view: MessageView): void {
    this.#push(channel, from, view)
  }

  /** An event that is no message: an exit, the end of a pipe. */
  note(channel: string, from: 'runner' | 'peer', summary: string): void {
    this.#push(channel, from, summary)
  }

  entries(): TranscriptEntry[] {
    return this.#lines.map(({ what, ...line }) => {
      if (typeof what === 'string') return { ...line, summary: what, hex: '' }
      const shown = HEADER_BYTES + Math.min(BODY_BYTES_SHOWN, what.bodyLength)
      return { ...line, summary: what.toString(), hex: Buffer.from(what.whole.subarray(0, shown)).toString('hex') }
    })
  }

  clear(): void {
    this.#lines.length = 0
    this.#number = 0
  }

  #push(channel: string, from: 'runner' | 'peer', what: MessageView | string): void {
    this.#number += 1
    this.#lines.push({ channel, from, number: this.#number, what })
    if (this.#lines.length > KEPT_MAX) this.#lines.shift()
  }
}
