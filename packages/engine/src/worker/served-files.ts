import { CREDIT_MAX, Flag, MessageType } from '@millrace/protocol'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Channel } from '../channel/channel.ts'
import type { PayloadDirectory } from '../world.ts'
import { FileStream, part } from './file-stream.ts'

/** Inputs that lie in files, on their way to the worker that runs their calls: moved to it, or sent as DATA where it takes no files. */
export class ServedFiles {
  readonly #channel: Channel
  readonly #calls: CallTable
  /** Undefined: `payload-file` was not accepted. */
  readonly #directory: PayloadDirectory | undefined
  /** Inputs on their way as DATA, by call id. */
  readonly #streams = new Map<number, FileStream>()

  constructor(channel: Channel, calls: CallTable, directory: PayloadDirectory | undefined) {
    this.#channel = channel
    this.#calls = calls
    this.#directory = directory
  }

  /** Puts a call's input where this worker takes it, and the call's INVOKE in order. */
  place(call: Call, callId: number): void {
    const file = call.file!
    const name = this.#directory?.give(file)
    if (name !== undefined) {
      call.file = undefined
      call.flags = Flag.PAYLOAD_FILE
      call.bodyLength = name.length
      for (let i = 0; i < name.length; i += 1) call.body[i] = name.charCodeAt(i)
      return
    }
    const stream = new FileStream(file)
    call.bodyLength = stream.next()
    call.body.set(part.subarray(0, call.bodyLength))
    call.inputCredit = CREDIT_MAX
    const more = stream.left > 0 || stream.cut
    call.flags = more ? Flag.MORE : 0
    if (more) this.#streams.set(callId, stream)
  }

  /** Sends what credit allows of an input that goes as DATA. */
  pump(call: Call): void {
    const callId = call.calleeCallId
    const stream = this.#streams.get(callId)
    if (stream === undefined) return
    while (stream.left > 0 && !stream.cut && call.inputCredit > 0) {
      const length = stream.next()
      if (stream.cut) break
      const message = this.#channel.claim(MessageType.DATA)
      message.callId = callId
      message.flags = stream.left > 0 ? Flag.MORE : 0
      message.copyBody(part, 0, length)
      this.#channel.commit(length)
      call.inputCredit -= 1
    }
    if (stream.left > 0 && !stream.cut) return
    this.#streams.delete(callId)
    if (stream.cut) this.#calls.giveUp(call, stream.failure)
  }

  /** The worker has ended a call, or refused it: nothing more of its input goes there. */
  forget(callId: number): void {
    this.#streams.delete(callId)
  }

  /**
   * The worker did not start a call: its input file is the engine's again (rule `file-returned`). False when the worker did
   * not leave it as it was, so that nobody else can have it.
   */
  retake(call: Call): boolean {
    if (call.file !== undefined || (call.flags & Flag.PAYLOAD_FILE) === 0) return true
    const name = String.fromCharCode(...call.body.subarray(0, call.bodyLength))
    const file = this.#directory!.take(name, call.fileBytes)
    if ('rule' in file) return false
    call.file = file
    return true
  }
}
