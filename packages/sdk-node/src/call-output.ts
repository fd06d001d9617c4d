import { announcedBytes, Content, type MessageView, type Verdict } from '@millrace/protocol'
import type { Channel } from './channel.ts'
import { parseOutput, parseText } from './content.ts'
import { MillraceError } from './errors.ts'
import type { Welcome } from './handshake.ts'
import { StreamedPayload, WholePayload } from './payload-in.ts'
import type { PendingCall } from './pending-call.ts'

/** Takes the output of an internal call in the form that its caller wants: a value, bytes, or a stream of bytes. */
export class CallOutput {
  readonly #channel: Channel
  readonly #welcome: Welcome
  readonly #cancel: (call: PendingCall, error: MillraceError) => void

  /** `cancel` ends a call for its caller and tells the engine. */
  constructor(channel: Channel, welcome: Welcome, cancel: (call: PendingCall, error: MillraceError) => void) {
    this.#channel = channel
    this.#welcome = welcome
    this.#cancel = cancel
  }

  /** An output that is whole in one RESULT. */
  whole(call: PendingCall, view: MessageView): void {
    const { content } = view
    if (call.form === 'stream') {
      const output = new StreamedPayload(this.#channel, call.id, undefined, () => {})
      output.give(view.copyOfBody(), true)
      call.head(output, content)
      call.succeed(undefined)
    } else if (call.form === 'value' && (content === Content.JSON || content === Content.TEXT)) {
      this.#succeedBy(call, () => parseText(this.#channel.text(view), content, `output of ${call.name}`))
    } else this.#give(call, view.copyOfBody(), content)
  }

  /** An output that was whole in a file. The bytes are the call's own. */
  file(call: PendingCall, bytes: Uint8Array, content: number): void {
    if (call.form !== 'stream') {
      this.#give(call, bytes, content)
      return
    }
    const output = new StreamedPayload(this.#channel, call.id, undefined, () => {})
    output.give(bytes, true)
    call.head(output, content)
    call.succeed(undefined)
  }

  /** The head of an output that goes on in DATA. */
  head(call: PendingCall, view: MessageView): Verdict | undefined {
    const announced = announcedBytes(view.payloadLength)
    const { content } = view
    if (call.form === 'stream') {
      const output = new StreamedPayload(this.#channel, call.id, announced, () =>
        this.#cancel(call, readerLeft(call.name)),
      )
      call.incoming = output
      call.head(output, content)
    } else {
      const bytesMax = this.#welcome.payloadBytesMax
      call.incoming = new WholePayload(this.#channel, call.id, announced, bytesMax, {
        onWhole: (bytes) => this.#give(call, bytes, content),
        onTooLarge: () => {
          const message = `the output of ${call.name} has more than ${bytesMax} bytes; read it by callStream`
          this.#cancel(call, new MillraceError('payload_too_large', message, { function: call.name }))
        },
      })
    }
    // Nobody waits for it any more, so its bytes are not kept.
    if (call.settled) call.incoming.fail(readerLeft(call.name))
    return call.incoming.take(view, false, false)
  }

  #give(call: PendingCall, bytes: Uint8Array, content: number): void {
    if (call.form === 'bytes') call.succeed(bytes)
    else this.#succeedBy(call, () => parseOutput(bytes, content, `output of ${call.name}`))
  }

  #succeedBy(call: PendingCall, parse: () => unknown): void {
    let value: unknown
    try {
      value = parse()
    } catch (thrown) {
      // The callee is to blame for an output that is not what its content says.
      const { message } = MillraceError.from(thrown)
      call.fail(new MillraceError('handler_error', message, { function: call.name, cause: thrown }))
      return
    }
    call.succeed(value)
  }
}

/** Why a call ends whose output nobody reads any more. */
export function readerLeft(name: string): MillraceError {
  return new MillraceError('cancelled', `the reader of ${name}'s output left`)
}
