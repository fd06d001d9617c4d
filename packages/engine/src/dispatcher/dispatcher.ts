import { MessageView } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { type Call, type CallFunction, type CallQueue, CallState, type Runner } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import { WaitingLine } from './waiting-line.ts'

/**
 * Who runs a call, and when: one for each program. Calls go to the worker with the fewest calls; when all are full they
 * wait, oldest first. Internal calls wait in a line of their own, which goes first: a call that waits for them holds a
 * place, and may need theirs to end.
 */
export class Dispatcher implements CallQueue {
  readonly #calls: CallTable
  readonly #workers: Runner[] = []
  readonly #internal = new WaitingLine()
  readonly #external = new WaitingLine()
  /** Set while no worker can be had: calls fail with it at once. */
  #unavailable: Failure | undefined

  constructor(calls: CallTable) {
    this.#calls = calls
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#internal.size + this.#external.size
  }

  /** Takes a call that has the first part of its input. `except`: a worker that has just refused it. */
  submit(call: Call, except?: Runner): void {
    if (this.waiting === 0 || (call.internal && this.#internal.size === 0)) {
      const worker = this.#pick(call.internal, except)
      if (worker !== undefined) {
        this.#run(worker, call)
        return
      }
    }
    if (this.#unavailable !== undefined) {
      this.#calls.fail(call, this.#unavailable)
      return
    }
    // One that a worker gave back had its place already.
    if (call.fn.metrics.waiting >= call.fn.queueMax && call.attempt === 1) {
      const text = `${call.fn.metrics.waiting} calls wait for ${call.fn.name} already; raise queue or retry later`
      this.#calls.fail(call, failure('queue_full', text, { retryable: true, function: call.fn.name }))
      return
    }
    call.fn.metrics.waiting += 1
    this.#line(call).push(call)
  }

  /** Takes a waiting call out of its line; nothing happens when its input is not complete enough for it to stand in one. */
  withdraw(call: Call): void {
    if (call.line === undefined) return
    call.line.remove(call)
    call.fn.metrics.waiting -= 1
  }

  /** A worker has a free place: gives it waiting calls, as many as it takes. */
  workerIdle(worker: Runner): void {
    while (true) {
      let call = this.#internal.first
      if (call === undefined || !worker.hasPlace(true)) call = this.#external.first
      if (call === undefined || !worker.hasPlace(call.internal)) return
      this.withdraw(call)
      this.#run(worker, call)
    }
  }

  /** A worker is ready. */
  addWorker(worker: Runner): void {
    this.#unavailable = undefined
    this.#workers.push(worker)
    this.workerIdle(worker)
  }

  /** A worker takes no more calls: it drains or is gone. */
  removeWorker(worker: Runner): void {
    const at = this.#workers.indexOf(worker)
    if (at !== -1) this.#workers.splice(at, 1)
  }

  get workers(): readonly Runner[] {
    return this.#workers
  }

  /** No worker can be had for the time being: waiting calls fail with `why`, and later ones at once. */
  setUnavailable(why: Failure): void {
    this.#unavailable = why
    this.failWaiting(why)
  }

  /** Fails every call that waits, or every one that waits for `fn`. */
  failWaiting(why: Failure, fn?: CallFunction): void {
    const failing: { readonly call: Call; readonly number: number }[] = []
    for (const line of [this.#internal, this.#external]) {
      let call = line.first
      while (call !== undefined) {
        const next: Call | undefined = call.nextInLine
        if (fn === undefined || call.fn === fn) {
          this.withdraw(call)
          failing.push({ call, number: call.number })
        }
        call = next
      }
    }
    // Told when all are out of the line: a caller that hears of it may do anything at once, such as cancel another.
    for (const { call, number } of failing) {
      if (call.number === number && call.state === CallState.waiting) this.#calls.fail(call, why)
    }
  }

  #line(call: Call): WaitingLine {
    return call.internal ? this.#internal : this.#external
  }

  #run(worker: Runner, call: Call): void {
    const refusal = worker.refuses(call)
    if (refusal !== undefined) {
      this.#calls.fail(call, refusal)
      return
    }
    worker.run(call)
    if (call.held.length === 0) return
    const held = call.held
    call.held = []
    for (const bytes of held) call.callee?.sendData(call, new MessageView(bytes))
  }

  /** The worker with the fewest calls that has a place; of several the one that was ready first, which is the warmest. */
  #pick(internal: boolean, except: Runner | undefined): Runner | undefined {
    let best: Runner | undefined
    for (const worker of this.#workers) {
      if (worker === except || !worker.hasPlace(internal)) continue
      if (worker.running === 0) return worker
      if (best === undefined || worker.running < best.running) best = worker
    }
    return best
  }
}
