import { CREDIT_MAX, type MessageView } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { assert } from '../base/assert.ts'
import { ATTEMPTS_MAX, CALLS_POOLED_MAX } from '../base/limits.ts'
import type { CallRecord } from '../options.ts'
import type { Clock, Random } from '../world.ts'
import { Call, type Callee, type Caller, type CallFunction, CallState } from './call.ts'
import { Deadlines } from './deadlines.ts'

/** Bounds on calls. */
export interface CallBounds {
  /** Calls in the engine at once. */
  readonly callsMax: number
  /** From the deadline of a call to finding its worker stuck, in microseconds. */
  readonly stuckGraceUs: number
}

/**
 * The calls in the engine: opens them, ends each exactly once, passes cancels down the tree. Rules `call-one-final`,
 * `call-deadline-enforced`, `cancel-tree`. Bounded by `callsMax`.
 */
export class CallTable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #callsMax: number
  readonly #stuckGraceUs: number
  readonly #onCall: ((record: CallRecord) => void) | undefined
  readonly #deadlines: Deadlines
  readonly #pool: Call[] = []
  #open = 0
  #number = 0
  /** Called when the last open call ended; set while the engine drains. */
  onEmpty: (() => void) | undefined
  /** Every open call, so that the end of an engine can end them; a call knows its place in it. */
  readonly #all: Call[] = []

  constructor(clock: Clock, random: Random, bounds: CallBounds, onCall: ((record: CallRecord) => void) | undefined) {
    this.#clock = clock
    this.#random = random
    this.#callsMax = bounds.callsMax
    this.#stuckGraceUs = bounds.stuckGraceUs
    this.#onCall = onCall
    this.#deadlines = new Deadlines(clock, (call) => this.#expire(call))
  }

  /** Calls that have not ended, those that a worker still holds after their caller was answered included. */
  get open(): number {
    return this.#open
  }

  /** A new call, waiting; undefined when `callsMax` are open. The caller sets its input fields and trace. */
  enter(fn: CallFunction, caller: Caller, callerCallId: number, parent: Call | undefined): Call | undefined {
    if (this.#open >= this.#callsMax) return undefined
    const call = this.#pool.pop() ?? new Call()
    this.#open += 1
    this.#number += 1
    call.place = this.#all.length
    this.#all.push(call)
    call.state = CallState.waiting
    call.number = this.#number
    call.fn = fn
    call.caller = caller
    call.callerCallId = callerCallId
    call.enteredUs = this.#clock.nowUs()
    call.depth = 0
    if (parent !== undefined) {
      parent.adopt(call)
      call.depth = parent.depth + 1
    }
    return call
  }

  /** Joins the parent's trace, or begins a new one when there is none; the call gets a span of its own either way. */
  trace(call: Call, parent: Call | undefined): void {
    const words = call.traceWords
    if (parent === undefined) {
      for (let i = 0; i < 4; i += 1) words[i] = this.#random.u32()
      call.traceFlags = 0
    } else {
      const from = parent.traceWords
      words[0] = from[0]!
      words[1] = from[1]!
      words[2] = from[2]!
      words[3] = from[3]!
      call.traceFlags = parent.traceFlags
    }
    words[4] = this.#random.u32() | 1 // A span id is never all zero.
    words[5] = this.#random.u32()
  }

  /**
   * Sets the deadline: the nearest of the caller's own limit, the function's and the parent's. Rule
   * `call-deadline-inherited`. `timeoutUs` 0: the caller set none.
   */
  limit(call: Call, timeoutUs: number): void {
    const own = call.fn.timeoutUs
    const limit = timeoutUs === 0 ? own : own === 0 ? timeoutUs : Math.min(own, timeoutUs)
    let deadline = limit === 0 ? 0 : call.enteredUs + limit
    const above = call.parent === undefined ? 0 : call.parent.deadlineUs
    if (above !== 0 && (deadline === 0 || above < deadline)) deadline = above
    call.deadlineUs = deadline
    if (deadline !== 0) this.#deadlines.add(call)
  }

  /** A worker has it now. */
  dispatched(call: Call, callee: Callee, calleeCallId: number): void {
    call.state = CallState.running
    call.callee = callee
    call.calleeCallId = calleeCallId
    call.dispatchedUs = this.#clock.nowUs()
    call.fn.metrics.running += 1
  }

  /**
   * The worker never started the call: it waits again, for another one. False when that cannot be: its caller was
   * answered, it was cancelled, part of its input is gone, or it was tried `ATTEMPTS_MAX` times. Rule `draining-elsewhere`.
   */
  takeBack(call: Call): boolean {
    if (call.state !== CallState.running || call.cancelled || call.inputSent || call.attempt >= ATTEMPTS_MAX)
      return false
    call.state = CallState.waiting
    call.callee = undefined
    call.calleeCallId = 0
    call.dispatchedUs = 0
    call.runUs = 0
    call.attempt += 1
    call.fn.metrics.running -= 1
    call.fn.dispatcher.left(call)
    return true
  }

  /** The worker's RESULT without MORE came. The worker has forgotten the call already. */
  complete(call: Call, view: MessageView): void {
    if (call.state === CallState.running) {
      call.runUs = view.runUs
      call.cpuUs = view.cpuUs
      this.#settled(call, undefined)
      call.state = CallState.abandoned // Its outcome is known: a caller that goes away while it is told changes nothing.
      call.caller.onResult(call, view)
    }
    this.#end(call)
  }

  /**
   * The call failed: the worker said so or is gone, or it never got to one. In a waiting line it must have been
   * withdrawn before. Nothing happens to the caller when it was answered already.
   */
  fail(call: Call, why: Failure): void {
    if (call.state === CallState.running || call.state === CallState.waiting) this.#answer(call, why)
    this.#end(call)
  }

  /** The caller asks for the end of a call: the callee and every call below are asked; the final message still comes. */
  cancel(call: Call): void {
    if (call.cancelled || call.state === CallState.ended) return
    call.cancelled = true
    if (call.state === CallState.waiting) {
      call.fn.dispatcher.withdraw(call)
      this.fail(call, failure('cancelled', `${call.fn.name} was cancelled before it started`))
      return
    }
    call.callee?.sendCancel(call)
    this.cancelChildren(call)
  }

  /** Cancels every call that `call` made. */
  cancelChildren(call: Call): void {
    let child = call.firstChild
    while (child !== undefined) {
      const next: Call | undefined = child.nextSibling // The child may leave the tree.
      this.cancel(child)
      child = next
    }
  }

  /** The caller went away: nobody is told how the call ends. */
  callerGone(call: Call): void {
    if (call.state === CallState.running) {
      this.#settled(call, cancelledByCaller)
      call.state = CallState.abandoned
      this.cancel(call)
      return
    }
    if (call.state !== CallState.waiting) return
    call.fn.dispatcher.withdraw(call)
    this.#settled(call, cancelledByCaller)
    this.#end(call)
  }

  /** The engine gives up a running call before its worker does: answers the caller, asks the worker to stop. */
  abandon(call: Call, why: Failure): void {
    assert(call.state === CallState.running)
    this.#answer(call, why)
    this.cancel(call)
  }

  /** Ends a call for a fault that the engine found, wherever it is. Rule `payload-max`. */
  giveUp(call: Call, why: Failure): void {
    if (call.state === CallState.running) {
      this.abandon(call, why)
    } else if (call.state === CallState.waiting) {
      call.fn.dispatcher.withdraw(call)
      this.fail(call, why)
    }
  }

  /** Every open call; for the end of the engine. */
  *all(): Generator<Call> {
    yield* [...this.#all]
  }

  /** Stops the clock's alarm. */
  close(): void {
    this.#deadlines.close()
  }

  #expire(call: Call): void {
    const waited = (call.state === CallState.waiting ? this.#clock.nowUs() : call.dispatchedUs) - call.enteredUs
    const total = this.#clock.nowUs() - call.enteredUs
    const text = `${call.fn.name} did not answer in time: gave up after ${ms(total)} ms (waited ${ms(waited)}, ran ${ms(total - waited)})`
    const why = failure('deadline_exceeded', text, { function: call.fn.name })
    if (call.state === CallState.waiting) {
      call.fn.dispatcher.withdraw(call)
      this.fail(call, why)
    } else if (call.state === CallState.running) {
      this.abandon(call, why)
      this.watchStuck(call)
    } else if (call.state === CallState.abandoned) {
      call.callee?.stuck(call)
    }
  }

  /** Tells the callee of an abandoned call when that is still open after `stuckGraceUs`. */
  watchStuck(call: Call): void {
    if (call.state !== CallState.abandoned || call.dueBucket !== -1) return
    call.deadlineUs = this.#clock.nowUs() + this.#stuckGraceUs
    this.#deadlines.add(call)
  }

  /** Tells the caller its outcome, which is known from here on: what the caller does while it is told changes nothing. */
  #answer(call: Call, why: Failure): void {
    this.#settled(call, why)
    call.state = CallState.abandoned
    call.caller.onFailure(call, why.function === '' ? { ...why, function: call.fn.name } : why)
  }

  /** Counts the outcome. */
  #settled(call: Call, why: Failure | undefined): void {
    this.#deadlines.remove(call)
    const now = this.#clock.nowUs()
    const total = now - call.enteredUs
    const queue = (call.dispatchedUs === 0 ? now : call.dispatchedUs) - call.enteredUs
    if (call.parent !== undefined) call.parent.queuedBelowUs += queue + call.queuedBelowUs
    const metrics = call.fn.metrics
    if (why === undefined) metrics.ok += 1
    else metrics.failure(why.reason)
    metrics.queue.record(queue)
    metrics.total.record(total)
    if (call.runUs > 0) metrics.run.record(call.runUs)
    if (this.#onCall === undefined) return
    this.#onCall({
      id: call.number,
      parentId: call.parentNumber,
      function: call.fn.name,
      depth: call.depth,
      outcome: why === undefined ? 'ok' : why.reason,
      message: why === undefined ? '' : why.message,
      enteredUs: call.enteredUs,
      queueUs: queue,
      runUs: call.runUs,
      totalUs: total,
      traceId: Buffer.from(call.trace.buffer, 0, 16).toString('hex'),
      workerId: call.callee === undefined ? 0 : call.callee.id,
    })
  }

  #end(call: Call): void {
    assert(call.state !== CallState.ended && call.state !== CallState.free)
    if (call.callee !== undefined) {
      call.fn.metrics.running -= 1
      call.fn.dispatcher.left(call)
    }
    this.#deadlines.remove(call) // One that outlived its deadline was watched on.
    this.cancelChildren(call) // Rule `cancel-tree`: nothing below it can be of use any more.
    call.state = CallState.ended
    call.file?.drop()
    call.outputFile?.drop()
    call.leaveTree()
    const last = this.#all.pop()!
    if (last !== call) {
      this.#all[call.place] = last
      last.place = call.place
    }
    this.#open -= 1
    if (this.#pool.length < CALLS_POOLED_MAX) this.#pool.push(reset(call))
    if (this.#open === 0 && this.onEmpty !== undefined) this.onEmpty()
  }
}

const cancelledByCaller = failure('cancelled', 'the caller went away')

function ms(us: number): string {
  return (us / 1_000).toFixed(1)
}

/** Forgets everything of an ended call, so that its object can be the next one. */
function reset(call: Call): Call {
  call.state = CallState.free
  call.callee = undefined
  call.calleeCallId = 0
  call.parentNumber = 0
  call.internal = false
  call.priority = 0
  call.content = 0
  call.cancelled = false
  call.dispatchedUs = 0
  call.deadlineUs = 0
  call.runUs = 0
  call.cpuUs = 0
  call.queuedBelowUs = 0
  call.counted = false
  call.inputCredit = CREDIT_MAX
  call.outputCredit = CREDIT_MAX
  call.inputOpen = false
  call.inputSent = false
  call.file = undefined
  call.fileBytes = 0
  call.outputFile = undefined
  call.attempt = 1
  call.outputOpen = false
  call.inputBytes = 0
  call.inputAnnounced = 0
  call.outputBytes = 0
  call.outputAnnounced = 0
  if (call.held.length > 0) call.held = []
  return call
}
