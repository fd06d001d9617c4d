import { type Failure, failure } from '@millrace/protocol/cold'
import { LINK_EXTERNAL_CALLS_MAX, OPEN_FILES_BYTES_MAX, OPEN_INVOKES_MAX } from '../base/limits.ts'
import { Dispatcher } from '../dispatcher/dispatcher.ts'
import type { PeerOptions } from '../options.ts'
import { restartDelayUs } from '../worker/backoff.ts'
import { Exchange } from '../worker/exchange.ts'
import type { InnerDoor } from '../worker/exchange-parts.ts'
import type { Terms } from '../worker/handshake.ts'
import { Worker } from '../worker/worker.ts'
import type { WorkerListener } from '../worker/worker-parts.ts'
import type { Alarm, Launcher, OfferedLink } from '../world.ts'
import type { LinkParts } from './link-parts.ts'
import { LinkedEngine } from './linked-engine.ts'

/**
 * Another engine, as the one that calls it sees it: its functions, the calls that wait for it, and the link, on which it has
 * a worker's role. A link that breaks is made again with back-off while that engine is up; calls fail with
 * `worker_unavailable` meanwhile.
 */
export class Peer implements WorkerListener {
  readonly index: number
  readonly #plan: PeerOptions
  readonly #parts: LinkParts
  readonly #dispatcher: Dispatcher
  #launcher: Launcher | undefined
  #worker: Worker | undefined
  #isUp = false
  #closed = false
  #lossesInARow = 0
  #retry: Alarm | undefined
  #links = 0

  /** Its functions have their ids from now on. Calls to them wait until the first link is there, or `down` says otherwise. */
  constructor(plan: PeerOptions, parts: LinkParts) {
    this.index = plan.index
    this.#plan = plan
    this.#parts = parts
    const { registry, settings, metrics, calls, clock } = parts
    const nobody = { needed: () => {}, more: () => {}, placesMax: Number.POSITIVE_INFINITY }
    this.#dispatcher = new Dispatcher(calls, clock, nobody)
    for (const { name, timeoutUs = settings.timeoutUs } of plan.functions) {
      registry.add({
        name,
        dispatcher: this.#dispatcher,
        timeoutUs,
        queueMax: settings.queueMax,
        queueWaitUs: 0,
        takesFiles: false,
        metrics: metrics.ofFunction(name),
      })
    }
  }

  /** The engine is up, maybe anew: makes a link to it and offers it. */
  up(launcher: Launcher): void {
    if (this.#closed) return
    this.#launcher = launcher
    this.#isUp = true
    this.#lossesInARow = 0
    this.#retry?.cancel()
    this.#worker?.kill(this.#ended)
    this.#connect()
  }

  /** The engine has ended. `why`: for people. */
  down(why: string): void {
    if (this.#closed) return
    this.#isUp = false
    this.#retry?.cancel()
    this.#worker?.kill(this.#ended)
    this.#unavailable(`shard ${this.index}, which serves this function, is down: ${why}`)
  }

  /** Lets the link go. Its calls must be over. */
  close(): void {
    this.#closed = true
    this.#retry?.cancel()
    this.#worker?.kill(failure('draining', 'the engine is stopping'))
  }

  // ——— WorkerListener ———

  welcome(worker: Worker, terms: Terms): { functions: { name: string; id: number }[]; exchange: Exchange } {
    const { calls, clock, registry, settings, metrics } = this.#parts
    const functions = this.#plan.functions.map(({ name }) => ({ name, id: registry.byName(name)!.id }))
    const exchangeTerms = {
      concurrency: Math.min(LINK_EXTERNAL_CALLS_MAX, terms.maxCalls),
      maxCalls: terms.maxCalls,
      maxOpenInvokes: 0,
      payloadBytesMax: settings.payloadBytesMax,
      functionIds: new Set(functions.map(({ id }) => id)),
      streaming: true,
      internalCalls: false,
      payloads: undefined,
      relays: true,
      openFilesBytesMax: OPEN_FILES_BYTES_MAX,
    }
    const exchange = new Exchange(this.index, worker.channel, calls, clock, noDoor, exchangeTerms, metrics)
    exchange.stuck = (call) => worker.suspect(call, calls, settings.stuckGraceUs)
    return { functions, exchange }
  }

  ready(worker: Worker): void {
    this.#lossesInARow = 0
    this.#parts.metrics.channelsOpen += 1
    this.#dispatcher.addWorker(worker.exchange!)
    this.#parts.options.linked(this.index)
  }

  idle(worker: Worker): void {
    this.#dispatcher.workerIdle(worker.exchange!)
  }

  resumed(): void {}

  draining(worker: Worker): void {
    this.#dispatcher.removeWorker(worker.exchange!)
  }

  gone(worker: Worker, why: Failure, wasReady: boolean): void {
    if (worker.exchange !== undefined) this.#dispatcher.removeWorker(worker.exchange)
    if (wasReady) this.#parts.metrics.channelsOpen -= 1
    if (this.#worker !== worker) return
    this.#worker = undefined
    if (this.#closed) return
    this.#unavailable(
      `the link to shard ${this.index}, which serves this function, broke and is made again: ${why.message}`,
    )
    if (!this.#isUp) return
    this.#parts.warn(this.index, why.message)
    this.#connectLater()
  }

  exited(): void {
    this.#parts.metrics.workerExits += 1
  }

  /** Not allowed on a link: `internal-calls` is not offered, so RESOLVE breaks a rule before it comes here. */
  resolve(worker: Worker, name: string): void {
    worker.resolved(name, 0)
  }

  log(): void {}

  output(): void {}

  // ——— Inside ———

  get #ended(): Failure {
    return failure('worker_crashed', `shard ${this.index} ended while it had the call`)
  }

  #unavailable(message: string): void {
    this.#dispatcher.setUnavailable(failure('worker_unavailable', message, { retryable: true }))
  }

  #connectLater(): void {
    this.#lossesInARow += 1
    this.#retry = this.#parts.clock.alarm(restartDelayUs(this.#lossesInARow), () => this.#connect())
  }

  #connect(): void {
    const { random, metrics, options, clock, flusher, settings } = this.#parts
    this.#links += 1
    let link: OfferedLink
    try {
      link = this.#launcher!.offerLink!(`link-${this.index}-${this.#links}`)
    } catch (error) {
      this.#parts.warn(this.index, `its pipes could not be made: ${(error as Error).message}`)
      this.#connectLater()
      return
    }
    metrics.workerStarts += 1
    const token = random.token()
    const worker: Worker = new Worker(
      {
        id: this.index,
        program: `shard ${this.index}`,
        clock,
        flusher,
        metrics,
        listener: this,
        launcher: {
          launch: (_, told) => new LinkedEngine(link, told, () => worker.kill(this.#ended)),
          close: () => {},
        },
        wanted: this.#plan.functions.map(({ name }) => name),
        handshakeTimeoutUs: settings.handshakeTimeoutUs,
        drainTimeoutUs: settings.drainTimeoutUs,
        payloadBytesMax: settings.payloadBytesMax,
        depthMax: settings.depthMax,
        fileBytesMin: settings.fileBytesMin,
        maxOpenInvokes: OPEN_INVOKES_MAX,
      },
      { command: [], cwd: undefined, env: {} },
      token,
    )
    this.#worker = worker
    options.offer(this.index, { inPath: link.inPath, outPath: link.outPath, token })
  }
}

/** A link carries calls one way; the other way has a link of its own. The feature is not offered, so nobody comes here. */
const noDoor: InnerDoor = {
  invoke: (made, view) => made.refuse(view.callId, failure('not_found', 'nothing is served over this end of a link')),
}
