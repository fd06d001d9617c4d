import {
  BODY_BYTES,
  CREDIT_MAX,
  Flag,
  isAfter,
  type MessageView,
  nextCallId,
  OpenCalls,
  PAYLOAD_LENGTH_UNKNOWN,
  REASONS,
  type Verdict,
} from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { type Call, type Callee, CallState, type Runner } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Channel } from '../channel/channel.ts'
import type { Clock } from '../world.ts'
import { writeCancel, writeData, writeInvoke, writeWindow } from './call-messages.ts'
import { blameless, exactFault, featureFault, left, overCaller, tooLarge } from './exchange-faults.ts'
import type { ExchangeTerms, InnerDoor, LateCounter } from './exchange-parts.ts'
import { takeFile } from './file-stream.ts'
import { type HeldCalls, MadeCalls, overCredit } from './made-calls.ts'
import { ServedFiles } from './served-files.ts'

/**
 * The calls over one worker's channel: those that it runs here, those that it makes in `MadeCalls`. It knows messages and
 * their order; who runs what is decided elsewhere. Each method that takes a message returns the rule it breaks, or undefined.
 */
export class Exchange implements Callee, Runner, HeldCalls {
  readonly id: number
  readonly #channel: Channel
  readonly #calls: CallTable
  readonly #terms: ExchangeTerms
  /** Calls that the worker runs, by call id on this channel (even). */
  readonly #held = new OpenCalls<Call>()
  readonly #made: MadeCalls
  readonly #files: ServedFiles
  #lastHeld = 0
  /** Calls that the worker takes now; CAPACITY changes it. */
  capacity: number
  /** Given by the engine: the worker may have to go for it. */
  stuck: (call: Call) => void = () => {}
  /** It refuses calls, since it is about to go. */
  leaving = false
  /** It stands still: `resume` comes before a message. */
  paused = false
  resume: () => void = () => {}
  /** Calls that it was given, in all. */
  given = 0

  readonly #counter: LateCounter

  constructor(
    id: number,
    channel: Channel,
    calls: CallTable,
    clock: Clock,
    door: InnerDoor,
    terms: ExchangeTerms,
    counter: LateCounter,
  ) {
    this.#counter = counter
    this.id = id
    this.#channel = channel
    this.#calls = calls
    this.#terms = terms
    this.capacity = terms.maxCalls
    this.#files = new ServedFiles(channel, calls, terms.payloads)
    this.#made = new MadeCalls(channel, calls, clock, door, terms, this)
  }

  // ——— Runner: what the dispatcher asks ———

  get running(): number {
    return this.#held.size
  }

  /** Calls that the worker made and that are open. */
  get making(): number {
    return this.#made.size
  }

  hasPlace(internal: boolean): boolean {
    const limit = internal ? this.capacity : Math.min(this.#terms.concurrency, this.capacity)
    return !this.leaving && this.#held.size < limit
  }

  refuses(call: Call): Failure | undefined {
    if (!this.#terms.functionIds.has(call.fn.id)) return failure('not_found', `${call.fn.name} is served no more`)
    const fits = call.file === undefined ? (call.flags & Flag.MORE) === 0 : call.file.bytes <= BODY_BYTES
    if (this.#terms.streaming || fits) return undefined
    return failure('payload_too_large', `the worker of ${call.fn.name} takes inline payloads only (960 bytes)`)
  }

  run(call: Call): void {
    if (this.paused) this.resume()
    this.given += 1
    let id = nextCallId(this.#lastHeld)
    while (this.#held.has(id)) id = nextCallId(id) // Rule `call-id-open-skipped`; bounded by the open calls.
    this.#lastHeld = id
    this.#held.set(id, call)
    this.#calls.dispatched(call, this, id)
    if (call.file !== undefined) this.#files.place(call, id)
    writeInvoke(this.#channel, call, id)
    if (call.file !== undefined) this.#files.pump(call)
  }

  // ——— Callee: what callers send to this worker ———

  sendData(call: Call, view: MessageView): void {
    call.inputSent = true
    writeData(this.#channel, call.calleeCallId, view)
  }

  sendWindow(call: Call, credit: number): void {
    writeWindow(this.#channel, call.calleeCallId, credit)
  }

  sendCancel(call: Call): void {
    writeCancel(this.#channel, call.calleeCallId)
  }

  /** CAPACITY: the worker takes `calls` at once from now on; never more than was settled. */
  offer(calls: number): void {
    this.capacity = Math.min(calls, this.#terms.maxCalls)
  }

  /** Whether somebody waits for one of the calls that the worker runs. */
  get awaited(): boolean {
    for (const call of this.#held.values()) if (call.state === CallState.running) return true
    return false
  }

  /** The call that the worker runs under this id; undefined: none. */
  heldCall(callId: number): Call | undefined {
    return this.#held.get(callId)
  }

  neverHeld(callId: number): boolean {
    return isAfter(callId, this.#lastHeld)
  }

  // ——— What the worker sends ———

  /** INVOKE: an internal call. */
  receiveInvoke(view: MessageView): Verdict | undefined {
    return this.#made.receiveInvoke(view)
  }

  /** RESULT of a call that the worker runs. `freed` says whether a place became free. */
  receiveResult(view: MessageView): Verdict | undefined {
    const id = view.callId
    const call = this.#held.get(id)
    if (call === undefined) return this.#late(id, 'RESULT', true)
    if ((view.flags & Flag.PAYLOAD_FILE) !== 0) return this.#fileResult(call, view)
    const bodyLength = view.bodyLength
    const length = view.payloadLength
    call.outputBytes += bodyLength
    if (view.more) {
      if (!this.#terms.streaming) return featureFault('RESULT with MORE', 'streaming')
      if (call.outputOpen) return { rule: 'result-more-once', message: `a second RESULT with MORE for call ${id}` }
      call.outputOpen = true
      call.outputAnnounced = length
      if (length < call.outputBytes) return exactFault(id, call.outputBytes, length)
      if (length !== PAYLOAD_LENGTH_UNKNOWN && this.#outputOver(call, length)) return undefined
      if (call.state === CallState.running) call.caller.onResult(call, view)
      return undefined
    }
    if (length !== call.outputBytes) {
      return {
        rule: 'result-total',
        message: `the last RESULT of call ${id} says ${length} bytes, not ${call.outputBytes}`,
      }
    }
    if (call.outputOpen && call.outputAnnounced !== PAYLOAD_LENGTH_UNKNOWN && call.outputAnnounced !== length) {
      return exactFault(id, length, call.outputAnnounced)
    }
    this.#drop(call)
    this.#outputOver(call, length)
    this.#calls.complete(call, view)
    return undefined
  }

  /** RESULT whose output lies in a file. */
  #fileResult(call: Call, view: MessageView): Verdict | undefined {
    if (call.outputOpen) {
      return { rule: 'file-alone', message: `the output of call ${view.callId} began in RESULT, and names a file now` }
    }
    const file = takeFile(this.#terms.payloads!, view)
    if ('rule' in file) return file
    this.#drop(call)
    call.outputFile = file // Dropped with the call, unless the caller takes it.
    this.#outputOver(call, view.payloadLength)
    this.#calls.complete(call, view)
    return undefined
  }

  /** The final message of a call came. */
  #drop(call: Call): void {
    this.#held.delete(call.calleeCallId)
    if (call.file !== undefined) this.#files.forget(call.calleeCallId)
  }

  /** ERROR of a call that the worker runs, whole. */
  receiveError(callId: number, runUs: number, why: Failure): Verdict | undefined {
    const call = this.#held.get(callId)
    if (call === undefined) return this.#late(callId, 'ERROR', true)
    if (why.status !== REASONS[why.reason].status && why.reason !== 'handler_error') {
      const text = `ERROR of call ${callId} has status ${why.status}, but the reason ${why.reason}`
      return { rule: 'error-status-of-reason', message: text }
    }
    this.#drop(call)
    if (this.#terms.relays === true) return this.#relayed(call, runUs, why)
    if (why.reason === 'draining') this.leaving = true
    if ((why.reason === 'draining' || why.reason === 'overloaded') && this.#takeBack(call)) {
      call.fn.dispatcher.submit(call, this)
      return undefined
    }
    call.runUs = runUs
    this.#calls.fail(call, blameless(why))
    return undefined
  }

  /** A failure from beyond another engine, which has tried what could be tried. */
  #relayed(call: Call, runUs: number, why: Failure): undefined {
    call.runUs = runUs
    this.#calls.fail(call, why)
  }

  /** GOODBYE without a reason came: what is open crossed it and was never started. Rule `goodbye-crossing`. */
  leave(): void {
    this.leaving = true
    const held = this.#held.values()
    this.#held.clear()
    for (const call of held) {
      if (this.#takeBack(call)) call.fn.dispatcher.submit(call, this)
      else this.#calls.fail(call, left)
    }
  }

  /** Whether a call that was never started may go elsewhere, with all of its input. */
  #takeBack(call: Call): boolean {
    return this.#files.retake(call) && this.#calls.takeBack(call)
  }

  /** DATA: output of a call that it runs, or input of a call that it made. */
  receiveData(view: MessageView): Verdict | undefined {
    if ((view.callId & 1) === 0) return this.#outputData(view)
    const broken = this.#made.receiveData(view)
    return broken === 'late' ? this.#late(view.callId, 'DATA', false) : broken
  }

  /** WINDOW: credit for the input of a call that it runs, or for the output of a call that it made. */
  receiveWindow(view: MessageView): Verdict | undefined {
    const id = view.callId
    if ((id & 1) === 1) {
      const broken = this.#made.receiveWindow(view)
      return broken === 'late' ? this.#late(id, 'WINDOW', false) : broken
    }
    const call = this.#held.get(id)
    if (call === undefined) return this.#late(id, 'WINDOW', false)
    const after = call.inputCredit + view.credit
    if (after > CREDIT_MAX) return overCredit(id, after)
    call.inputCredit = after
    if (call.file !== undefined) this.#files.pump(call)
    else if (call.state === CallState.running) call.caller.onWindow(call, view.credit)
    return undefined
  }

  /** CANCEL of a call that it made. */
  receiveCancel(view: MessageView): Verdict | undefined {
    const id = view.callId
    if ((id & 1) === 0)
      return { rule: 'call-caller-cancels', message: `CANCEL for call ${id}, which the engine started` }
    return this.#made.receiveCancel(view) === 'late' ? this.#late(id, 'CANCEL', false) : undefined
  }

  /** The channel is over: every call that the worker runs fails with `why`, every call that it made has lost its caller. */
  end(why: Failure): void {
    this.leaving = true // Who hears of a failure may at once make another call: not here.
    const held = this.#held.values()
    this.#held.clear()
    this.#made.end() // Callers first: a call between two functions of this worker has nobody left to tell.
    for (const call of held) {
      this.#calls.cancelChildren(call)
      this.#calls.fail(call, why)
    }
  }

  #outputData(view: MessageView): Verdict | undefined {
    const id = view.callId
    const call = this.#held.get(id)
    if (call === undefined) return this.#late(id, 'DATA', false)
    if (!call.outputOpen) return { rule: 'data-after-head', message: `DATA for call ${id} before a RESULT with MORE` }
    if (!view.more) return { rule: 'data-output-more', message: `DATA of the output of call ${id} without MORE` }
    call.outputCredit -= 1
    if (call.outputCredit < 0) return { rule: 'data-credit', message: `DATA for call ${id} without credit` }
    call.outputBytes += view.bodyLength
    if (call.outputBytes > call.outputAnnounced) return exactFault(id, call.outputBytes, call.outputAnnounced)
    if (this.#outputOver(call, call.outputBytes)) return undefined
    if (call.state === CallState.running) call.caller.onData(call, view)
    return undefined
  }

  /** Gives up a running call whose output is over what the engine, or the caller, takes. Says whether it did. */
  #outputOver(call: Call, bytes: number): boolean {
    if (call.state !== CallState.running) return false
    if (bytes > this.#terms.payloadBytesMax) {
      this.#calls.abandon(call, tooLarge(call, 'output', this.#terms.payloadBytesMax))
      return true
    }
    if (bytes <= call.caller.outputMax) return false
    this.#calls.abandon(call, overCaller(call))
    return true
  }

  /** A message for a call that is not open: dropped when it was, the end of the channel when it never was. */
  #late(id: number, what: string, byCallee: boolean): Verdict | undefined {
    const odd = (id & 1) === 1
    if (odd && byCallee)
      return { rule: 'call-callee-answers', message: `${what} for call ${id}, which the worker itself made` }
    const never = odd ? this.#made.neverMade(id) : this.neverHeld(id)
    if (!never) this.#counter.messagesLate += 1
    return never ? { rule: 'call-id-known', message: `${what} for call ${id}, which never was` } : undefined
  }
}
