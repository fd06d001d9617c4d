import { BODY_BYTES, MESSAGE_BYTES, MessageWriter } from '@millrace/protocol'
import { OUTBOX_MESSAGES_BATCH, OUTBOX_MESSAGES_KEPT, OUTBOX_MESSAGES_MAX } from './limits.ts'
import type { WorkerPipe } from './world.ts'

/**
 * Messages that wait for one write. They are written in place, in slots of one buffer that lie one after the other, so
 * that a whole turn's messages leave in one call of the OS.
 *
 * ```
 * |  taken by the pipe  |    waiting    |  free  |
 * 0                   #head           #tail   length        0 ≤ #head ≤ #tail ≤ length
 * ```
 */
export class Outbox {
  /** The slots. Replaced when they grow: never keep it. */
  buffer = Buffer.alloc(OUTBOX_MESSAGES_BATCH * MESSAGE_BYTES)
  readonly #writer = new MessageWriter(plain(this.buffer))
  /** Body bytes that each slot's last message had, so that a slot is cleared only where it is stale. */
  #stale = new Uint16Array(OUTBOX_MESSAGES_BATCH)
  #head = 0
  #tail = 0

  /** Messages begun and not wholly taken by the pipe. */
  get waiting(): number {
    return Math.ceil((this.#tail - this.#head) / MESSAGE_BYTES)
  }

  /** Bytes of what waits. */
  get waitingBytes(): number {
    return this.#tail - this.#head
  }

  /**
   * Begins a message in the next slot. Fill it, then `end` it, with no other `begin` between.
   * Returns undefined when `OUTBOX_MESSAGES_MAX` wait already.
   */
  begin(type: number): MessageWriter | undefined {
    if (this.#tail + MESSAGE_BYTES > this.buffer.length && !this.#makeRoom()) return undefined
    return this.#writer.moveTo(this.#tail).begin(type)
  }

  /** Ends the message begun last, with that many body bytes. */
  end(bodyLength: number): void {
    const slot = this.#tail / MESSAGE_BYTES
    this.#writer.end(bodyLength, this.#stale[slot]!)
    this.#stale[slot] = bodyLength
    this.#tail += MESSAGE_BYTES
  }

  /** Gives the pipe all that waits. Returns whether it took everything. */
  flush(pipe: WorkerPipe): boolean {
    while (this.#head < this.#tail) {
      const taken = pipe.write(this.buffer, this.#head, this.#tail)
      if (taken === 0) return false
      this.#head += taken
    }
    this.#head = 0
    this.#tail = 0
    if (this.buffer.length > OUTBOX_MESSAGES_KEPT * MESSAGE_BYTES) this.#replace(OUTBOX_MESSAGES_BATCH)
    return true
  }

  #makeRoom(): boolean {
    const slots = this.buffer.length / MESSAGE_BYTES
    // Moving down to a slot's edge keeps messages aligned to slots though the pipe took part of one.
    const free = Math.floor(this.#head / MESSAGE_BYTES)
    if (free > slots / 2) {
      this.buffer.copyWithin(0, free * MESSAGE_BYTES, this.#tail)
      this.#head -= free * MESSAGE_BYTES
      this.#tail -= free * MESSAGE_BYTES
      this.#stale.fill(BODY_BYTES) // Slots moved, so what each one held is not known any more.
      return true
    }
    if (slots >= OUTBOX_MESSAGES_MAX) return false
    this.#replace(slots * 2)
    return true
  }

  /** A new, zeroed buffer of that many slots with what waits copied to the same place. */
  #replace(slots: number): void {
    const old = this.buffer
    const stale = this.#stale
    this.buffer = Buffer.alloc(slots * MESSAGE_BYTES)
    this.#stale = new Uint16Array(slots)
    if (this.#tail > 0) {
      old.copy(this.buffer, 0, 0, this.#tail)
      this.#stale.set(stale.subarray(0, this.#tail / MESSAGE_BYTES))
    }
    this.#writer.use(plain(this.buffer))
  }
}

/** The same memory without Buffer's own methods, whose `fill` is many times slower than the plain one. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
