import { BODY_BYTES, MESSAGE_BYTES, MessageWriter } from '@millrace/protocol'
import { assert } from '../base/assert.ts'
import { OUTBOX_MESSAGES_INITIAL, OUTBOX_MESSAGES_KEPT } from '../base/limits.ts'
import type { PipeWriter } from '../world.ts'

/** What a message in the outbox answers; its place at the worker's bounds frees when it is written to the pipe. */
export const Answers = { nothing: 0, invoke: 1, resolve: 2, ping: 3 } as const
export type Answers = (typeof Answers)[keyof typeof Answers]

/**
 * Messages waiting for one write, one after the other in one buffer.
 *
 * ```text
 * |  taken by the pipe  |  waiting  |  free  |
 * 0                     ^head       ^tail    ^capacity        (bytes; tail is a multiple of 1,024)
 * ```
 * Invariant: 0 ≤ head ≤ tail ≤ capacity. A slot is written in place, and what an earlier message left in it is cleared.
 */
export class Outbox {
  #bytes = new Uint8Array(OUTBOX_MESSAGES_INITIAL * MESSAGE_BYTES)
  #writer = new MessageWriter(this.#bytes)
  /** Body bytes that the last message in each slot had. */
  #stale = new Uint16Array(OUTBOX_MESSAGES_INITIAL)
  #answers = new Uint8Array(OUTBOX_MESSAGES_INITIAL)
  #head = 0
  #tail = 0
  readonly #messagesMax: number
  /** Answers of each kind that are here and not written yet. */
  readonly unwritten = new Int32Array(4)

  constructor(messagesMax: number) {
    this.#messagesMax = messagesMax
  }

  /** Messages that are not wholly written. */
  get waiting(): number {
    return Math.ceil((this.#tail - this.#head) / MESSAGE_BYTES)
  }

  /** Bytes that are not written. */
  get waitingBytes(): number {
    return this.#tail - this.#head
  }

  /**
   * A slot for the next message, begun as `type`; undefined when `messagesMax` are waiting. Nothing is sent before
   * `commit`, and the writer is valid only until the next call.
   */
  claim(type: number): MessageWriter | undefined {
    if (this.#tail === this.#bytes.length && !this.#makeRoom()) return undefined
    return this.#writer.moveTo(this.#tail).begin(type)
  }

  /** The claimed slot is filled; its body has `bodyLength` bytes. */
  commit(bodyLength: number, answers: Answers): void {
    const slot = this.#tail / MESSAGE_BYTES
    this.#writer.end(bodyLength, this.#stale[slot]!)
    this.#stale[slot] = bodyLength
    this.#answers[slot] = answers
    this.unwritten[answers] = this.unwritten[answers]! + 1
    this.#tail += MESSAGE_BYTES
  }

  /** Writes what is waiting. Returns true when all of it was taken. */
  flush(pipe: PipeWriter): boolean {
    if (this.#head === this.#tail) return true
    const before = Math.floor(this.#head / MESSAGE_BYTES)
    this.#head += pipe.write(this.#bytes, this.#head, this.#tail)
    assert(this.#head <= this.#tail)
    const after = Math.floor(this.#head / MESSAGE_BYTES)
    for (let slot = before; slot < after; slot += 1) {
      const answers = this.#answers[slot]!
      this.unwritten[answers] = this.unwritten[answers]! - 1
    }
    if (this.#head < this.#tail) return false
    this.#head = 0
    this.#tail = 0
    if (this.#bytes.length > OUTBOX_MESSAGES_KEPT * MESSAGE_BYTES) this.#resize(OUTBOX_MESSAGES_INITIAL)
    return true
  }

  /** Moves what waits to the front when at least half is taken; doubles otherwise. False at `messagesMax`. */
  #makeRoom(): boolean {
    const slots = this.#bytes.length / MESSAGE_BYTES
    const taken = Math.floor(this.#head / MESSAGE_BYTES)
    if (taken * 2 >= slots) {
      this.#bytes.copyWithin(0, taken * MESSAGE_BYTES, this.#tail)
      this.#answers.copyWithin(0, taken)
      this.#stale.fill(BODY_BYTES) // What lies in the slots behind the moved ones is old, of any length.
      this.#head -= taken * MESSAGE_BYTES
      this.#tail -= taken * MESSAGE_BYTES
      return true
    }
    if (slots >= this.#messagesMax) return false
    this.#resize(Math.min(slots * 2, this.#messagesMax))
    return true
  }

  #resize(slots: number): void {
    const bytes = new Uint8Array(slots * MESSAGE_BYTES)
    const stale = new Uint16Array(slots)
    const answers = new Uint8Array(slots)
    bytes.set(this.#bytes.subarray(0, this.#tail))
    stale.set(this.#stale.subarray(0, this.#tail / MESSAGE_BYTES))
    answers.set(this.#answers.subarray(0, this.#tail / MESSAGE_BYTES))
    this.#bytes = bytes
    this.#stale = stale
    this.#answers = answers
    this.#writer = new MessageWriter(bytes)
  }
}
