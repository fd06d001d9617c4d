/** A stage for one prewarmed worker, without a pool: the rooms of an engine around it, and a scripted worker. */
import { MessageType, type MessageView } from '@millrace/protocol'
import {
  type ColdInit,
  decodeBody,
  decodePrefixed,
  encodeBody,
  type Failure,
  GoodbyeSchema,
  type Loaded,
  LoadedSchema,
  LoadSchema,
  spanMessages,
} from '@millrace/protocol/cold'
import { CallTable } from '../src/call/call-table.ts'
import { Flusher } from '../src/channel/flusher.ts'
import { FlushingClock } from '../src/channel/flushing-clock.ts'
import { Dispatcher } from '../src/dispatcher/dispatcher.ts'
import type { Outcome } from '../src/engine-api.ts'
import { collect } from '../src/gateway/collect.ts'
import { Deliveries } from '../src/gateway/deliveries.ts'
import { ExternalDoor } from '../src/gateway/external-door.ts'
import { InnerGateway } from '../src/gateway/inner-gateway.ts'
import { EngineMetrics } from '../src/observe/metrics.ts'
import { checkOptions } from '../src/option-check.ts'
import { FunctionRegistry } from '../src/registry/function-registry.ts'
import { createMemoryWorld, Dice, Schedule, ScriptedWorker } from '../src/testing/index.ts'
import type { ProgramCode } from '../src/worker/code-load.ts'
import { Exchange } from '../src/worker/exchange.ts'
import type { Terms } from '../src/worker/handshake.ts'
import { Worker } from '../src/worker/worker.ts'
import type { PrewarmListener, WorkerListener } from '../src/worker/worker-parts.ts'
import { drainAtOnce } from './stage.ts'

export const CODE: ProgramCode = {
  program: 'greetings',
  entry: 'greet.ts',
  handler: 'greet',
  function: 'hello',
  cwd: '/code',
  env: { GREETING: 'hi' },
  wanted: ['hello'],
}

export class PrewarmStage {
  readonly schedule = new Schedule(new Dice(1))
  readonly worker: Worker
  /** The other side. */
  scripted!: ScriptedWorker
  /** What the listener was told, in order. */
  readonly told: string[] = []
  why: Failure | undefined
  /** The terms of LOADED. */
  terms: Terms | undefined
  readonly #settings = checkOptions({ programs: [] })
  readonly #metrics = new EngineMetrics()
  readonly #registry = new FunctionRegistry()
  readonly #flusher: Flusher
  readonly #clock: FlushingClock
  readonly #calls: CallTable
  readonly #dispatcher: Dispatcher
  readonly #rules: { readonly depthMax: number; readonly payloadBytesMax: number }

  constructor() {
    const play = (process: ConstructorParameters<typeof ScriptedWorker>[0]): void => {
      this.scripted = new ScriptedWorker(process)
      this.scripted.onMessage = (view) => drainAtOnce(this.scripted, view)
    }
    const { clock, later } = this.schedule
    const world = createMemoryWorld({ programs: { 'node-24': play }, clock, later })
    const { payloadBytesMax, depthMax, handshakeTimeoutUs, drainTimeoutUs } = this.#settings
    this.#rules = { payloadBytesMax, depthMax }
    this.#flusher = new Flusher((flush) => world.soon(flush))
    this.#clock = new FlushingClock(world.clock, this.#flusher)
    this.#calls = new CallTable(this.#clock, world.random, this.#settings, undefined)
    this.#dispatcher = new Dispatcher(this.#calls, this.#clock, { needed: () => {}, more: () => {}, placesMax: 1 })
    this.worker = new Worker(
      {
        id: 1,
        program: 'node-24',
        clock: this.#clock,
        launcher: world.launcher,
        flusher: this.#flusher,
        metrics: this.#metrics,
        listener: this.#listener,
        prewarm: this.#listener,
        wanted: undefined,
        handshakeTimeoutUs,
        drainTimeoutUs,
        payloadBytesMax,
        depthMax,
        fileBytesMin: this.#settings.fileBytesMin,
        maxOpenInvokes: 4,
      },
      { command: ['memory'], cwd: undefined, env: {}, isolation: undefined },
      'secret',
    )
  }

  /** The worker says HELLO as one that waits, and is told to load `CODE`, or what differs in `code`. */
  async loading(code: Partial<ProgramCode> = {}): Promise<void> {
    await this.hello()
    this.worker.load({ ...CODE, ...code })
    await this.schedule.settle()
  }

  async hello(features = ['load', 'log', 'internal-calls', 'capacity'], functions: string[] = []): Promise<void> {
    await this.schedule.settle()
    this.scripted.hello({ features, functions, maxCalls: 8 })
    await this.schedule.settle()
  }

  /** The worker answers LOAD. */
  async loaded(loaded: ColdInit<Loaded>, status = 0): Promise<void> {
    const bytes = spanMessages(MessageType.LOADED, encodeBody(LoadedSchema, loaded), (writer) => {
      writer.status = status
    })
    this.scripted.sendBytes(bytes)
    await this.schedule.settle()
  }

  /** What the engine said in LOAD. */
  get load(): unknown {
    return decodeBody(LoadSchema, this.#only(MessageType.LOAD).body)!
  }

  /** What the engine said in LOADED. */
  get ids(): { functions: { name: string; id: number }[]; maxCalls: number } {
    const { functions, maxCalls } = decodeBody(LoadedSchema, this.#only(MessageType.LOADED).body)!
    return { functions: functions.map(({ name, id }) => ({ name, id })), maxCalls }
  }

  /** The rule of the engine's GOODBYE; empty: it names none. */
  get rule(): string {
    return decodePrefixed(GoodbyeSchema, this.#only(MessageType.GOODBYE).body)!.rule
  }

  /** Calls a function; the worker has INVOKE when this returns. */
  async invoke(name: string): Promise<{ readonly outcome: Promise<Outcome> }> {
    const door = new ExternalDoor({
      calls: this.#calls,
      registry: this.#registry,
      flusher: this.#flusher,
      clock: this.#clock,
      rules: this.#rules,
      payloads: () => undefined,
      fileBytesMin: this.#settings.fileBytesMin,
      deliveries: new Deliveries(),
      soon: (run) => void this.schedule.later(run),
      closed: () => undefined,
    })
    const outcome = collect(door, name, new Uint8Array(0), {}, this.#rules.payloadBytesMax)
    await this.schedule.settle()
    return { outcome }
  }

  #only(type: number): MessageView {
    const found = this.scripted.of(type)
    if (found.length !== 1) throw new Error(`the worker got ${found.length} of type ${type}, not one`)
    return found[0]!
  }

  readonly #listener: WorkerListener & PrewarmListener = {
    welcome: () => {
      throw new Error('a prewarmed worker is not welcomed with functions')
    },
    waiting: () => void this.told.push('waiting'),
    loaded: (worker, terms) => {
      this.told.push('loaded')
      this.terms = terms
      const functions = terms.functions.map(({ name }) => ({
        name,
        id: this.#registry.add({
          name,
          dispatcher: this.#dispatcher,
          timeoutUs: 0,
          queueMax: 8,
          queueWaitUs: 0,
          takesFiles: false,
          metrics: this.#metrics.ofFunction(name),
        }).id,
      }))
      const { maxCalls } = terms
      const exchangeTerms = {
        concurrency: maxCalls,
        maxCalls,
        maxOpenInvokes: 4,
        payloadBytesMax: this.#rules.payloadBytesMax,
        functionIds: new Set(functions.map(({ id }) => id)),
        streaming: false,
        internalCalls: true,
        payloads: undefined,
        openFilesBytesMax: 0,
      }
      const door = new InnerGateway(this.#calls, this.#registry, this.#rules)
      const { id, channel } = worker
      const exchange = new Exchange(id, channel, this.#calls, this.#clock, door, exchangeTerms, this.#metrics)
      return { functions, exchange }
    },
    ready: (worker) => {
      this.told.push('ready')
      this.#dispatcher.addWorker(worker.exchange!)
    },
    idle: () => {},
    resumed: () => {},
    draining: () => void this.told.push('draining'),
    gone: (_worker, why, wasReady) => {
      this.told.push(wasReady ? 'gone' : 'start-failed')
      this.why = why
    },
    exited: () => void this.told.push('exited'),
    resolve: (worker, name) => worker.resolved(name, this.#registry.byName(name)?.id ?? 0),
    log: (_worker, _callId, record) => void this.told.push(`log: ${record.message}`),
    output: () => {},
  }
}
