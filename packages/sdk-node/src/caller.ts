import { Flag, isAfter, MessageType, type MessageView, nextCallId, OpenCalls, type Verdict } from '@millrace/protocol'
import { decodeFailure } from '@millrace/protocol/cold'
import { CallOutput, readerLeft } from './call-output.ts'
import { CallStart, fileOwner } from './call-start.ts'
import type { Channel } from './channel.ts'
import type { CallOptions } from './context.ts'
import { MillraceError } from './errors.ts'
import type { Welcome } from './handshake.ts'
import { CALLS_WAITING_MAX } from './limits.ts'
import type { Names } from './names.ts'
import { OutputStream } from './output-stream.ts'
import { type CallInput, type CallListener, type OutputForm, PendingCall } from './pending-call.ts'
import type { ServedCall } from './served-call.ts'
import type { PayloadFiles } from './world.ts'

export type { CallInput } from './pending-call.ts'

/** The internal calls that this worker waits for: starts them, gives each its outcome once, ends all with the channel. */
export class Caller {
  readonly #channel: Channel
  readonly #welcome: Welcome
  readonly #names: Names
  readonly #start: CallStart
  readonly #output: CallOutput
  /** Undefined: `payload-file` was not accepted. */
  readonly #files: PayloadFiles | undefined
  /** Those that a RESULT may have. */
  readonly #flags: number
  readonly #open = new OpenCalls<PendingCall>()
  /** Calls whose INVOKE waits for a place (rule `limit-open-invokes`), from `#waitingFrom` on. */
  #waiting: PendingCall[] = []
  #waitingFrom = 0
  #lastId = -1
  /** Why no call can be made any more; undefined while the channel is up. */
  #gone: MillraceError | undefined
  readonly #onAbort = (call: PendingCall): void => this.#cancel(call, call.aborted!)

  constructor(channel: Channel, welcome: Welcome, names: Names, files?: PayloadFiles) {
    this.#channel = channel
    this.#welcome = welcome
    this.#names = names
    this.#files = files
    this.#flags = (welcome.streaming ? Flag.MORE : 0) | (files === undefined ? 0 : Flag.PAYLOAD_FILE)
    this.#start = new CallStart(channel, welcome, files)
    this.#output = new CallOutput(channel, welcome, (call, error) => this.#cancel(call, error))
  }

  /** Makes an internal call. The promise rejects with a `MillraceError`. @throws UsageError for an option out of range. */
  call(
    parent: ServedCall,
    name: string,
    input: CallInput,
    options: CallOptions | undefined,
    form: OutputForm,
  ): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const onFailure = (error: unknown): void => {
      // A call that its function did not wait for ends with it, and nobody may be left to hear that: such a promise must
      // not end the process as an unhandled rejection.
      if (parent.ended || parent.cancelled !== undefined) promise.catch(() => {})
      reject(error)
    }
    const listener: CallListener = { onHead: () => {}, onValue: resolve, onFailure }
    this.#begin(new PendingCall(parent, name, input, options, form, listener, this.#onAbort))
    return promise
  }

  /** Makes an internal call whose output is iterated: bytes as they come, or the items of JSON output. */
  stream(
    parent: ServedCall,
    name: string,
    input: CallInput,
    options: CallOptions | undefined,
    items: boolean,
  ): AsyncIterableIterator<unknown> {
    const output = new OutputStream(`output of ${name}`, items, () => this.#cancel(call, readerLeft(name)))
    const call = new PendingCall(parent, name, input, options, 'stream', output, this.#onAbort)
    this.#begin(call)
    return output
  }

  /** RESULT. Rules `feature-accepted`, `result-total`, `call-id-known`, `call-late-dropped`. */
  result(view: MessageView): Verdict | undefined {
    if ((view.flags & ~this.#flags) !== 0) {
      const message = `RESULT of call ${view.callId} has flags 0x${view.flags.toString(16)}, which WELCOME did not accept`
      return { rule: 'feature-accepted', message }
    }
    const call = this.#open.get(view.callId)
    if ((view.flags & Flag.PAYLOAD_FILE) !== 0) return this.#fileResult(call, view)
    if (call === undefined) return this.#late(view)
    if (call.incoming === undefined) return view.more ? this.#output.head(call, view) : this.#wholeResult(call, view)
    if (view.more) return { rule: 'result-more-once', message: `a second RESULT with MORE came for call ${call.id}` }
    if (call.incoming.total + view.bodyLength !== view.payloadLength) {
      return {
        rule: 'result-total',
        message: `the output of call ${call.id} had ${call.incoming.total + view.bodyLength} bytes; its last RESULT says ${view.payloadLength}`,
      }
    }
    this.#close(call)
    const broken = call.incoming.take(view, false, true)
    if (broken === undefined && call.form === 'stream') call.succeed(undefined)
    return broken
  }

  /** The whole body of ERROR. Rule `error-body`. */
  error(callId: number, status: number, body: Uint8Array, view: MessageView): Verdict | undefined {
    const call = this.#open.get(callId)
    if (call === undefined) return this.#late(view)
    const failure = decodeFailure(body, status)
    if (failure === undefined) return { rule: 'error-body', message: `ERROR of call ${callId} carries no Failure` }
    this.#close(call)
    const error = MillraceError.ofFailure(failure)
    // An id that the engine does not know any more: ask for the name once more. A handler's own not_found has a type.
    if (
      failure.reason === 'not_found' &&
      failure.errorType === '' &&
      call.staleError === undefined &&
      this.#canRepeat(call)
    ) {
      this.#names.forget(call.name, call.functionId)
      call.staleError = error
      call.id = 0
      call.outgoing?.stop()
      call.outgoing = undefined
      this.#begin(call)
    } else call.fail(error)
    return undefined
  }

  /** DATA of an output. Rule `data-output-more`. */
  data(view: MessageView): Verdict | undefined {
    const call = this.#open.get(view.callId)
    if (call === undefined) return this.#late(view)
    if (!view.more)
      return { rule: 'data-output-more', message: `DATA without MORE came for the output of call ${call.id}` }
    if (call.incoming === undefined)
      return { rule: 'data-after-head', message: `DATA came before RESULT for call ${call.id}` }
    return call.incoming.take(view, true, false)
  }

  /** WINDOW for an input. */
  window(view: MessageView): Verdict | undefined {
    const call = this.#open.get(view.callId)
    if (call === undefined) return this.#late(view)
    if (call.outgoing === undefined) {
      // After a local end the input is not sent any more, and its credit does not matter.
      if (call.settled) return undefined
      return {
        rule: 'credit-max',
        message: `WINDOW grants ${view.credit} for call ${call.id}, which has all its credit`,
      }
    }
    return call.outgoing.grant(view.credit)
  }

  /** A served call stops: its internal calls end at once, and the engine is told. */
  cancelChildren(parent: ServedCall, error: MillraceError): void {
    for (const call of this.#open.values()) if (call.parent === parent) this.#cancel(call, error)
    for (const call of this.#waiting.slice(this.#waitingFrom)) if (call.parent === parent) call.fail(error)
  }

  /** The channel is gone: every call ends with the same error, and so does every later one. */
  failAll(error: MillraceError): void {
    this.#gone = error
    const calls = [...this.#open.values(), ...this.#waiting.slice(this.#waitingFrom)]
    this.#open.clear()
    this.#waiting = []
    this.#waitingFrom = 0
    for (const call of calls) call.fail(error)
    this.#names.failAll(error)
  }

  #begin(call: PendingCall): void {
    const refused = this.#gone ?? call.aborted ?? call.parent.cancelled ?? this.#refuse(call)
    if (refused !== undefined) {
      call.fail(refused)
      return
    }
    const functionId = this.#names.lookup(call.name)
    if (functionId !== undefined) this.#invoke(call, functionId)
    else {
      this.#names.ask(call.name, {
        onName: (id) => this.#onName(call, id),
        onNoName: (error) => call.fail(call.staleError ?? error),
      })
    }
  }

  #onName(call: PendingCall, id: number): void {
    if (call.staleError !== undefined && call.functionId === id) call.fail(call.staleError)
    else this.#invoke(call, id)
  }

  #invoke(call: PendingCall, functionId: number): void {
    call.functionId = functionId
    if (this.#open.size < this.#welcome.openInvokesMax) this.#send(call)
    else if (this.#waiting.length - this.#waitingFrom < CALLS_WAITING_MAX) this.#waiting.push(call)
    else call.fail(new MillraceError('queue_full', `${CALLS_WAITING_MAX} internal calls of this worker wait already`))
  }

  #send(call: PendingCall): void {
    // It may have ended while it waited for its name or a place.
    if (call.settled) return
    if (call.parent.ended) {
      call.fail(ended(call))
      return
    }
    let id = this.#lastId
    do id = nextCallId(id)
    while (this.#open.has(id))
    this.#lastId = id
    call.id = id
    const refused = this.#start.send(call)
    if (refused !== undefined) {
      call.fail(refused)
      return
    }
    this.#open.set(id, call)
    this.#start.sendRest(call, (error) => this.#cancel(call, error))
  }

  #refuse(call: PendingCall): MillraceError | undefined {
    if (call.parent.ended) return ended(call)
    if (this.#welcome.openInvokesMax === 0) {
      return new MillraceError('unsupported', 'the engine did not accept internal calls on this channel')
    }
    return undefined
  }

  #wholeResult(call: PendingCall, view: MessageView): Verdict | undefined {
    if (view.payloadLength !== view.bodyLength) {
      return {
        rule: 'result-total',
        message: `RESULT of call ${call.id} has ${view.bodyLength} bytes and says ${view.payloadLength}`,
      }
    }
    this.#close(call)
    this.#output.whole(call, view)
    return undefined
  }

  /** RESULT whose output lies in a file. One that is refused fails its call alone: rule `file-refused`. */
  #fileResult(call: PendingCall | undefined, view: MessageView): Verdict | undefined {
    const name = this.#channel.text(view)
    if (call === undefined || call.settled) {
      this.#files!.discard(name) // Nobody waits for it any more.
      if (call === undefined) return this.#late(view)
    }
    if (call.incoming !== undefined) {
      return { rule: 'file-alone', message: `the output of call ${call.id} began in RESULT, and names a file now` }
    }
    const { payloadLength, content } = view
    this.#close(call)
    if (call.settled) return undefined
    const output = this.#files!.read(name, payloadLength, fileOwner(call))
    if (output instanceof Uint8Array) this.#output.file(call, output, content)
    else {
      const message = `${output.message} (rule ${output.rule})`
      call.fail(new MillraceError('protocol_error', message, { function: call.name }))
    }
    return undefined
  }

  /** Ends a call for its caller now; on the channel it stays open until its final message. */
  #cancel(call: PendingCall, error: MillraceError): void {
    if (call.settled) return
    if (call.id !== 0 && this.#open.get(call.id) === call) {
      const writer = this.#channel.begin(MessageType.CANCEL)
      writer.callId = call.id
      this.#channel.end(0)
    }
    call.fail(error)
  }

  #canRepeat(call: PendingCall): boolean {
    return !call.settled && call.incoming === undefined && call.input.stream === undefined
  }

  /** Its final message came: the id is free, and so is a place. */
  #close(call: PendingCall): void {
    this.#open.delete(call.id)
    call.outgoing?.stop()
    while (this.#waitingFrom < this.#waiting.length && this.#open.size < this.#welcome.openInvokesMax) {
      const next = this.#waiting[this.#waitingFrom]!
      this.#waitingFrom += 1
      this.#send(next)
    }
    if (this.#waitingFrom === this.#waiting.length && this.#waitingFrom > 0) {
      this.#waiting = []
      this.#waitingFrom = 0
    }
  }

  #late(view: MessageView): Verdict | undefined {
    if (this.#lastId > 0 && !isAfter(view.callId, this.#lastId)) return undefined // Rule `call-late-dropped`.
    return { rule: 'call-id-known', message: `this worker never started a call ${view.callId}` }
  }
}

function ended(call: PendingCall): MillraceError {
  return new MillraceError('cancelled', `${call.parent.fn.name} called ${call.name} after its own call had ended`)
}
