import {
  CREDIT_MAX,
  Flag,
  isAfter,
  type MessageView,
  OpenCalls,
  PAYLOAD_LENGTH_UNKNOWN,
  type Verdict,
} from '@millrace/protocol'
import type { Failure } from '@millrace/protocol/cold'
import { type Call, type Caller, CallState } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Channel } from '../channel/channel.ts'
import { Answers } from '../channel/outbox.ts'
import type { Clock } from '../world.ts'
import { writeData, writeError, writeResult, writeWindow } from './call-messages.ts'
import { exactFault, featureFault, parentOver, tooLarge } from './exchange-faults.ts'
import type { ExchangeTerms, InnerDoor } from './exchange-parts.ts'
import { JOINED_BYTES_MAX, JoinedOutputs } from './joined-outputs.ts'
import { MadeFiles } from './made-files.ts'

/** What a worker's made calls ask about those that it runs. */
export interface HeldCalls {
  /** The open call that the worker runs under this id; undefined: none. */
  heldCall(callId: number): Call | undefined
  /** Whether this id, even, is of a call that the worker never ran. */
  neverHeld(callId: number): boolean
}

/**
 * The calls that one worker makes: INVOKE, DATA, WINDOW and CANCEL from it, and the answers to it. Each method that takes a
 * message returns the rule it breaks, or undefined.
 */
export class MadeCalls implements Caller {
  readonly #channel: Channel
  readonly #calls: CallTable
  readonly #clock: Clock
  readonly #door: InnerDoor
  readonly #terms: ExchangeTerms
  readonly #held: HeldCalls
  /** By call id on this channel (odd). */
  readonly #open = new OpenCalls<Call>()
  #lastId = 0xffff_ffff // The first odd id, 1, comes two after it.
  /** The largest output that the worker can read as a caller, in bytes. */
  readonly outputMax: number
  readonly #joined = new JoinedOutputs()
  readonly #files: MadeFiles

  constructor(
    channel: Channel,
    calls: CallTable,
    clock: Clock,
    door: InnerDoor,
    terms: ExchangeTerms,
    held: HeldCalls,
  ) {
    this.#channel = channel
    this.#calls = calls
    this.#clock = clock
    this.#door = door
    this.#terms = terms
    this.#held = held
    this.#files = new MadeFiles(channel, terms.payloads, terms.openFilesBytesMax)
    this.outputMax = terms.streaming ? Number.POSITIVE_INFINITY : JOINED_BYTES_MAX
  }

  /** Calls that are open. */
  get size(): number {
    return this.#open.size
  }

  /** Whether this id, odd, is of a call that the worker never made. */
  neverMade(callId: number): boolean {
    return isAfter(callId, this.#lastId)
  }

  // ——— Caller: what the callees answer ———

  onResult(call: Call, view: MessageView): void {
    const id = call.callerCallId
    if (view.more && !this.#terms.streaming) {
      this.#joined.add(id, view)
      return
    }
    if (call.outputFile !== undefined) this.#files.answer(call, view)
    else writeResult(this.#channel, call, this.#joined.has(id) ? this.#joined.end(id, view) : view)
    if (!view.more) this.#forget(call)
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
    this.#forget(call)
    this.#joined.drop(call.callerCallId)
    const queued = call.dispatchedUs === 0 ? this.#clock.nowUs() : call.dispatchedUs
    writeError(this.#channel, call.callerCallId, why, call.runUs, queued - call.enteredUs)
  }

  onWindow(call: Call, credit: number): void {
    writeWindow(this.#channel, call.callerCallId, credit)
  }

  // ——— What the inner door says ———

  /** Answers an INVOKE that never became a call. */
  refuse(callId: number, why: Failure): void {
    writeError(this.#channel, callId, why, 0, 0)
  }

  /** `call` is the worker's INVOKE `callId` from now on. */
  made(callId: number, call: Call): void {
    this.#open.set(callId, call)
    this.#files.claim(call)
  }

  // ——— What the worker sends ———

  /** INVOKE: an internal call. */
  receiveInvoke(view: MessageView): Verdict | undefined {
    const id = view.callId
    if (!isAfter(id, this.#lastId)) {
      return { rule: 'call-id-rising', message: `INVOKE has call_id ${id}, which does not come after ${this.#lastId}` }
    }
    if (this.#open.has(id) || this.#files.isSending(id)) {
      return { rule: 'call-id-open-skipped', message: `INVOKE has call_id ${id}, which is open` }
    }
    const open = this.#open.size + this.#files.sending + this.#channel.unwritten(Answers.invoke)
    if (open >= this.#terms.maxOpenInvokes) {
      return { rule: 'limit-open-invokes', message: `${open} INVOKEs are open already, which is max_open_invokes` }
    }
    if (view.more && !this.#terms.streaming) return featureFault('INVOKE with MORE', 'streaming')
    const inFile = (view.flags & Flag.PAYLOAD_FILE) !== 0
    const fault = inFile ? this.#files.arrive(view) : undefined
    if (fault !== undefined) return fault
    this.#lastId = id
    const broken = this.#enter(view, id)
    if (inFile) this.#files.release()
    return broken
  }

  /** Takes an INVOKE to the door, under its parent. */
  #enter(view: MessageView, id: number): Verdict | undefined {
    const parentId = view.parentCallId
    const parent = parentId === 0 ? undefined : this.#held.heldCall(parentId)
    if (parentId !== 0 && parent === undefined && ((parentId & 1) === 1 || this.#held.neverHeld(parentId))) {
      return { rule: 'call-parent-open', message: `INVOKE names parent_call_id ${parentId}, which never was a call` }
    }
    const over = this.#files.over
    if (over !== undefined) this.refuse(id, over)
    else if (parentId !== 0 && (parent === undefined || parent.cancelled)) this.refuse(id, parentOver)
    else this.#door.invoke(this, view, parent)
    return undefined
  }

  /** DATA: input of a call that it made. `late` when it made none such that is open. */
  receiveData(view: MessageView): Verdict | undefined | 'late' {
    const id = view.callId
    const call = this.#open.get(id)
    if (call === undefined) return 'late'
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

  /** WINDOW: credit for the output of a call that it made. */
  receiveWindow(view: MessageView): Verdict | undefined | 'late' {
    const id = view.callId
    const credit = view.credit
    const call = this.#open.get(id)
    if (call === undefined) {
      if (!this.#files.isSending(id)) return 'late'
      this.#files.window(id, credit)
      return undefined
    }
    const after = call.outputCredit + credit
    if (after > CREDIT_MAX) return overCredit(id, after)
    call.outputCredit = after
    if (call.state === CallState.running) call.callee?.sendWindow(call, credit)
    return undefined
  }

  /** CANCEL of a call that it made. */
  receiveCancel(view: MessageView): 'late' | undefined {
    const id = view.callId
    const call = this.#open.get(id)
    if (call !== undefined) this.#calls.cancel(call)
    else if (this.#files.isSending(id)) this.#files.cancel(id)
    else return 'late'
    return undefined
  }

  /** The channel is over: every call has lost its caller. */
  end(): void {
    const open = this.#open.values()
    this.#open.clear()
    this.#files.close()
    for (const call of open) this.#calls.callerGone(call)
  }

  /** A call has its outcome. */
  #forget(call: Call): void {
    this.#open.delete(call.callerCallId)
    if (call.fileBytes > 0) this.#files.ended(call)
  }
}

/** A WINDOW grants too much. */
export function overCredit(id: number, after: number): Verdict {
  return { rule: 'credit-max', message: `WINDOW raises the credit of call ${id} to ${after}, above ${CREDIT_MAX}` }
}
