import {
  BODY_BYTES,
  CREDIT_MAX,
  Flag,
  MessageType,
  type MessageView,
  type MessageWriter,
  type Verdict,
} from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { Channel } from '../channel/channel.ts'
import { Answers } from '../channel/outbox.ts'
import type { HeldFile, PayloadDirectory } from '../world.ts'
import { wholeMicros, writeError } from './call-messages.ts'
import { FileStream, part, takeFile } from './file-stream.ts'

/** An output whose call has ended, on its way as DATA to the worker that made the call. */
interface Sending {
  readonly callId: number
  readonly stream: FileStream
  /** DATA that the worker takes now. */
  credit: number
  readonly runUs: number
  readonly queueUs: number
  readonly cpuUs: number
  readonly content: number
}

/**
 * The payload files of the calls that one worker makes. Inputs: taken from it. Outputs: moved to it, or sent as DATA where it
 * takes no files; the call itself has ended by then, and only its id stays taken.
 */
export class MadeFiles {
  readonly #channel: Channel
  /** Undefined: `payload-file` was not accepted. */
  readonly #directory: PayloadDirectory | undefined
  readonly #openBytesMax: number
  readonly #sending = new Map<number, Sending>()
  /** The file of the INVOKE that is being received. */
  #arrived: HeldFile | undefined
  /** Bytes of the input files of the open calls that the worker made. */
  #openBytes = 0

  constructor(channel: Channel, directory: PayloadDirectory | undefined, openBytesMax: number) {
    this.#channel = channel
    this.#directory = directory
    this.#openBytesMax = openBytesMax
  }

  /** Outputs that are still being sent. */
  get sending(): number {
    return this.#sending.size
  }

  isSending(callId: number): boolean {
    return this.#sending.has(callId)
  }

  /** INVOKE with PAYLOAD_FILE: takes its file, for `claim` to give to the call that comes of it, and `release` if none does. */
  arrive(view: MessageView): Verdict | undefined {
    const file = takeFile(this.#directory!, view)
    if ('rule' in file) return file
    this.#arrived = file
    return undefined
  }

  /** Why the files of the open calls are too much with one more; undefined: they are not. One alone never is. */
  get over(): Failure | undefined {
    const bytes = this.#arrived?.bytes ?? 0
    if (this.#openBytes === 0 || this.#openBytes + bytes <= this.#openBytesMax) return undefined
    const text = `the open calls of this worker have ${this.#openBytes} bytes in payload files, and ${bytes} more would be above ${this.#openBytesMax}: let some end first`
    return failure('payload_too_large', text)
  }

  /** The arrived file is the input of this call. */
  claim(call: Call): void {
    const file = this.#arrived
    if (file === undefined) return
    this.#arrived = undefined
    call.file = file
    call.fileBytes = file.bytes
    this.#openBytes += file.bytes
  }

  /** An INVOKE was received: a file that no call has claimed is of no use. */
  release(): void {
    this.#arrived?.drop()
    this.#arrived = undefined
  }

  /** A call that the worker made has its outcome. */
  ended(call: Call): void {
    this.#openBytes -= call.fileBytes
  }

  /** Sends the final RESULT of a call whose output lies in a file: with the file, or with DATA before it. */
  answer(call: Call, view: MessageView): void {
    const file = call.outputFile!
    call.outputFile = undefined
    const queueUs = wholeMicros(call.dispatchedUs - call.enteredUs)
    const { runUs, cpuUs, content } = view
    const stream = new FileStream(file)
    const sending = { callId: call.callerCallId, stream, credit: CREDIT_MAX, runUs, queueUs, cpuUs, content }
    const bytes = file.bytes
    const name = this.#directory?.give(file)
    if (name !== undefined) {
      const message = this.#result(sending, Flag.PAYLOAD_FILE, bytes)
      message.copyBody(Buffer.from(name, 'latin1'), 0, name.length)
      this.#channel.commit(name.length, Answers.invoke)
      return
    }
    this.#sending.set(sending.callId, sending)
    if (bytes > BODY_BYTES) {
      const length = stream.next()
      this.#result(sending, Flag.MORE, bytes).copyBody(part, 0, length)
      this.#channel.commit(length)
    }
    this.#send(sending)
  }

  /** WINDOW for an output that is being sent. Nothing was left of the credit before, or it would not wait. */
  window(callId: number, credit: number): void {
    const sending = this.#sending.get(callId)!
    sending.credit += credit
    this.#send(sending)
  }

  /** CANCEL for an output that is being sent. */
  cancel(callId: number): void {
    this.#fail(this.#sending.get(callId)!, failure('cancelled', 'the caller has cancelled the call'))
  }

  /** The channel is over. */
  close(): void {
    this.#openBytes = 0
    for (const { stream } of this.#sending.values()) stream.file.drop()
    this.#sending.clear()
  }

  /** Sends what credit allows; the last part in the final RESULT. */
  #send(sending: Sending): void {
    const { callId, stream } = sending
    while (!stream.cut) {
      const last = stream.left <= BODY_BYTES
      if (!last && sending.credit === 0) return
      const length = stream.next()
      if (stream.cut) break
      if (last) {
        this.#result(sending, 0, stream.file.bytes).copyBody(part, 0, length)
        this.#channel.commit(length, Answers.invoke)
        this.#sending.delete(callId)
        stream.file.drop()
        return
      }
      const message = this.#channel.claim(MessageType.DATA)
      message.callId = callId
      message.flags = Flag.MORE
      message.copyBody(part, 0, length)
      this.#channel.commit(length)
      sending.credit -= 1
    }
    this.#fail(sending, stream.failure)
  }

  #fail({ callId, stream, runUs, queueUs }: Sending, why: Failure): void {
    this.#sending.delete(callId)
    stream.file.drop()
    writeError(this.#channel, callId, why, runUs, queueUs)
  }

  #result(sending: Sending, flags: number, payloadLength: number): MessageWriter {
    const message = this.#channel.claim(MessageType.RESULT)
    message.flags = flags
    message.callId = sending.callId
    message.payloadLength = payloadLength
    message.runUs = sending.runUs
    message.queueUs = sending.queueUs
    message.cpuUs = sending.cpuUs
    message.content = sending.content
    return message
  }
}
