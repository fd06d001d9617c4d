import {
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
import { type Call, type Callee, type Caller, CallState, type Runner } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Channel } from '../channel/channel.ts'
import { Answers } from '../channel/outbox.ts'
import type { Clock } from '../world.ts'
import { writeCancel, writeData, writeError, writeInvoke, writeResult, writeWindow } from './call-messages.ts'
import { blameless, exactFault, featureFault, left, overCaller, parentOver, tooLarge } from './exchange-faults.ts'
import type { ExchangeTerms, InnerDoor, LateCounter } from './exchange-parts.ts'
import { JOINED_BYTES_MAX, JoinedOutputs } from './joined-outputs.ts'

/**
 * The calls over one worker's channel, both those that it runs and those that it makes. It knows messages and their
 * order; who runs what is decided elsewhere. Each method that takes a message returns the rule it breaks, or undefined.
 */
export class Exchange implements Callee, Caller, Runner {
  readonly id: number
  readonly #channel: Channel
  readonly #calls: CallTable
  readonly #clock: Clock
  readonly #door: InnerDoor
  readonly #terms: ExchangeTerms
  /** Calls that the worker runs, by call id on this channel (even). */
  readonly #held = new OpenCalls<Call>()
  /** Calls that the worker made, by call id on this channel (odd). */
  readonly #made = new OpenCalls<Call>()
  #lastHeld = 0
  #lastMade = 0xffff_ffff // The first odd id, 1, comes two after it.
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

  /** The largest output that the worker can read as a caller, in bytes. */
  readonly outputMax: number
  readonly #joined = new JoinedOutputs()
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
    this.#clock = clock
    this.#door = door
    this.#terms = terms
    this.capacity = terms.maxCalls
    this.outputMax = terms.streaming ? Number.POSITIVE_INFINITY : JOINED_BYTES_MAX
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
    if (this.#terms.streaming || (call.flags & Flag.MORE) === 0) return undefined
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
    writeInvoke(this.#channel, call, id)
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

  // ——— Caller: what the callees of this worker's internal calls answer ———

  onResult(call: Call, view: MessageView): void {
    const id = call.callerCallId
    if (view.more && !this.#terms.streaming) {
      this.#joined.add(id, view)
      return
    }
    writeResult(this.#channel, call, this.#joined.has(id) ? this.#joined.end(id, view) : view)
    if (!view.more) this.#made.delete(id)
  }

  onData(call: Call, view: MessageView): void {
    if (this.#terms.streaming) {
      writeData(this.#channel, call.callerCallId, view)
      return
    }
    this.#joined.add(call.callerCallId, view)
    call.outputCredit += 1
    call.callee?.sendWindow(call, 1)
  }

  onFailure(call: Call, why: Failure): void {
    this.#made.delete(call.callerCallId)
    this.#joined.drop(call.callerCallId)
    const queued = call.dispatchedUs === 0 ? this.#clock.nowUs() : call.dispatchedUs
    writeError(this.#channel, call.callerCallId, why, call.runUs, queued - call.enteredUs)
  }

  onWindow(call: Call, credit: number): void {
    writeWindow(this.#channel, call.callerCallId, credit)
  }

  /** Answers an INVOKE that never became a call. */
  refuse(callId: number, why: Failure): void {
    writeError(this.#channel, callId, why, 0, 0)
  }

  /** `call` is the worker's INVOKE `callId` from now on. */
  made(callId: number, call: Call): void {
    this.#made.set(callId, call)
  }

  /** The call that the worker runs under this id; undefined: none. */
  heldCall(callId: number): Call | undefined {
    return this.#held.get(callId)
  }

  // ——— What the worker sends ———

  /** INVOKE: an internal call. */
  receiveInvoke(view: MessageView): Verdict | undefined {
    const id = view.callId
    if (!isAfter(id, this.#lastMade)) {
      return {
        rule: 'call-id-rising',
        message: `INVOKE has call_id ${id}, which does not come after ${this.#lastMade}`,
      }
    }
    if (this.#made.has(id)) return { rule: 'call-id-open-skipped', message: `INVOKE has call_id ${id}, which is open` }
    const open = this.#made.size + this.#channel.unwritten(Answers.invoke)
    if (open >= this.#terms.maxOpenInvokes) {
      return { rule: 'limit-open-invokes', message: `${open} INVOKEs are open already, which is max_open_invokes` }
    }
    if (view.more && !this.#terms.streaming) return featureFault('INVOKE with MORE', 'streaming')
    this.#lastMade = id
    const parentId = view.parentCallId
    if (parentId === 0) {
      this.#door.invoke(this, view, undefined)
      return undefined
    }
    const parent = this.#held.get(parentId)
    if (parent === undefined && ((parentId & 1) === 1 || isAfter(parentId, this.#lastHeld))) {
      return { rule: 'call-parent-open', message: `INVOKE names parent_call_id ${parentId}, which never was a call` }
    }
    if (parent === undefined || parent.cancelled) this.refuse(id, parentOver)
    else this.#door.invoke(this, view, parent)
    return undefined
  }

  /** RESULT of a call that the worker runs. `freed` says whether a place became free. */
  receiveResult(view: MessageView): Verdict | undefined {
    const id = view.callId
    const call = this.#held.get(id)
    if (call === undefined) return this.#late(id, 'RESULT', true)
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
    this.#held.delete(id)
    this.#outputOver(call, length)
    this.#calls.complete(call, view)
    return undefined
  }

  /** ERROR of a call that the worker runs, whole. */
  receiveError(callId: number, runUs: number, why: Failure): Verdict | undefined {
    const call = this.#held.get(callId)
    if (call === undefined) return this.#late(callId, 'ERROR', true)
    if (why.status !== REASONS[why.reason].status && why.reason !== 'handler_error') {
      const text = `ERROR of call ${callId} has status ${why.status}, but the reason ${why.reason}`
      return { rule: 'error-status-of-reason', message: text }
    }
    this.#held.delete(callId)
    if (why.reason === 'draining') this.leaving = true
    if ((why.reason === 'draining' || why.reason === 'overloaded') && this.#calls.takeBack(call)) {
      call.fn.dispatcher.submit(call, this)
      return undefined
    }
    call.runUs = runUs
    this.#calls.fail(call, blameless(why))
    return undefined
  }

  /** GOODBYE without a reason came: what is open crossed it and was never started. Rule `goodbye-crossing`. */
  leave(): void {
    this.leaving = true
    const held = this.#held.values()
    this.#held.clear()
    for (const call of held) {
      if (this.#calls.takeBack(call)) call.fn.dispatcher.submit(call, this)
      else this.#calls.fail(call, left)
    }
  }

  /** DATA: output of a call that it runs, or input of a call that it made. */
  receiveData(view: MessageView): Verdict | undefined {
    return (view.callId & 1) === 0 ? this.#outputData(view) : this.#inputData(view)
  }

  /** WINDOW: credit for the input of a call that it runs, or for the output of a call that it made. */
  receiveWindow(view: MessageView): Verdict | undefined {
    const id = view.callId
    const credit = view.credit
    const mine = (id & 1) === 1
    const call = mine ? this.#made.get(id) : this.#held.get(id)
    if (call === undefined) return this.#late(id, 'WINDOW', false)
    const after = (mine ? call.outputCredit : call.inputCredit) + credit
    if (after > CREDIT_MAX) {
      return { rule: 'credit-max', message: `WINDOW raises the credit of call ${id} to ${after}, above ${CREDIT_MAX}` }
    }
    if (mine) {
      call.outputCredit = after
      if (call.state === CallState.running) call.callee?.sendWindow(call, credit)
    } else {
      call.inputCredit = after
      if (call.state === CallState.running) call.caller.onWindow(call, credit)
    }
    return undefined
  }

  /** CANCEL of a call that it made. */
  receiveCancel(view: MessageView): Verdict | undefined {
    const id = view.callId
    if ((id & 1) === 0)
      return { rule: 'call-caller-cancels', message: `CANCEL for call ${id}, which the engine started` }
    const call = this.#made.get(id)
    if (call === undefined) return this.#late(id, 'CANCEL', false)
    this.#calls.cancel(call)
    return undefined
  }

  /** The channel is over: every call that the worker runs fails with `why`, every call that it made has lost its caller. */
  end(why: Failure): void {
    this.leaving = true // Who hears of a failure may at once make another call: not here.
    const held = this.#held.values()
    const made = this.#made.values()
    this.#held.clear()
    this.#made.clear()
    // Callers first: a call between two functions of this worker has nobody left to tell.
    for (const call of made) this.#calls.callerGone(call)
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

  #inputData(view: MessageView): Verdict | undefined {
    const id = view.callId
    const call = this.#made.get(id)
    if (call === undefined) return this.#late(id, 'DATA', false)
    if (!call.inputOpen) return { rule: 'data-after-end', message: `DATA for call ${id} after the end of its input` }
    call.inputCredit -= 1
    if (call.inputCredit < 0) return { rule: 'data-credit', message: `DATA for call ${id} without credit` }
    call.inputBytes += view.bodyLength
    call.inputOpen = view.more
    const announced = call.inputAnnounced
    if (call.inputBytes > announced) return exactFault(id, call.inputBytes, announced)
    if (!view.more && announced !== PAYLOAD_LENGTH_UNKNOWN && call.inputBytes !== announced) {
      return exactFault(id, call.inputBytes, announced)
    }
    if (call.inputBytes > this.#terms.payloadBytesMax)
      this.#calls.giveUp(call, tooLarge(call, 'input', this.#terms.payloadBytesMax))
    else if (call.state === CallState.waiting) call.held.push(view.whole.slice())
    else call.callee?.sendData(call, view)
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
    const never = isAfter(id, odd ? this.#lastMade : this.#lastHeld)
    if (!never) this.#counter.messagesLate += 1
    return never ? { rule: 'call-id-known', message: `${what} for call ${id}, which never was` } : undefined
  }
}
