import { type MessageView, MessageView as View } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import { WaitingLine } from './waiting-line.ts'

/** A worker, as the dispatcher sees it. */
export interface Runner {
  /** Calls that it runs now. */
  readonly running: number
  /** Whether it takes one more call of this depth. */
  hasPlace(depth: number): boolean
  /** Whether it can take this input at all; a failure if not. */
  refuses(call: Call, view: MessageView): Failure | undefined
  /** Sends INVOKE. */
  run(call: Call, view: MessageView): void
}

/**
 * Who runs a call, and when: one for each program. Calls go to the worker with the fewest calls; when all are full they
 * wait, oldest first. Internal calls wait in a line of their own, which goes first: a call that waits for them holds a
 * place, and may need theirs to end.
 */
export class Dispatcher {
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

  /** Takes a call with its INVOKE, whose bytes are valid only during this call. */
  submit(call: Call, view: MessageView): void {
    if (this.waiting === 0 || (call.depth > 0 && this.#internal.size === 0)) {
      const worker = this.#pick(call.depth)
      if (worker !== undefined) {
        this.#run(worker, call, view)
        return
      }
    }
    if (this.#unavailable !== undefined) {
      this.#calls.fail(call, this.#unavailable)
      return
    }
    if (call.fn.metrics.waiting >= call.fn.queueMax) {
      const text = `${call.fn.metrics.waiting} calls wait for ${call.fn.name} already; raise queue or retry later`
      this.#calls.fail(call, failure('queue_full', text, { retryable: true, function: call.fn.name }))
      return
    }
    call.held.push(view.whole.slice())
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
      if (call === undefined || !worker.hasPlace(call.depth)) call = this.#external.first
      if (call === undefined || !worker.hasPlace(call.depth)) return
      this.withdraw(call)
      const held = call.held
      call.held = []
      this.#run(worker, call, new View(held[0]!))
      for (let i = 1; i < held.length; i += 1) call.callee?.sendData(call, new View(held[i]!))
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

  /** Fails every call that waits. */
  failWaiting(why: Failure): void {
    for (const line of [this.#internal, this.#external]) {
      while (line.first !== undefined) {
        const call: Call = line.first
        this.withdraw(call)
        this.#calls.fail(call, why)
      }
    }
  }

  #line(call: Call): WaitingLine {
    return call.depth > 0 ? this.#internal : this.#external
  }

  #run(worker: Runner, call: Call, view: MessageView): void {
    const refusal = worker.refuses(call, view)
    if (refusal === undefined) worker.run(call, view)
    else this.#calls.fail(call, refusal)
  }

  /** The worker with the fewest calls that has a place; of several the one that was ready first, which is the warmest. */
  #pick(depth: number): Runner | undefined {
    let best: Runner | undefined
    for (const worker of this.#workers) {
      if (!worker.hasPlace(depth)) continue
      if (worker.running === 0) return worker
      if (best === undefined || worker.running < best.running) best = worker
    }
    return best
  }
}
