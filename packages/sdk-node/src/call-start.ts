import { BODY_BYTES, Flag, MessageType, type MessageWriter, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import type { Channel } from './channel.ts'
import { MillraceError, UsageError } from './errors.ts'
import type { Welcome } from './handshake.ts'
import { INLINE_CHARS_MAX } from './limits.ts'
import { OutgoingPayload, type PayloadTail } from './payload-out.ts'
import type { PendingCall } from './pending-call.ts'
import type { PayloadFiles } from './world.ts'

/** Sends the INVOKE of an internal call, and what of its input does not fit there. */
export class CallStart {
  readonly #channel: Channel
  readonly #welcome: Welcome
  /** Undefined: `payload-file` was not accepted. */
  readonly #files: PayloadFiles | undefined

  constructor(channel: Channel, welcome: Welcome, files?: PayloadFiles) {
    this.#channel = channel
    this.#welcome = welcome
    this.#files = files
  }

  /** Sends INVOKE. Returns why it can't, and then nothing was sent. */
  send(call: PendingCall): MillraceError | undefined {
    const { text, stream } = call.input
    if (stream !== undefined) {
      if (!this.#welcome.streaming)
        return new MillraceError('unsupported', 'the engine did not accept streams on this channel')
      this.#invoke(call, Flag.MORE, PAYLOAD_LENGTH_UNKNOWN)
      this.#channel.end(0)
      call.outgoing = new OutgoingPayload(this.#channel, call.id, 0, new InputTail(this.#channel, call.id))
      return undefined
    }
    if (text !== undefined && text.length <= INLINE_CHARS_MAX) {
      const writer = this.#invoke(call, 0, 0)
      const length = this.#channel.writeText(writer, text)
      writer.payloadLength = length
      this.#channel.end(length)
      return undefined
    }
    return this.#sendBytes(call, text === undefined ? call.input.bytes! : Buffer.from(text))
  }

  /** Sends a streamed input as it comes, after `send`. `onFailed`: the user's stream threw. */
  sendRest(call: PendingCall, onFailed: (error: MillraceError) => void): void {
    const { stream } = call.input
    const { outgoing } = call
    if (stream === undefined || outgoing === undefined) return
    this.#sendStream(stream, outgoing).catch((thrown: unknown) => onFailed(MillraceError.from(thrown)))
  }

  #sendBytes(call: PendingCall, bytes: Uint8Array): MillraceError | undefined {
    if (bytes.length <= BODY_BYTES) {
      this.#invoke(call, 0, bytes.length).copyBody(bytes, 0, bytes.length)
      this.#channel.end(bytes.length)
      return undefined
    }
    const max = this.#welcome.streaming ? this.#welcome.payloadBytesMax : BODY_BYTES
    if (bytes.length > max) {
      return new MillraceError(
        'payload_too_large',
        `the input for ${call.name} has ${bytes.length} bytes; the engine takes ${max}`,
      )
    }
    const file = bytes.length < this.#welcome.fileBytesMin ? undefined : this.#files?.write(bytes, fileOwner(call))
    if (file !== undefined) {
      this.#invoke(call, Flag.PAYLOAD_FILE, bytes.length).copyBody(Buffer.from(file), 0, file.length)
      this.#channel.end(file.length)
      return undefined
    }
    this.#invoke(call, Flag.MORE, bytes.length).copyBody(bytes, 0, BODY_BYTES)
    this.#channel.end(BODY_BYTES)
    call.outgoing = new OutgoingPayload(this.#channel, call.id, BODY_BYTES, new InputTail(this.#channel, call.id))
    call.outgoing.finish(bytes, BODY_BYTES)
    return undefined
  }

  async #sendStream(stream: AsyncIterable<Uint8Array>, outgoing: OutgoingPayload): Promise<void> {
    for await (const part of stream) {
      if (outgoing.ended) return
      if (!(part instanceof Uint8Array)) throw new UsageError(`a streamed input gave ${typeof part}, not a Uint8Array`)
      if (part.length > 0) await outgoing.write(part)
    }
    outgoing.end()
  }

  #invoke(call: PendingCall, flags: number, payloadLength: number): MessageWriter {
    const writer = this.#channel.begin(MessageType.INVOKE)
    writer.flags = flags
    writer.callId = call.id
    writer.functionId = call.functionId
    writer.payloadLength = payloadLength
    writer.timeoutUs = call.timeoutUs
    writer.parentCallId = call.parent.id
    writer.attempt = 1
    writer.priority = call.priority
    writer.content = call.input.content
    return writer
  }
}

/** An output's file may only go back as an input of the same function. */
export function fileOwner(call: PendingCall): string {
  return `function ${call.name}`
}

/** An input ends with DATA without MORE, which may be empty. */
class InputTail implements PayloadTail {
  readonly needsCredit = true
  readonly #channel: Channel
  readonly #callId: number

  constructor(channel: Channel, callId: number) {
    this.#channel = channel
    this.#callId = callId
  }

  send(bytes: Uint8Array, from: number, length: number): void {
    const writer = this.#channel.begin(MessageType.DATA)
    writer.callId = this.#callId
    writer.copyBody(bytes, from, length)
    this.#channel.end(length)
  }
}
