/** Keeps the shards of one host: starts them, tells them of one another, starts again what ends, and ends them together. */
import type { Logger } from 'pino'
import { restartDelayUs } from '../../worker/backoff.ts'
import { ExitCode } from '../exit-code.ts'
import { SHARD_LASTS_MS, SHARD_LOSSES_MAX } from '../limits.ts'
import type { FromShard, ShardPlan } from './messages.ts'
import { PageRounds } from './page-round.ts'
import { type ShardListener, ShardProcess } from './shard-process.ts'

export class Supervisor implements ShardListener {
  readonly #shards: readonly ShardProcess[]
  readonly #log: Logger
  readonly #rounds: PageRounds
  readonly #restarts = new Set<NodeJS.Timeout>()
  readonly #faults: string[] = []
  readonly #ready = Promise.withResolvers<readonly string[]>()
  readonly #ended = Promise.withResolvers<ExitCode>()
  #isReady = false
  #stopping = false
  #quiet = false
  #code: ExitCode = ExitCode.ok
  #killer: NodeJS.Timeout | undefined
  readonly #stopMsMax: number

  /** `stopMsMax`: from the first signal until shards that are still there are killed, in milliseconds. */
  constructor(plans: readonly ShardPlan[], log: Logger, stopMsMax: number) {
    this.#stopMsMax = stopMsMax
    this.#shards = plans.map((plan) => new ShardProcess(plan, this))
    this.#rounds = new PageRounds(this.#shards)
    this.#log = log
  }

  /**
   * Starts every shard, once. Resolves when all serve and can call one another, or one of them has failed to: to a line for
   * each program that could not start, or for each shard; then to be followed by `stop`.
   */
  start(): Promise<readonly string[]> {
    for (const shard of this.#shards) this.#startOne(shard)
    return this.#ready.promise
  }

  /** Resolves when every shard has ended: `ok` when all drained, else `failure`. */
  get ended(): Promise<ExitCode> {
    return this.#ended.promise
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** Whether every shard serves. */
  get ready(): boolean {
    return this.#isReady
  }

  /** Ends every shard by `signal`: the first time they drain, the second time they kill their workers. `code`: see `ended`. */
  stop(signal: NodeJS.Signals, code: ExitCode = ExitCode.ok): void {
    if (code !== ExitCode.ok) this.#code = code
    if (!this.#stopping) {
      this.#stopping = true
      for (const timer of this.#restarts) clearTimeout(timer)
      this.#killer = setTimeout(() => {
        this.#log.error(`shards did not end within ${this.#stopMsMax / 1_000} s and are killed`)
        for (const shard of this.#shards) shard.signal('SIGKILL')
      }, this.#stopMsMax)
    }
    for (const shard of this.#shards) shard.signal(signal)
    this.#settle()
  }

  // ——— ShardListener ———

  said(shard: ShardProcess, message: FromShard): void {
    switch (message.kind) {
      case 'up':
        this.#introduce(shard)
        break
      case 'offer': {
        const to = this.#shards[message.to]
        if (to?.isUp === true) to.tell({ kind: 'serve', from: shard.index, link: message.link })
        break
      }
      case 'linked':
        shard.linked.add(message.to)
        this.#lookWhetherReady()
        break
      case 'started':
        shard.hasStarted = true
        shard.startedMs = performance.now()
        this.#faults.push(...message.failures)
        if (this.#isReady) for (const line of message.failures) this.#log.error({ shard: shard.index }, line)
        this.#lookWhetherReady()
        break
      case 'failed':
        shard.fault = message.message
        break
      case 'idle':
        shard.isIdle = true
        this.#settle()
        break
      case 'told':
        this.#rounds.told(message.id, shard.index, message.part)
        break
      case 'ask':
        this.#rounds.ask(message.page).then((parts) => shard.tell({ kind: 'page', id: message.id, parts }))
        break
    }
  }

  lost(shard: ShardProcess, how: string): void {
    for (const other of this.#shards) {
      if (other.isUp) other.tell({ kind: 'down', shard: shard.index, why: `it ${how}` })
    }
    if (this.#stopping) {
      if (!shard.endedWell) this.#code = ExitCode.failure
      this.#settle()
      return
    }
    if (!this.#isReady) {
      this.#ready.resolve([...this.#faults, shard.fault ?? `shard ${shard.index} ${how} before all were ready`])
      return
    }
    this.#startAgain(shard, how)
  }

  // ——— Inside ———

  #startOne(shard: ShardProcess): void {
    shard.start()
    this.#log.info(
      { shard: shard.index, pid: shard.pid, programs: shard.plan.programs.map(({ name }) => name) },
      'shard started',
    )
  }

  /** A shard is up: it and the others that are hear of one another. */
  #introduce(shard: ShardProcess): void {
    shard.isUp = true
    for (const other of this.#shards) {
      if (other === shard || !other.isUp) continue
      other.tell({ kind: 'up', shard: shard.index })
      shard.tell({ kind: 'up', shard: other.index })
    }
  }

  #lookWhetherReady(): void {
    if (!this.#shards.every(({ isReady }) => isReady)) return
    if (this.#isReady) {
      this.#log.info('every shard is ready again')
      return
    }
    this.#isReady = true
    this.#ready.resolve(this.#faults)
  }

  #startAgain(shard: ShardProcess, how: string): void {
    shard.lossesInARow = performance.now() - shard.startedMs > SHARD_LASTS_MS ? 1 : shard.lossesInARow + 1
    const delayMs = restartDelayUs(shard.lossesInARow) / 1_000
    const fields = { shard: shard.index, how, delayMs }
    if (shard.lossesInARow < SHARD_LOSSES_MAX) this.#log.error(fields, 'a shard ended and is started again')
    else this.#log.error({ ...fields, losses: shard.lossesInARow }, 'crash loop: a shard keeps ending; it is tried on')
    if (shard.fault !== undefined) this.#log.error({ shard: shard.index }, shard.fault)
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      shard.restarts += 1
      this.#startOne(shard)
    }, delayMs)
    this.#restarts.add(timer)
  }

  /** While all stop: says when nobody has calls open any more, and ends when nobody is left. */
  #settle(): void {
    if (!this.#stopping) return
    const running = this.#shards.filter(({ isRunning }) => isRunning)
    if (!this.#quiet && running.every(({ isIdle }) => isIdle)) {
      this.#quiet = true
      for (const shard of running) shard.tell({ kind: 'quiet' })
    }
    if (running.length > 0) return
    clearTimeout(this.#killer)
    this.#ended.resolve(this.#code)
  }
}
