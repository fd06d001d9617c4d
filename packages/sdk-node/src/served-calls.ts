import {
  announcedBytes,
  Content,
  Flag,
  isAfter,
  MEDIA_TYPES,
  MessageType,
  type MessageView,
  OpenCalls,
  type ReasonName,
  type Verdict,
} from '@millrace/protocol'
import { encodeFailure, failure, spanMessages } from '@millrace/protocol/cold'
import type { Caller } from './caller.ts'
import type { Channel } from './channel.ts'
import { decode, parseText } from './content.ts'
import { MillraceError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import type { Welcome } from './handshake.ts'
import type { WorkerLog } from './log.ts'
import { StreamedPayload, WholePayload } from './payload-in.ts'
import { ServedCall } from './served-call.ts'
import type { PayloadFiles, WorkerWorld } from './world.ts'

/** The calls that this worker runs: takes the engine's messages about them, refuses what it can't take. */
export class ServedCalls {
  readonly world: WorkerWorld
  readonly channel: Channel
  readonly caller: Caller
  readonly log: WorkerLog
  #functions: ReadonlyMap<number, AnyFunction>
  /** Calls at once. */
  #callsMax: number
  readonly #welcome: Welcome
  /** Undefined: `payload-file` was not accepted. */
  readonly #files: PayloadFiles | undefined
  readonly #open = new OpenCalls<ServedCall>()
  /** The engine's highest call id so far: with it alone any id is new, or was used. */
  #lastId = 0
  #draining = false
  /** Called when the last open call ends while draining. */
  onIdle: () => void = () => {}

  constructor(
    world: WorkerWorld,
    channel: Channel,
    caller: Caller,
    log: WorkerLog,
    functions: ReadonlyMap<number, AnyFunction>,
    welcome: Welcome,
    files?: PayloadFiles,
  ) {
    this.world = world
    this.channel = channel
    this.caller = caller
    this.log = log
    this.#functions = functions
    this.#welcome = welcome
    this.#files = files
    this.#callsMax = welcome.callsMax
  }

  /** The code of a prewarmed worker was loaded: serves it from now on, so many calls at once. */
  serve(functions: ReadonlyMap<number, AnyFunction>, callsMax: number): void {
    this.#functions = functions
    this.#callsMax = callsMax
  }

  get openCount(): number {
    return this.#open.size
  }

  get streaming(): boolean {
    return this.#welcome.streaming
  }

  /** Why an output of that many bytes can't be sent, if it can't. */
  refuseOutput(bytes: number): MillraceError | undefined {
    if (!this.streaming) {
      return new MillraceError(
        'payload_too_large',
        `the output has ${bytes} bytes, and this channel carries at most 960`,
      )
    }
    return bytes > this.#welcome.payloadBytesMax
      ? new MillraceError(
          'payload_too_large',
          `the output has ${bytes} bytes or more; the engine takes ${this.#welcome.payloadBytesMax}`,
        )
      : undefined
  }

  /** INVOKE. Rules `call-id-rising`, `feature-accepted`, `function-id-known`. */
  invoke(view: MessageView): Verdict | undefined {
    const id = view.callId
    if (!isAfter(id, this.#lastId)) {
      return { rule: 'call-id-rising', message: `INVOKE has call_id ${id}, which does not come after ${this.#lastId}` }
    }
    if (this.#open.has(id))
      return { rule: 'call-id-open-skipped', message: `INVOKE has call_id ${id}, which is still open` }
    if (view.parentCallId !== 0) {
      return { rule: 'call-parent-zero', message: `INVOKE of call ${id} names the parent ${view.parentCallId}` }
    }
    this.#lastId = id
    const { flags } = view
    if ((flags & Flag.MORE) !== 0 && !this.streaming) return notAccepted('MORE', 'streaming')
    const inFile = (flags & Flag.PAYLOAD_FILE) !== 0
    if (inFile && this.#files === undefined) return notAccepted('PAYLOAD_FILE', 'payload-file')
    if ((flags & Flag.HEAD) !== 0) return notAccepted('HEAD', 'http')
    const fn = this.#functions.get(view.functionId)
    if (fn === undefined) {
      this.#refuse(id, 'not_found', `this worker serves no function with the id ${view.functionId}`)
      if (inFile) this.#files!.discard(this.channel.text(view))
    } else if (this.#draining) this.#refuse(id, 'draining', 'this worker is draining and did not start the call')
    else if (this.#open.size >= this.#callsMax) {
      this.#refuse(id, 'overloaded', `this worker runs ${this.#callsMax} calls already`)
    } else return this.#start(fn, view)
    return undefined
  }

  /** Puts an output into a file, where that is faster; undefined: it goes in DATA. */
  writeFile(call: ServedCall, bytes: Uint8Array): string | undefined {
    if (this.#files === undefined || bytes.length < this.#welcome.fileBytesMin) return undefined
    return this.#files.write(bytes, ownerOf(call))
  }

  /** DATA of an input. */
  data(view: MessageView): Verdict | undefined {
    const call = this.#open.get(view.callId)
    if (call === undefined) return this.#late(view)
    if (call.input === undefined) {
      return { rule: 'data-after-end', message: `DATA came for call ${call.id}, whose input had ended` }
    }
    const last = !view.more
    const { input } = call
    // Before `take`, which may run the handler and end the call.
    if (last) call.input = undefined
    return input.take(view, true, last)
  }

  /** WINDOW for an output. */
  window(view: MessageView): Verdict | undefined {
    const call = this.#open.get(view.callId)
    if (call === undefined) return this.#late(view)
    if (call.output === undefined) {
      return {
        rule: 'credit-max',
        message: `WINDOW grants ${view.credit} for call ${call.id}, which has all its credit`,
      }
    }
    return call.output.grant(view.credit)
  }

  cancel(view: MessageView): Verdict | undefined {
    const call = this.#open.get(view.callId)
    if (call === undefined) return this.#late(view)
    call.cancel()
    return undefined
  }

  /** Refuses calls from now on; `onIdle` is called when none is open, which may be at once. */
  drain(): void {
    this.#draining = true
    if (this.#open.size === 0) this.onIdle()
  }

  /** The channel is gone: every open call is told to stop. Their outcomes go nowhere. */
  stopAll(error: MillraceError): void {
    for (const call of this.#open.values()) {
      call.output?.stop()
      call.stop(error)
    }
  }

  /** A call has sent its final message. */
  close(call: ServedCall): void {
    call.ended = true
    const { input } = call
    if (input !== undefined) {
      call.input = undefined
      input.fail(new MillraceError('cancelled', `the call of ${call.fn.name} has ended`))
    }
    this.#open.delete(call.id)
    if (call.inFile) this.#files?.release(ownerOf(call))
    if (this.#draining && this.#open.size === 0) this.onIdle()
  }

  #start(fn: AnyFunction, view: MessageView): Verdict | undefined {
    const call = new ServedCall(this, fn, view)
    this.#open.set(call.id, call)
    if ((view.flags & Flag.PAYLOAD_FILE) !== 0) {
      this.#startFile(call, view)
      return undefined
    }
    if (fn.kind === 'stream') {
      const announced = announcedBytes(view.payloadLength)
      const input = new StreamedPayload(this.channel, call.id, announced, () => {})
      const last = !view.more
      const broken = input.take(view, false, last)
      if (broken !== undefined) return broken
      if (!last) call.input = input
      call.start(input)
      return undefined
    }
    const { content } = view
    if (view.more) {
      const { payloadBytesMax } = this.#welcome
      const input = new WholePayload(this.channel, call.id, announcedBytes(view.payloadLength), payloadBytesMax, {
        onWhole: (bytes) => {
          if (fn.kind === 'bytes') call.start(bytes)
          else this.#startJson(call, decode(bytes), content)
        },
        onTooLarge: () =>
          call.fail(new MillraceError('payload_too_large', `the input has more than ${payloadBytesMax} bytes`)),
      })
      call.input = input
      return input.take(view, false, false)
    }
    if (fn.kind === 'bytes') call.start(view.copyOfBody())
    else this.#startJson(call, this.channel.text(view), content)
    return undefined
  }

  /** Starts a call whose input lies in a file. One that is refused fails this call alone: rule `file-refused`. */
  #startFile(call: ServedCall, view: MessageView): void {
    const { fn } = call
    const { content } = view
    call.inFile = true
    const input = this.#files!.read(this.channel.text(view), view.payloadLength, ownerOf(call))
    if (!(input instanceof Uint8Array)) {
      call.fail(new MillraceError('bad_input', `${input.message} (rule ${input.rule})`))
    } else if (fn.kind === 'json') this.#startJson(call, decode(input), content)
    else if (fn.kind === 'bytes') call.start(input)
    else {
      const stream = new StreamedPayload(this.channel, call.id, undefined, () => {})
      stream.give(input, true)
      call.start(stream)
    }
  }

  #startJson(call: ServedCall, text: string, content: number): void {
    let input: unknown
    try {
      const what = `input of ${call.fn.name}`
      if (content === Content.PROTOBUF || content === Content.CBOR || content === Content.EVENT_STREAM) {
        throw new MillraceError('bad_input', `${what} is ${MEDIA_TYPES[content]}; it takes JSON or text`)
      }
      input = parseText(text, content, what)
    } catch (thrown) {
      call.fail(thrown)
      return
    }
    call.start(input)
  }

  /** Ends a call that was not started. */
  #refuse(id: number, reason: ReasonName, message: string): void {
    const why = failure(reason, message)
    const messages = spanMessages(MessageType.ERROR, encodeFailure(why), (writer) => {
      writer.callId = id
      writer.status = why.status
    })
    this.channel.sendMessages(messages)
  }

  /** A message for a call that is not open: dropped if it has ended, a fault if it never was. */
  #late(view: MessageView): Verdict | undefined {
    if (!isAfter(view.callId, this.#lastId)) return undefined // Rule `call-late-dropped`.
    return { rule: 'call-id-known', message: `call ${view.callId} was never started` }
  }
}

/** An input's file may only go back as the output of its call. */
function ownerOf(call: ServedCall): string {
  return `call ${call.id}`
}

function notAccepted(flag: string, feature: string): Verdict {
  return { rule: 'feature-accepted', message: `INVOKE has the flag ${flag}, but WELCOME did not accept ${feature}` }
}
