import { Flag, HEADER_BYTES, MESSAGE_BYTES, MessageFields, TYPES, WritableMessageFields } from './generated/layout.ts'

const EMPTY = new Uint8Array(0)
const SLICE = Uint8Array.prototype.slice

/**
 * A window onto one message in a larger buffer. Copies nothing; what it shows is valid as long as the
 * buffer's bytes are, which for a view handed to a callback means: until the callback returns.
 */
export class MessageView extends MessageFields {
  /** Moves the window to the message that begins at byte `at` of the same buffer. Needs no alignment. */
  moveTo(at: number): this {
    this.at = at
    return this
  }

  /** Whether more of this payload or cold message follows. */
  get more(): boolean {
    return (this.flags & Flag.MORE) !== 0
  }

  /** The meaningful bytes of the body. A window, not a copy; `body_length` must have been checked. */
  get body(): Uint8Array {
    const begin = this.at + HEADER_BYTES
    return this.bytes.subarray(begin, begin + this.bodyLength)
  }

  /** The meaningful bytes of the body, to keep. An empty body is one array for all: it has no byte to change. */
  copyOfBody(): Uint8Array {
    const length = this.bodyLength
    if (length === 0) return EMPTY
    const begin = this.at + HEADER_BYTES
    // Not `this.bytes.slice`, which for a Buffer does not copy.
    return SLICE.call(this.bytes, begin, begin + length)
  }

  /** All 1,024 bytes. A window, not a copy. */
  get whole(): Uint8Array {
    return this.bytes.subarray(this.at, this.at + MESSAGE_BYTES)
  }

  /** The fields that mean something in this type, in wire order, for logs and failures. */
  override toString(): string {
    const info = TYPES[this.type]
    if (info === undefined) return `type 0x${this.type.toString(16).padStart(2, '0')} (unknown)`
    const parts: string[] = [info.name]
    if (this.callId !== 0) parts.push(`call ${this.callId}`)
    if (this.flags !== 0) parts.push(`flags 0x${this.flags.toString(16)}`)
    parts.push(`body ${this.bodyLength}`)
    const fields = this as unknown as Record<string, unknown>
    for (const use of info.uses) {
      const value = fields[use.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())]
      if (typeof value === 'number' && value !== 0) parts.push(`${use} ${value}`)
    }
    return parts.join(', ')
  }
}

/**
 * Writes messages in place, into slots of a larger buffer. Whoever owns the slot says how much of its body is
 * stale, so that a reused slot never leaks an earlier message and a fresh one is not cleared twice.
 */
export class MessageWriter extends WritableMessageFields {
  /** Writes into another buffer from now on, at its beginning. */
  use(bytes: Uint8Array): void {
    this.bytes = bytes
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = 0
  }

  /** Moves to the slot that begins at byte `at` of the same buffer. */
  moveTo(at: number): this {
    this.at = at
    return this
  }

  /** Begins a message: clears the header, sets the type. The body keeps its old bytes until `end`. */
  begin(type: number): this {
    // Eight inlined stores; `fill` would be a call into the runtime.
    const { data, at } = this
    data.setFloat64(at, 0)
    data.setFloat64(at + 8, 0)
    data.setFloat64(at + 16, 0)
    data.setFloat64(at + 24, 0)
    data.setFloat64(at + 32, 0)
    data.setFloat64(at + 40, 0)
    data.setFloat64(at + 48, 0)
    data.setFloat64(at + 56, 0)
    this.type = type
    return this
  }

  /** Copies `length` body bytes from `source` at `from`, to body byte 0. */
  copyBody(source: Uint8Array, from: number, length: number): this {
    const to = this.at + HEADER_BYTES
    // Below about 64 bytes a loop beats the call into the runtime that `set` makes.
    if (length <= 64) {
      const bytes = this.bytes
      for (let i = 0; i < length; i += 1) bytes[to + i] = source[from + i]!
    } else {
      this.bytes.set(source.subarray(from, from + length), to)
    }
    return this
  }

  /**
   * Ends a message: sets `body_length` and clears what the slot's earlier message left behind it.
   * `staleBytes`: how many body bytes the slot's earlier message had; 960 when not known.
   */
  end(bodyLength: number, staleBytes: number): void {
    this.bodyLength = bodyLength
    if (staleBytes > bodyLength) {
      this.bytes.fill(0, this.at + HEADER_BYTES + bodyLength, this.at + HEADER_BYTES + staleBytes)
    }
  }
}
