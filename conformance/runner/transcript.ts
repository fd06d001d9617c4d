/** What passed on one channel, in order, for reports. */
import { BODY_BYTES, HEADER_BYTES, type MessageView } from '@millrace/protocol'

/** Messages kept for a report: the last ones. */
const KEPT_MAX = 64

export interface TranscriptEntry {
  /** Which channel, when there are several. */
  readonly channel: string
  readonly from: 'runner' | 'peer'
  /** Number in the order of everything on all channels of the case, from 1. */
  readonly number: number
  /** What the message says, in words. */
  readonly summary: string
  /** Header and the meaningful part of the body, in hexadecimal, at most 192 bytes. */
  readonly hex: string
}

export class Transcript {
  readonly entries: TranscriptEntry[] = []
  #number = 0

  add(channel: string, from: 'runner' | 'peer', view: MessageView): void {
    const shown = HEADER_BYTES + Math.min(128, view.bodyLength, BODY_BYTES)
    this.#push(channel, from, view.toString(), Buffer.from(view.whole.subarray(0, shown)).toString('hex'))
  }

  /** An event that is no message: an exit, the end of a pipe. */
  note(channel: string, from: 'runner' | 'peer', summary: string): void {
    this.#push(channel, from, summary, '')
  }

  #push(channel: string, from: 'runner' | 'peer', summary: string, hex: string): void {
    this.#number += 1
    this.entries.push({ channel, from, number: this.#number, summary, hex })
    if (this.entries.length > KEPT_MAX) this.entries.shift()
  }

  clear(): void {
    this.entries.length = 0
    this.#number = 0
  }
}
