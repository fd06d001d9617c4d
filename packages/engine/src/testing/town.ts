/**
 * The simulator: from one seed an engine, programs whose workers behave as dice say, callers, pipes that cut anywhere,
 * an order of turns, and time that moves only when nothing else is to be done. What must hold is checked on the way and
 * at the end; the same seed gives the same history.
 */
import { createEngine } from '../engine.ts'
import type { Engine } from '../engine-api.ts'
import type { CallRecord, ProgramOptions } from '../options.ts'
import type { MemoryProgram } from './memory-launcher.ts'
import { createMemoryWorld } from './memory-world.ts'
import { Dice, Schedule } from './schedule.ts'
import { ScriptedWorker } from './scripted-worker.ts'
import { TownCaller } from './town-caller.ts'
import { TownFault, TownLedger } from './town-ledger.ts'
import { type Temper, type TownStreet, TownWorker } from './town-worker.ts'

/** What to simulate. */
export interface TownOptions {
  readonly seed: number
  /** External calls to make. Default: 5 to 60, by the seed. */
  readonly calls?: number
  /** A deliberate fault: the engine's record of this call is lost. Shows that the town would notice. */
  readonly loseRecord?: number
}

/** What became of it. */
export interface TownReport {
  readonly seed: number
  /** Calls that ended, internal ones included. */
  readonly calls: number
  readonly turns: number
  readonly outcomes: ReadonlyMap<string, number>
  /** The reasons of failures that callers were told. */
  readonly told: ReadonlySet<string>
  /** The whole history as one number. */
  readonly history: number
}

const FEATURES = ['internal-calls', 'streaming', 'log', 'capacity']

/** Runs a town from its seed. Throws a TownFault, with the last events, when the engine breaks its word. */
export async function runTown(options: TownOptions): Promise<TownReport> {
  const town = new Town(options)
  try {
    return await town.run()
  } catch (error) {
    const history = town.ledger.last.join('\n  ')
    throw new TownFault(`seed ${options.seed}: ${(error as Error).message}\n  ${history}`, { cause: error })
  }
}

class Town {
  readonly ledger = new TownLedger()
  readonly #options: TownOptions
  readonly #dice: Dice
  readonly #schedule: Schedule
  readonly #street: TownStreet
  readonly #tempers = new Map<string, Temper>()
  readonly #programs: ProgramOptions[] = []
  #toOpen: number
  #open = 0

  constructor(options: TownOptions) {
    this.#options = options
    const dice = new Dice(options.seed)
    this.#dice = dice
    this.#schedule = new Schedule(new Dice(dice.u32()))
    this.#toOpen = options.calls ?? 5 + dice.below(56)
    const names: string[] = ['nobody']
    this.#street = { dice, ledger: this.ledger, names, later: (turns, run) => this.#later(turns, run) }
    for (let i = 2 + dice.below(4); i > 0; i -= 1) this.#settle(`p${i}`, names)
  }

  async run(): Promise<TownReport> {
    const dice = this.#dice
    const programs = Object.fromEntries(this.#programs.map(({ name }) => [name, this.#worker(name)]))
    const world = createMemoryWorld({
      programs,
      clock: this.#schedule.clock,
      later: this.#schedule.later,
      seed: dice.u32() | 1,
      pipe: {
        capacityBytes: dice.pick([1_500, 4_096, 65_536]),
        cut: (available) => (dice.once(3) ? 1 + dice.below(available) : available),
      },
    })
    const engine = createEngine(
      {
        programs: this.#programs,
        timeoutUs: 5_000_000,
        queueMax: dice.pick([0, 2, 1_000, 1_000]),
        callsMax: dice.pick([8, 1_000, 65_536, 65_536]),
        depthMax: dice.pick([1, 4, 16]),
        payloadBytesMax: dice.pick([1_000, 60_000, 1_000_000, 1_000_000, 1_000_000]),
        handshakeTimeoutUs: 1_000_000,
        drainTimeoutUs: 3_000_000,
        onCall: (record) => this.#record(record),
        onWorker: ({ program, workerId, event, message }) =>
          this.ledger.note(`${program} ${workerId} is ${event}: ${message}`),
      },
      world,
    )
    const started = this.#watch(engine.start())
    if (dice.once(4)) await this.#schedule.until(() => started.done)
    for (let i = 1 + dice.below(8); i > 0; i -= 1) this.#openNext(engine)
    if (dice.once(3)) this.#later(dice.below(400), () => this.#replace(engine))
    const enough = dice.once(4) ? dice.below(this.#toOpen + 1) : 0
    await this.#schedule.until(() => this.#toOpen <= enough && (enough > 0 || this.#open === 0))
    const stopped = this.#watch(engine.stop())
    await this.#schedule.until(() => stopped.done && started.done)
    await this.#schedule.settle()
    this.#checkEmpty(engine, world.launcher.running.size, world.launcher.closed)
    return {
      seed: this.#options.seed,
      calls: this.ledger.calls,
      turns: this.#schedule.turns,
      outcomes: this.ledger.outcomes,
      told: this.ledger.told,
      history: this.ledger.history,
    }
  }

  /** Adds a program. */
  #settle(name: string, names: string[]): void {
    const dice = this.#dice
    const functions = Array.from({ length: 1 + dice.below(2) }, (_, i) => `${name}.${i}`)
    names.push(...functions)
    this.#tempers.set(name, {
      functions,
      features: dice.once(4) ? FEATURES.filter(() => dice.once(2)) : FEATURES,
      maxCalls: 1 + dice.below(8),
      mischief: dice.pick([0, 0, 3, 15]),
    })
    this.#programs.push({
      name,
      command: ['simulated'],
      workers: dice.once(2)
        ? 1 + dice.below(3)
        : {
            min: dice.below(2),
            max: 1 + dice.below(3),
            idleUs: 100_000 + dice.below(5_000_000),
            ...(dice.once(2) ? { warm: dice.below(2), pauseAfterUs: 50_000 + dice.below(1_000_000) } : {}),
          },
      ...(dice.once(2) ? { concurrency: 1 + dice.below(4) } : {}),
      ...(dice.once(3) ? { managed: true } : {}),
      ...(dice.once(6) ? { exclusive: true } : {}),
      ...(dice.once(2)
        ? { functions: functions.map((fn) => ({ name: fn, queueWaitUs: dice.below(3) * 300_000 })) }
        : {}),
    })
  }

  #worker(name: string): MemoryProgram {
    return (process) => {
      new TownWorker(new ScriptedWorker(process), this.#street, this.#tempers.get(name)!)
    }
  }

  #openNext(engine: Engine): void {
    if (this.#toOpen === 0) return
    this.#toOpen -= 1
    this.#open += 1
    const caller = new TownCaller(this.#street, () => {
      this.#open -= 1
      this.#later(this.#dice.below(20), () => this.#openNext(engine))
    })
    caller.open(engine.door)
  }

  /** A new version of a program: the same, or one that serves something else. */
  #replace(engine: Engine): void {
    const dice = this.#dice
    const program = dice.pick(this.#programs)
    const { functions, ...rest } = program
    const wanted = dice.once(3) ? [{ name: 'what.nobody.serves' }] : functions
    const next = wanted === undefined ? rest : { ...rest, functions: wanted }
    void engine.replaceProgram(next).then((message) => this.ledger.note(`replaced: ${message ?? 'well'}`))
  }

  #record(record: CallRecord): void {
    if (record.id !== this.#options.loseRecord) this.ledger.record(record)
  }

  #checkEmpty(engine: Engine, processes: number, closed: boolean): void {
    if (processes > 0) throw new TownFault(`${processes} processes are left`)
    if (!closed) throw new TownFault('the launcher is open after stop')
    if (this.#schedule.clock.nextUs !== undefined) throw new TownFault('an alarm is left')
    if (this.#open > 0) throw new TownFault(`${this.#open} external calls have no outcome`)
    if (engine.workers().length > 0) throw new TownFault(`${engine.workers().length} workers are left`)
    for (const { name, running, waiting } of engine.functions()) {
      if (running !== 0 || waiting !== 0) throw new TownFault(`${name}: ${running} running, ${waiting} waiting`)
    }
    this.ledger.close(engine.functions())
  }

  #later(turns: number, run: () => void): void {
    this.#schedule.later(() => (turns > 0 ? this.#later(turns - 1, run) : run()))
  }

  #watch(promise: Promise<unknown>): { done: boolean } {
    const watched = { done: false }
    void promise.then(() => {
      watched.done = true
    })
    return watched
  }
}
