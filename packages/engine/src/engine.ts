import { type Failure, failure } from '@millrace/protocol/cold'
import { KILL_GRACE_US } from './base/limits.ts'
import { CallTable } from './call/call-table.ts'
import { Flusher } from './channel/flusher.ts'
import { FlushingClock } from './channel/flushing-clock.ts'
import type { Engine, FunctionInfo, InvokeOptions, Outcome, WorkerInfo } from './engine-api.ts'
import { collect } from './gateway/collect.ts'
import { Deliveries } from './gateway/deliveries.ts'
import type { Door } from './gateway/door.ts'
import { ExternalDoor } from './gateway/external-door.ts'
import { HttpGateway } from './gateway/http-gateway.ts'
import { InnerGateway } from './gateway/inner-gateway.ts'
import { createLocalWorld } from './local-world.ts'
import { EngineMetrics } from './observe/metrics.ts'
import { MetricsPage } from './observe/prometheus.ts'
import { checkOptions, type Settings } from './option-check.ts'
import type { EngineOptions, HttpOptions, ProgramOptions } from './options.ts'
import { Fleet } from './program/fleet.ts'
import { FunctionRegistry } from './registry/function-registry.ts'
import { Peers } from './shard/peers.ts'
import type { AffinityWish, Launcher, PayloadFilesPlace, World } from './world.ts'

/**
 * Builds an engine. Nothing is started before `start`.
 *
 * @param options - What to run, and its bounds. Throws an OptionError that names the faulty option.
 * @param world - Time, randomness and processes. Default: those of this host.
 */
export function createEngine(options: EngineOptions, world: World = createLocalWorld()): Engine {
  return new House(options, checkOptions(options), world)
}

/** Where an engine is in its life; `new → starting → ready → stopping → stopped`. */
type Phase = 'new' | 'starting' | 'ready' | 'stopping' | 'stopped'

/** Puts the rooms together. The only place that knows them all. */
class House implements Engine {
  readonly door: Door
  readonly #options: EngineOptions
  readonly #settings: Settings
  readonly #world: World
  readonly #flusher: Flusher
  readonly #calls: CallTable
  readonly #registry = new FunctionRegistry()
  readonly #deliveries = new Deliveries()
  readonly #metrics = new EngineMetrics()
  readonly #fleet: Fleet
  readonly peers: Peers | undefined
  readonly #http: HttpGateway | undefined
  #page: MetricsPage | undefined
  #launcher: Launcher | undefined
  #opening: Promise<Launcher> | undefined
  #phase: Phase = 'new'
  #stopped: Promise<void> | undefined

  constructor(options: EngineOptions, settings: Settings, world: World) {
    this.#options = options
    this.#settings = settings
    this.#world = world
    const { random } = world
    // Calls that come together leave together. One alone need not wait for company.
    this.#flusher = new Flusher((flush) => (this.#calls.open > 1 ? world.soon(flush) : world.next(flush)))
    const clock = new FlushingClock(world.clock, this.#flusher)
    this.#calls = new CallTable(clock, random, settings, options.onCall)
    const rules = { depthMax: settings.depthMax, payloadBytesMax: settings.payloadBytesMax }
    this.#fleet = new Fleet({
      clock,
      random,
      flusher: this.#flusher,
      calls: this.#calls,
      registry: this.#registry,
      metrics: this.#metrics,
      innerDoor: new InnerGateway(this.#calls, this.#registry, rules),
      settings,
      options,
    })
    this.peers = this.#makePeers(clock)
    this.door = new ExternalDoor({
      calls: this.#calls,
      registry: this.#registry,
      flusher: this.#flusher,
      clock,
      rules,
      payloads: () => this.#launcher?.payloads,
      fileBytesMin: settings.fileBytesMin,
      deliveries: this.#deliveries,
      soon: (run) => world.soon(run),
      closed: () => this.#closedFor(),
    })
    this.#http = options.http === undefined ? undefined : this.#makeHttp(options.http)
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#http?.address
  }

  get ready(): boolean {
    return this.#phase === 'ready'
  }

  async start(): Promise<{ readonly failures: readonly { readonly program: string; readonly message: string }[] }> {
    if (this.#phase !== 'new') throw new Error('start may be called once')
    this.#phase = 'starting'
    this.#opening = this.#open()
    const launcher = await this.#opening
    if (this.#over()) return { failures: [] } // Stopped in between: no worker is started.
    const failures = await this.#fleet.start(launcher)
    if (this.#phase === 'starting') this.#phase = 'ready'
    return { failures }
  }

  get #payloadPlace(): PayloadFilesPlace {
    const { payloadFiles } = this.#options
    return payloadFiles === false ? false : { directory: payloadFiles?.directory }
  }

  get #affinityWish(): AffinityWish | undefined {
    const { affinity, log } = this.#options
    if (affinity === undefined) return undefined
    return { affinity, progress: () => this.#metrics.messagesIn, tell: (level, text) => log?.[level](text) }
  }

  /** Opens what workers and clients need. */
  async #open(): Promise<Launcher> {
    // The address first: when it can't be had, nothing was started.
    await this.#http?.listen()
    try {
      const { runtimeDirectory, rings, log } = this.#options
      this.#launcher = await this.#world.openLauncher(runtimeDirectory, this.#payloadPlace, rings, this.#affinityWish)
      const { ringFault } = this.#launcher
      this.peers?.open(this.#launcher)
      if (ringFault !== undefined) log?.warn(`no rings, workers use their pipes: ${ringFault}`)
      return this.#launcher
    } catch (error) {
      await this.#http?.close(0)
      throw error
    }
  }

  invoke(name: string, input: Uint8Array, options: InvokeOptions = {}): Promise<Outcome> {
    return collect(this.door, name, input, options, this.#settings.payloadBytesMax)
  }

  functions(): FunctionInfo[] {
    const infos: FunctionInfo[] = []
    for (const program of this.#fleet.programs) {
      for (const { name, metrics, timeoutUs } of program.functions.values()) {
        const { running, waiting, ok, failures } = metrics
        infos.push({ name, program: program.name, running, waiting, ok, failed: failures, timeoutUs })
      }
    }
    return infos
  }

  workers(): WorkerInfo[] {
    return [...this.#fleet.workers].map((worker) => ({
      id: worker.id,
      program: worker.program,
      pid: worker.pid,
      state: worker.exchange?.paused === true ? 'paused' : worker.state,
      running: worker.exchange?.running ?? 0,
      maxCalls: worker.exchange?.capacity ?? 0,
      features: worker.terms?.features ?? [],
      software: worker.terms?.software ?? '',
    }))
  }

  async replaceProgram(program: ProgramOptions): Promise<string | undefined> {
    if (this.#phase !== 'ready') return 'the engine is not running'
    checkOptions({ ...this.#options, programs: [...this.#fleet.versions(program.name), program] })
    return await this.#fleet.replace(program)
  }

  metrics(): Promise<string> {
    const programs = () =>
      Array.from(this.#fleet.programs, ({ name, dispatcher: { running, waiting, targetCalls } }) => {
        return { program: name, running, waiting, target: targetCalls }
      })
    const placement = () => this.#launcher?.placement ?? 'kernel'
    const sources = { metrics: this.#metrics, workers: () => this.workers(), programs, placement }
    const links = this.peers && { shard: this.#options.peers!.index, metrics: this.peers.metrics }
    this.#page ??= new MetricsPage(sources, this.#http !== undefined, links)
    return this.#page.text()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  #over(): boolean {
    return this.#phase === 'stopping' || this.#phase === 'stopped'
  }

  async #stop(): Promise<void> {
    const started = this.#phase !== 'new'
    this.#phase = 'stopping'
    if (!started) {
      this.#phase = 'stopped'
      return
    }
    await Promise.allSettled([this.#opening]) // What it rejects with is `start`'s to tell.
    this.#http?.drain()
    const finished = await this.#callsEnd()
    if (!finished) this.#endCalls()
    // Calls that are open elsewhere may still come here. Those after a time that was not enough are given no more of it.
    await this.peers?.quiet(finished ? this.#settings.drainTimeoutUs : KILL_GRACE_US)
    this.peers?.close()
    // Handlers that did not end in all that time get no more of it than a cancelled one needs.
    await this.#fleet.drain(finished ? this.#settings.drainTimeoutUs : KILL_GRACE_US)
    await this.#http?.close(HTTP_CLOSE_GRACE_MS)
    this.#calls.close()
    await this.#launcher?.close()
    this.#phase = 'stopped'
  }

  /** Resolves to true when the last open call has ended and the last output was read, to false after the drain timeout. */
  #callsEnd(): Promise<boolean> {
    const calls = this.#calls
    const deliveries = this.#deliveries
    const isOver = (): boolean => calls.open === 0 && deliveries.open === 0
    if (isOver()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const done = (finished: boolean): void => {
        calls.onEmpty = undefined
        deliveries.onEmpty = undefined
        alarm.cancel()
        resolve(finished)
      }
      const alarm = this.#world.clock.alarm(this.#settings.drainTimeoutUs, () => done(false))
      const look = (): void => {
        if (isOver()) done(true)
      }
      calls.onEmpty = look
      deliveries.onEmpty = look
    })
  }

  /** Answers every call that is left. */
  #endCalls(): void {
    for (const call of this.#calls.all()) {
      this.#calls.giveUp(call, stopping)
    }
    this.#flusher.flush()
  }

  #closedFor(): Failure | undefined {
    return this.#phase === 'starting' || this.#phase === 'ready' ? undefined : stopping
  }

  #makePeers(clock: FlushingClock): Peers | undefined {
    const { peers, log } = this.#options
    if (peers === undefined) return undefined
    return new Peers({
      clock,
      random: this.#world.random,
      flusher: this.#flusher,
      calls: this.#calls,
      registry: this.#registry,
      settings: this.#settings,
      options: peers,
      metrics: new EngineMetrics(),
      warn: (peer, message) => log?.warn({ peer }, `link to shard ${peer}: ${message}`),
    })
  }

  #makeHttp({ host = '127.0.0.1', port = 8_080, shared = false, pages }: HttpOptions): HttpGateway {
    return new HttpGateway(
      { host, port, shared },
      {
        door: this.door,
        payloadBytesMax: this.#settings.payloadBytesMax,
        metrics: this.#metrics.http,
        ready: () => this.ready,
        functions: () => pages?.functions() ?? Promise.resolve(this.functions()),
        workers: () => pages?.workers() ?? Promise.resolve(this.workers()),
        metricsText: () => pages?.metrics() ?? this.metrics(),
        onError: (error) => this.#options.log?.error({ err: error }, 'the HTTP gateway had an error and goes on'),
      },
    )
  }
}

/** How long HTTP answers that are on their way may take after the last worker has gone, in milliseconds. */
const HTTP_CLOSE_GRACE_MS = 1_000

const stopping = failure('draining', 'the engine is stopping', { retryable: true })
