import { MessageView } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { type Call, type CallFunction, type CallQueue, CallState, type Runner } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Clock } from '../world.ts'
import type { ConcurrencyTarget } from './concurrency-target.ts'
import { UrgencyLines } from './urgency-lines.ts'
import { WaitBound } from './wait-bound.ts'

/** What a dispatcher asks of the workers' keeper. */
export interface Staff {
  /** Calls wait and no worker has a place for them: `calls` is how many there are, running and waiting. */
  needed(calls: number): void
  /** Calls wait, and only another worker can bring more throughput. */
  more(): void
  /** Calls that the workers of now, and those that may still be started, can take at once. */
  readonly placesMax: number
}

/**
 * Who runs a call, and when: one for each program. Calls go to the worker with the fewest calls; when all are full, or each
 * has its part of the target, they wait, the most urgent first and of these the oldest. Internal calls wait in lines of their
 * own, which go first: a call that waits for them holds a place, and may need theirs to end.
 */
export class Dispatcher implements CallQueue {
  readonly #calls: CallTable
  readonly #clock: Clock
  readonly #staff: Staff
  readonly #workers: Runner[] = []
  readonly #internal = new UrgencyLines()
  readonly #external = new UrgencyLines()
  readonly #waitBound: WaitBound
  /** Bounds the calls that each worker has open; undefined: its places alone do. */
  #target: ConcurrencyTarget | undefined
  #running = 0
  /** Most calls that ran and waited together since `takePeak`. */
  #peak = 0
  /** Calls waited for the target since `takePeak`. */
  #heldBack = false
  /** Means of the last calls and resumes, in microseconds; 0: none was measured. */
  #runUs = 0
  #resumeUs = 0
  /** Set while no worker can be had: calls fail with it at once. */
  #unavailable: Failure | undefined

  constructor(calls: CallTable, clock: Clock, staff: Staff) {
    this.#calls = calls
    this.#clock = clock
    this.#staff = staff
    this.#waitBound = new WaitBound(
      clock,
      () => this.#everyone(),
      (call) => this.#giveUp(call),
    )
  }

  get target(): ConcurrencyTarget | undefined {
    return this.#target
  }

  set target(target: ConcurrencyTarget | undefined) {
    this.#target = target
    if (target !== undefined) target.limited = () => this.#staff.more()
  }

  /** Calls that the target lets run on the workers of now; undefined: there is no target. */
  get targetCalls(): number | undefined {
    const workers = Math.max(1, this.#workers.length)
    return this.#target === undefined ? undefined : this.#target.part(workers) * workers
  }

  /** A paused worker was needed, and took `us` microseconds to go on. */
  resumed(us: number): void {
    this.#resumeUs = mean(this.#resumeUs, us)
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#internal.size + this.#external.size
  }

  /** Calls on workers. */
  get running(): number {
    return this.#running
  }

  /**
   * The most calls that ran and waited together since this was last asked. Infinite when the target let calls wait: how many
   * workers they need is then known by throughput only, and all of now are needed.
   */
  takePeak(): number {
    const peak = this.#heldBack ? Number.POSITIVE_INFINITY : this.#peak
    this.#peak = this.#running + this.waiting
    this.#heldBack = this.#target !== undefined && this.waiting > 0
    return peak
  }

  /** Takes a call that has the first part of its input. `except`: a worker that has just refused it. */
  submit(call: Call, except?: Runner): void {
    if (this.#target !== undefined) this.#target.arrived(this.#clock.nowUs())
    if (this.waiting === 0 || (call.internal && this.#internal.size === 0)) {
      const worker = this.#pick(call.internal, except, this.#share(call))
      if (worker !== undefined) {
        this.#run(worker, call)
        if (this.#running > this.#peak) this.#peak = this.#running
        return
      }
    }
    const refusal = this.#refusal(call)
    if (refusal !== undefined) {
      this.#calls.fail(call, refusal)
      return
    }
    if (this.#target !== undefined) this.#heldBack = true
    call.fn.metrics.waiting += 1
    this.#lines(call).push(call)
    this.#waitBound.watch(call)
    const calls = this.#running + this.waiting
    if (calls > this.#peak) this.#peak = calls
    if (this.#pick(call.internal, except, Number.POSITIVE_INFINITY) === undefined) this.#staff.needed(calls)
  }

  /** Takes a waiting call out of its line; nothing happens when its input is not complete enough for it to stand in one. */
  withdraw(call: Call): void {
    if (call.line === undefined) return
    call.line.remove(call)
    call.fn.metrics.waiting -= 1
    if (this.waiting === 0) this.#waitBound.rest()
  }

  left(call: Call): void {
    if (!call.counted) return
    call.counted = false
    this.#running -= 1
    if (this.#resumeUs > 0) this.#runUs = mean(this.#runUs, call.runUs)
    if (this.#target === undefined) return
    const now = this.#clock.nowUs()
    // As the worker told, if it did: what a call waits inside the worker grows with the target, and must not feed it.
    const run = call.runUs > 0 ? call.runUs : now - call.dispatchedUs
    const processing = Math.max(0, run - call.queuedBelowUs)
    this.#target.ended(now, processing, this.waiting > 0)
  }

  /** A worker has a free place: gives it waiting calls, as many as it takes. */
  workerIdle(worker: Runner): void {
    while (this.waiting > 0) {
      let call = this.#internal.first
      if (call === undefined || !worker.hasPlace(true)) call = this.#external.first
      if (call === undefined || !worker.hasPlace(call.internal)) return
      // Under a target others may have more places free than the one that has just got one.
      const taker = this.#target === undefined ? worker : this.#pick(call.internal, undefined, this.#share(call))
      if (taker === undefined) return
      this.withdraw(call)
      this.#run(taker, call)
    }
  }

  /** Gives waiting calls to whoever has a place: more may run, or a worker that held some is gone. */
  workersIdle(): void {
    for (const worker of this.#workers) {
      if (this.waiting === 0) return
      this.workerIdle(worker)
    }
  }

  /** A worker is ready. */
  addWorker(worker: Runner): void {
    this.#unavailable = undefined
    this.#workers.push(worker)
    this.#target?.again()
    this.workerIdle(worker)
  }

  /** A worker takes no more calls: it drains or is gone. */
  removeWorker(worker: Runner): void {
    const at = this.#workers.indexOf(worker)
    if (at === -1) return
    this.#workers.splice(at, 1)
    if (this.waiting === 0) return
    this.workersIdle()
    if (this.waiting > 0) this.#staff.needed(this.#running + this.waiting)
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
    for (const call of this.#everyone()) {
      if (fn !== undefined && call.fn !== fn) continue
      this.withdraw(call)
      failing.push({ call, number: call.number })
    }
    // Told when all are out of the line: a caller that hears of it may do anything at once, such as cancel another.
    for (const { call, number } of failing) {
      if (call.number === number && call.state === CallState.waiting) this.#calls.fail(call, why)
    }
  }

  /** Every call that waits; they may be taken out on the way. */
  *#everyone(): Generator<Call> {
    yield* this.#internal.all()
    yield* this.#external.all()
  }

  /** A call has waited as long as its function allows. */
  #giveUp(call: Call): void {
    if (call.state !== CallState.waiting) return // It went when another was told.
    this.withdraw(call)
    const { name, queueWaitUs } = call.fn
    const text = `waited ${queueWaitUs / 1_000_000} s for a worker of ${name}; raise queue_wait or workers, or retry later`
    this.#calls.fail(call, failure('queue_full', text, { retryable: true, function: name }))
  }

  #lines(call: Call): UrgencyLines {
    return call.internal ? this.#internal : this.#external
  }

  /**
   * Calls that a worker may have open and still get `call`: its part of the target, so that a worker which is stuck in long
   * calls keeps no other one idle. A call below another of this program goes to any worker: the one above holds a place and
   * waits for it, so that a recursion can't wait for itself.
   */
  #share(call: Call): number {
    if (this.#target === undefined || this.#above(call) > 0) return Number.POSITIVE_INFINITY
    return this.#target.part(Math.max(1, this.#workers.length))
  }

  /** Calls above `call` that hold a place on workers of this program. At most `depthMax` steps. */
  #above(call: Call): number {
    let above = 0
    for (let up = call.parent; up !== undefined; up = up.parent) if (up.fn.dispatcher === this) above += 1
    return above
  }

  /** Why a call that would have to wait can't; undefined: it can. */
  #refusal(call: Call): Failure | undefined {
    if (this.#unavailable !== undefined) return this.#unavailable
    const { fn } = call
    // One that a worker gave back had its place already.
    if (fn.metrics.waiting >= fn.queueMax && call.attempt === 1) {
      const text = `${fn.metrics.waiting} calls wait for ${fn.name} already; raise queue or retry later`
      return failure('queue_full', text, { retryable: true, function: fn.name })
    }
    if (!call.internal) return undefined
    if (call.parent === undefined) return endless(call)
    const above = this.#above(call)
    if (above === 0 || above < this.#staff.placesMax) return undefined
    const text =
      `the ${above} calls above this one hold every place of the workers of ${fn.name} and wait for it: ` +
      'raise workers or concurrency, or bound the recursion'
    return failure('queue_full', text, { function: fn.name })
  }

  #run(worker: Runner, call: Call): void {
    const refusal = worker.refuses(call)
    if (refusal !== undefined) {
      this.#calls.fail(call, refusal)
      return
    }
    call.counted = true
    this.#running += 1
    worker.run(call)
    if (call.held.length === 0) return
    const held = call.held
    call.held = []
    for (const bytes of held) call.callee?.sendData(call, new MessageView(bytes))
  }

  /**
   * The worker with the fewest calls, fewer than `share`, that has a place; of several the one that was ready first, which is
   * the warmest. A paused one counts as many calls as fit into the time that it takes to go on.
   */
  #pick(internal: boolean, except: Runner | undefined, share: number): Runner | undefined {
    let best: Runner | undefined
    let least = share
    for (const worker of this.#workers) {
      if (worker === except || !worker.hasPlace(internal)) continue
      if (worker.running === 0 && !worker.paused) return worker
      const calls = worker.paused ? this.#resumeUs / Math.max(1, this.#runUs) : worker.running
      if (calls >= least && !(worker.paused && best === undefined)) continue
      best = worker
      least = calls
    }
    return best
  }
}

/**
 * Why an internal call that came from another engine may not wait: the calls above it are open there, so nobody here sees
 * when they hold every place and wait for it. Its deadline would end that; without one nothing does.
 */
function endless({ depth, deadlineUs, fn: { name } }: Call): Failure | undefined {
  if (depth === 0 || deadlineUs !== 0) return undefined
  const text = `no place is free for ${name}, and its call comes from another shard without a time limit: set a timeout, or raise workers`
  return failure('queue_full', text, { retryable: true, function: name })
}

/** Weight of the last value in a mean that forgets: about the last eight count. */
const LAST = 1 / 8

function mean(before: number, last: number): number {
  return before === 0 ? last : before + (last - before) * LAST
}
