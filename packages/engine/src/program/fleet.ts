import { type Failure, failure, type Log } from '@millrace/protocol/cold'
import { OPEN_FILES_BYTES_MAX, OPEN_INVOKES_MAX, WORKERS_STEEP } from '../base/limits.ts'
import { ConcurrencyTarget } from '../dispatcher/concurrency-target.ts'
import { Dispatcher } from '../dispatcher/dispatcher.ts'
import type { PrewarmOptions, ProgramOptions, WorkerEventRecord } from '../options.ts'
import type { FunctionEntry } from '../registry/function-registry.ts'
import { Exchange } from '../worker/exchange.ts'
import type { Terms } from '../worker/handshake.ts'
import type { Worker } from '../worker/worker.ts'
import type { WorkerListener } from '../worker/worker-parts.ts'
import { type PoolListener, WorkerPool } from '../worker/worker-pool.ts'
import type { Launcher } from '../world.ts'
import type { FleetParts } from './fleet-parts.ts'
import { logRecord } from './log-record.ts'
import { PrewarmPool } from './prewarm-pool.ts'
import type { Program } from './program.ts'
import { crashLoop, workerEvent } from './worker-event.ts'
import { WorkerMaker } from './worker-maker.ts'
import { codeOf, launchOf, placesMax, workerRange } from './worker-range.ts'

/** All programs with their workers: what each serves, who is ready, what replaces what. */
export class Fleet implements WorkerListener, PoolListener {
  readonly #parts: FleetParts
  readonly #programs = new Map<string, Program>()
  readonly #homes = new Map<Worker, { readonly program: Program; readonly pool: WorkerPool }>()
  /** Workers whose process has not ended. */
  readonly #processes = new Set<Worker>()
  /** RESOLVEs that wait for programs that are starting; bounded by `OPEN_RESOLVES_MAX` for each worker. */
  #unresolved: { readonly worker: Worker; readonly name: string }[] = []
  #launcher: Launcher | undefined
  #maker: WorkerMaker | undefined
  #prewarmed: readonly PrewarmPool[] = []
  #onAllExited: (() => void) | undefined
  #ending = false

  constructor(parts: FleetParts) {
    this.#parts = parts
    for (const program of parts.options.programs) this.#add(program)
  }

  /** Starts every program. Resolves when each has a worker ready or has failed to get one. */
  async start(launcher: Launcher): Promise<{ program: string; message: string }[]> {
    this.#launcher = launcher
    this.#maker = new WorkerMaker(this.#parts, launcher, this)
    const failures: { program: string; message: string }[] = []
    await Promise.all(
      this.#parts.options.programs.map(async (options) => {
        const why = await this.#launch(this.#programs.get(options.name)!, options).firstReady
        if (why !== undefined) failures.push({ program: options.name, message: why.message })
      }),
    )
    // Not before: the first workers would have to share the processors with them.
    this.#prewarmed = (this.#parts.options.prewarm ?? []).map((options) => this.#prewarm(options))
    if (!this.#ending) for (const pool of this.#prewarmed) pool.fill()
    return failures
  }

  /** See `Engine.replaceProgram`. */
  async replace(options: ProgramOptions): Promise<string | undefined> {
    const program = this.#programs.get(options.name) ?? this.#add(options)
    const done = program.replacing.then(() => this.#replaceNow(program, options))
    program.replacing = done
    return await done
  }

  async #replaceNow(program: Program, options: ProgramOptions): Promise<string | undefined> {
    if (this.#ending) return 'the engine is stopping'
    const pool = this.#launch(program, options)
    const why = await pool.firstReady
    if (why === undefined) return undefined
    if (program.next === pool) {
      // The old version goes on; the new one is given up.
      program.next = undefined
      pool.kill(why)
    }
    return why.message
  }

  /** A worker of the next version is ready: from now on it is the present one. No call meets both. */
  #takeOver(program: Program, pool: WorkerPool): void {
    const old = program.pool
    program.pool = pool
    program.next = undefined
    old?.drain(this.#parts.settings.drainTimeoutUs)
    this.#dropUnserved(program, pool)
  }

  /**
   * Ends every worker in order: DRAIN, after `timeoutUs` microseconds SIGTERM, then SIGKILL. Rule `stop-order`. Resolves
   * when every process has ended.
   */
  async drain(timeoutUs: number): Promise<void> {
    this.#ending = true
    const pools = new Set<WorkerPool>()
    for (const { pool, next } of this.#programs.values()) {
      if (pool !== undefined) pools.add(pool)
      if (next !== undefined) pools.add(next)
    }
    for (const { pool } of this.#homes.values()) pools.add(pool)
    for (const pool of pools) pool.drain(timeoutUs)
    for (const pool of this.#prewarmed) pool.close(timeoutUs)
    await this.#allExited()
  }

  get programs(): Iterable<Program> {
    return this.#programs.values()
  }

  /** The present version of every program but one. */
  versions(except: string): ProgramOptions[] {
    const versions: ProgramOptions[] = []
    for (const { name, pool } of this.#programs.values()) {
      if (name !== except && pool !== undefined) versions.push(pool.plan.options)
    }
    return versions
  }

  /** Workers that are not gone. */
  get workers(): Iterable<Worker> {
    return [...this.#homes.keys(), ...this.#prewarmed.flatMap(({ workers }) => workers)]
  }

  // ——— PoolListener ———

  make(pool: WorkerPool): Worker {
    const program = this.#programs.get(pool.plan.program)!
    const { options, launch } = pool.plan
    const ready = this.#prewarmed.find((one) => one.fits(options))?.take()
    const wanted = options.functions?.map(({ name }) => name)
    const worker = ready ?? this.#maker!.make({ program: program.name, wanted, launch })
    this.#homes.set(worker, { program, pool })
    this.#processes.add(worker)
    // The first message to it goes out in this turn; what comes of it is told as of any other worker.
    if (ready !== undefined) ready.load(codeOf(options, wanted))
    this.#tell(worker, 'starting', '')
    return worker
  }

  #prewarm(options: PrewarmOptions): PrewarmPool {
    const { command, cwd, env = {}, isolation } = options
    const mold = {
      program: `prewarmed ${options.runtime}`,
      wanted: undefined,
      launch: { command, cwd, env, isolation },
    }
    return new PrewarmPool(options, this.#parts.clock, (pool) => {
      const loaded = (worker: Worker, terms: Terms) => this.welcome(worker, terms)
      const worker = this.#maker!.make({ ...mold, prewarm: { waiting: (one) => pool.waiting(one), loaded } })
      this.#processes.add(worker)
      return worker
    })
  }

  placesOf(pool: WorkerPool): number {
    return this.#programs.get(pool.plan.program)!.places
  }

  takePeak(pool: WorkerPool): number {
    return this.#programs.get(pool.plan.program)!.dispatcher.takePeak()
  }

  unavailable(pool: WorkerPool, why: Failure): void {
    const program = this.#programs.get(pool.plan.program)!
    if (program.pool !== pool) return
    const text = `no worker of ${program.name} could be started: ${why.message}`
    program.dispatcher.setUnavailable(
      failure(why.reason === 'load_failed' ? 'load_failed' : 'worker_unavailable', text),
    )
    this.#parts.options.onWorker?.(crashLoop(program.name, text))
  }

  closed(pool: WorkerPool): void {
    const { forkOf } = pool.plan.launch
    if (forkOf !== undefined) this.#launcher?.release?.(forkOf)
  }

  // ——— WorkerListener ———

  welcome(worker: Worker, terms: Terms): { functions: { name: string; id: number }[]; exchange: Exchange } {
    const { program, pool } = this.#homes.get(worker)!
    const { calls, clock, innerDoor, metrics, settings } = this.#parts
    const { options } = pool.plan
    const functions = (options.functions ?? terms.functions)
      .map(({ name }) => this.#serve(program, options, name, terms))
      .filter((entry) => entry !== undefined)
      .map(({ name, id }) => ({ name, id }))
    const maxCalls = options.exclusive === true ? 1 : terms.maxCalls
    const exchangeTerms = {
      concurrency: Math.min(options.concurrency ?? maxCalls, maxCalls),
      maxCalls,
      maxOpenInvokes: OPEN_INVOKES_MAX,
      payloadBytesMax: settings.payloadBytesMax,
      functionIds: new Set(functions.map(({ id }) => id)),
      streaming: terms.features.includes('streaming'),
      internalCalls: terms.features.includes('internal-calls'),
      payloads: worker.payloads,
      openFilesBytesMax: OPEN_FILES_BYTES_MAX,
    }
    program.places = exchangeTerms.concurrency
    const exchange = new Exchange(worker.id, worker.channel, calls, clock, innerDoor, exchangeTerms, metrics)
    exchange.stuck = (call) => worker.suspect(call, calls, settings.stuckGraceUs)
    return { functions, exchange }
  }

  ready(worker: Worker): void {
    const { program, pool } = this.#homes.get(worker)!
    this.#parts.metrics.channelsOpen += 1
    pool.ready(worker)
    if (program.next === pool) this.#takeOver(program, pool)
    program.dispatcher.addWorker(worker.exchange!)
    this.#settle(program)
    this.#tell(worker, 'ready', '')
  }

  idle(worker: Worker): void {
    this.#homes.get(worker)?.program.dispatcher.workerIdle(worker.exchange!)
  }

  resumed(worker: Worker, us: number): void {
    this.#homes.get(worker)?.program.dispatcher.resumed(us)
  }

  draining(worker: Worker): void {
    this.#homes.get(worker)?.program.dispatcher.removeWorker(worker.exchange!)
    this.#tell(worker, 'draining', '')
  }

  gone(worker: Worker, why: Failure, wasReady: boolean): void {
    const home = this.#homes.get(worker)
    if (home === undefined) {
      this.#prewarmedGone(worker, why)
      return
    }
    const { program, pool } = home
    const { metrics } = this.#parts
    if (worker.exchange !== undefined) {
      metrics.channelsOpen -= 1
      program.dispatcher.removeWorker(worker.exchange)
    }
    if (!wasReady) metrics.workerStartFailures += 1
    this.#tell(worker, wasReady ? 'gone' : 'start-failed', why.message)
    this.#homes.delete(worker)
    this.#unresolved = this.#unresolved.filter((open) => open.worker !== worker)
    pool.lost(worker, why, wasReady)
    if (!wasReady && program.pool === pool) this.#settle(program)
  }

  exited(worker: Worker): void {
    this.#parts.metrics.workerExits += 1
    this.#processes.delete(worker)
    if (this.#processes.size === 0) this.#onAllExited?.()
  }

  resolve(worker: Worker, name: string): void {
    const entry = this.#parts.registry.byName(name)
    if (entry !== undefined) worker.resolved(name, entry.id)
    else if (this.#starting()) this.#unresolved.push({ worker, name })
    else worker.resolved(name, 0)
  }

  log(worker: Worker, callId: number, record: Log): void {
    const { onLog } = this.#parts.options
    if (onLog === undefined) return
    onLog(logRecord(worker, callId, record))
  }

  output(worker: Worker, stream: 'stdout' | 'stderr', line: string): void {
    this.#parts.options.onOutput?.(worker.program, worker.id, stream, line)
  }

  // ——— Inside ———

  #prewarmedGone(worker: Worker, why: Failure): void {
    if (!this.#prewarmed.some((pool) => pool.lost(worker)) || this.#ending) return
    this.#parts.metrics.workerStartFailures += 1
    this.#tell(worker, 'start-failed', why.message)
  }

  #add(options: ProgramOptions): Program {
    const program: Program = {
      name: options.name,
      dispatcher: new Dispatcher(this.#parts.calls, this.#parts.clock, {
        needed: (calls) => program.pool?.need(calls),
        more: () => program.pool?.grow(program.pool.wanted * WORKERS_STEEP),
        get placesMax() {
          return placesMax(program)
        },
      }),
      places: 1,
      functions: new Map(),
      pool: undefined,
      next: undefined,
      replacing: Promise.resolve(),
      settled: false,
    }
    this.#programs.set(options.name, program)
    // Functions that are named get their ids now: calls to them wait while the workers start.
    for (const { name } of options.functions ?? []) this.#serve(program, options, name, undefined)
    return program
  }

  /** Starts a version of a program: its present one when it has none, else the next. */
  #launch(program: Program, options: ProgramOptions): WorkerPool {
    const { min, max, idleUs, warm } = workerRange(options)
    // The next version begins as wide as the present one is: its calls are the same.
    const first = Math.min(max, Math.max(1, min, program.pool?.wanted ?? 0))
    program.dispatcher.target =
      options.managed === true ? (program.dispatcher.target ?? new ConcurrencyTarget()) : undefined
    const pool = new WorkerPool(
      {
        program: program.name,
        min,
        max,
        first,
        idleUs,
        warm,
        options,
        launch: launchOf(options),
      },
      this.#parts.clock,
      this,
    )
    if (program.pool === undefined) program.pool = pool
    else program.next = pool
    pool.start()
    return pool
  }

  /** The entry of a function that `program` serves; undefined when another program serves that name already. */
  #serve(program: Program, version: ProgramOptions, name: string, terms: Terms | undefined): FunctionEntry | undefined {
    const { registry, settings, metrics, options } = this.#parts
    const known = registry.byName(name)
    if (known !== undefined && known.dispatcher !== program.dispatcher) {
      options.log?.warn({ function: name, program: program.name }, 'another program serves this function already')
      return undefined
    }
    const own = version.functions?.find((fn) => fn.name === name)
    const offered = terms?.functions.find((fn) => fn.name === name)?.timeoutUs ?? 0
    const timeoutUs = own?.timeoutUs ?? (offered > 0 ? offered : settings.timeoutUs)
    const queueMax = own?.queueMax ?? settings.queueMax
    const queueWaitUs = own?.queueWaitUs ?? settings.queueWaitUs
    const takesFiles = terms?.features.includes('payload-file') === true
    if (known !== undefined) {
      return Object.assign(known, { timeoutUs, queueMax, queueWaitUs, takesFiles })
    }
    const entry = registry.add({
      name,
      dispatcher: program.dispatcher,
      timeoutUs,
      queueMax,
      queueWaitUs,
      takesFiles,
      metrics: metrics.ofFunction(name),
    })
    program.functions.set(name, entry)
    return entry
  }

  /** Takes away the functions that the new version of a program no longer has. */
  #dropUnserved(program: Program, pool: WorkerPool): void {
    const served = new Set<string>()
    for (const worker of pool.workers) for (const { name } of worker.terms?.functions ?? []) served.add(name)
    const wanted = pool.plan.options.functions
    for (const [name, entry] of program.functions) {
      if (served.has(name) && (wanted === undefined || wanted.some((fn) => fn.name === name))) continue
      program.functions.delete(name)
      this.#parts.registry.remove(entry)
      program.dispatcher.failWaiting(failure('not_found', `${name} is served no more`), entry)
    }
  }

  #starting(): boolean {
    for (const program of this.#programs.values()) if (!program.settled) return true
    return false
  }

  /** The first start of a program has come to an end: names that waited for it are looked up again. */
  #settle(program: Program): void {
    program.settled = true
    const waiting = this.#unresolved
    this.#unresolved = []
    for (const { worker, name } of waiting) this.resolve(worker, name)
  }

  #tell(worker: Worker, event: WorkerEventRecord['event'], message: string): void {
    this.#parts.options.onWorker?.(workerEvent(worker, event, message))
  }

  #allExited(): Promise<void> {
    if (this.#processes.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onAllExited = resolve
    })
  }
}
