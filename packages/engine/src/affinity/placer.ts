/** Keeps engine and workers on their processors: at the start, when workers come, and when the placement changes. */
import {
  AUTO_IDLE_LOOK_US,
  AUTO_LOOK_SHARE_MAX,
  AUTO_LOOK_US,
  AUTO_TRIAL_LOOK_US,
  PLACE_AGAIN_US,
  PLACE_WATCH_US,
} from '../base/limits.ts'
import type { Affinity } from '../options.ts'
import type { Alarm, Clock } from '../world.ts'
import { type Arrangement, arrange, type Placement, processorList, quietest, TICK_US } from './arrangement.ts'
import { AutoChoice, type Look } from './auto-choice.ts'
import type { Processors } from './processors.ts'

/** The host can't place the engine as it was asked for, or not by this option. The message names the fix. */
export class AffinityError extends Error {
  override readonly name = 'AffinityError'
}

/** What a placer is told with. */
export interface PlacerParts {
  readonly processors: Processors
  readonly clock: Clock
  /** Calls `turn` after the handling of what else the event loop has. */
  soon(turn: () => void): void
  /** Messages that workers have sent since the start. */
  progress(): number
  /** Told who could not be placed, for people. */
  warn(text: string): void
}

/** A process that was started with all that descends from it. */
export interface Placed {
  /** It has done its own start: it is placed, whatever has become of what it inherited. */
  ready(): void
  /** It has ended. Doing so twice is allowed. */
  gone(): void
}

/** Whether an engine of this process places it: a second one would find only what the first left it. */
let isTaken = false

export class Placer {
  readonly #parts: PlacerParts
  readonly #home: number
  /** What a process may use until it is ready: what sizes itself by the processors that it finds, does so for good. */
  readonly #starting: readonly number[]
  #arrangement: Arrangement
  #placement: Placement
  /** Processes that were started, and all that each of them was seen to have started. */
  readonly #families = new Map<number, readonly number[]>()
  /** Families that are not in their place yet. */
  #moving: number[] = []
  /** When families are placed once more: threads name themselves when they first run, and by their names helpers are known. */
  readonly #again = new Map<number, Alarm>()
  readonly #auto: AutoChoice | undefined
  /** Processor time of each process at the last look. */
  #usedUs = new Map<number, number>()
  #lookedUs = 0
  #idleUs = 0
  #messages = 0
  #alarm: Alarm | undefined
  #lastFault: string | undefined
  #isOpen = true
  /** Called when engine and workers have got more processors, or fewer. */
  readonly onWidth: (() => void)[] = []

  private constructor(parts: PlacerParts, affinity: Affinity, home: number) {
    const { allowed } = parts.processors
    this.#parts = parts
    this.#home = home
    this.#placement = affinity === 'spread' ? 'spread' : 'pack'
    this.#arrangement = arrange(this.#placement, allowed, home)
    this.#starting = arrange(affinity === 'auto' ? 'kernel' : affinity, allowed, home).workers
    this.#auto = affinity === 'auto' && allowed.length > 1 ? new AutoChoice() : undefined
  }

  /** Places the engine's own process on the processor that was quietest for `PLACE_WATCH_US`. Throws `AffinityError`. */
  static async open(parts: PlacerParts, affinity: Affinity): Promise<Placer> {
    const { processors, clock } = parts
    if (isTaken) {
      throw new AffinityError(
        'affinity: another engine of this process places it already: give the option to one of them',
      )
    }
    isTaken = true
    try {
      const before = processors.idle()
      await new Promise<void>((resolve) => {
        clock.alarm(PLACE_WATCH_US, resolve)
      })
      const placer = new Placer(parts, affinity, quietest(processors.allowed, before, processors.idle()))
      const { engine, helpers } = placer.#arrangement
      const fault = processors.place(processors.pid, engine, helpers)
      if (fault !== undefined) throw new AffinityError(`affinity: the engine cannot be placed: ${fault}`)
      placer.#lookedUs = clock.nowUs()
      if (placer.#auto !== undefined) placer.#lookAfter(AUTO_IDLE_LOOK_US)
      return placer
    } catch (error) {
      isTaken = false
      throw error
    }
  }

  get placement(): Placement {
    return this.#placement
  }

  /** How many processors engine and workers have together. */
  get width(): number {
    return new Set([...this.#arrangement.engine, ...this.#arrangement.workers]).size
  }

  /** For people: who is where. */
  get description(): string {
    const { engine, workers } = this.#arrangement
    return `engine on processor ${processorList(engine)}, workers on ${processorList(workers)}`
  }

  /** Starts a process where workers start. `start` must start it before it returns. */
  spawn<T>(start: () => T): T {
    const { engine } = this.#arrangement
    if (processorList(engine) === processorList(this.#starting)) return start()
    this.#tell('a worker starts where the engine is', this.#parts.processors.placeThread(this.#starting))
    try {
      return start()
    } finally {
      this.#tell('the engine is where its workers are', this.#parts.processors.placeThread(engine))
    }
  }

  /** Keeps a process, and all that descends from it, in its place from now on. */
  add(pid: number): Placed {
    this.#families.set(pid, [pid])
    return {
      ready: () => {
        if (!this.#families.has(pid)) return
        this.#place(pid)
        this.#again.set(
          pid,
          this.#parts.clock.alarm(PLACE_AGAIN_US, () => this.#moveAll([pid])),
        )
      },
      gone: () => {
        this.#families.delete(pid)
        this.#again.get(pid)?.cancel()
        this.#again.delete(pid)
      },
    }
  }

  /** The engine's process may use again what it could before. Doing so twice is allowed. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    isTaken = false
    this.#alarm?.cancel()
    for (const again of this.#again.values()) again.cancel()
    const { processors } = this.#parts
    this.#try('the engine stays where it is', () => processors.place(processors.pid, processors.allowed))
  }

  #lookAfter(us: number): void {
    this.#alarm = this.#parts.clock.alarm(us, () => this.#look())
  }

  #look(): void {
    const { clock } = this.#parts
    const auto = this.#auto!
    const begun = clock.nowUs()
    let pauseUs = AUTO_IDLE_LOOK_US
    this.#try('there is nothing to decide by', () => {
      const look = this.#takeLook(begun)
      this.#move(auto.look(look))
      if (auto.trying) pauseUs = AUTO_TRIAL_LOOK_US
      else if (Math.max(look.usedUs, look.homeBusyUs) * 2 > look.elapsedUs) pauseUs = AUTO_LOOK_US
      return undefined
    })
    const tookUs = clock.nowUs() - begun
    this.#lookAfter(Math.max(pauseUs, tookUs / AUTO_LOOK_SHARE_MAX))
  }

  /** What happened since the last look. Throws the OS's error. */
  #takeLook(nowUs: number): Look {
    const messages = this.#parts.progress()
    const elapsedUs = nowUs - this.#lookedUs
    const look = {
      elapsedUs,
      usedUs: this.#takeUsed(),
      homeBusyUs: Math.max(0, elapsedUs - this.#takeIdle()),
      messages: messages - this.#messages,
    }
    this.#lookedUs = nowUs
    this.#messages = messages
    return look
  }

  /** Time in which the engine's own processor was idle since the last look, in microseconds. */
  #takeIdle(): number {
    const idleUs = (this.#parts.processors.idle().get(this.#home) ?? 0) * TICK_US
    const sinceUs = idleUs - this.#idleUs
    this.#idleUs = idleUs
    return sinceUs
  }

  /** Processor time of the engine and its workers since the last look. */
  #takeUsed(): number {
    const { processors } = this.#parts
    const before = this.#usedUs
    this.#usedUs = new Map()
    let sum = 0
    for (const family of [[processors.pid], ...this.#families.values()]) {
      for (const pid of family) {
        if (this.#usedUs.has(pid)) continue // A zygote's family has those in it that it forked.
        const usedUs = processors.usedUs(pid)
        this.#usedUs.set(pid, usedUs)
        sum += Math.max(0, usedUs - (before.get(pid) ?? usedUs)) // Of one that is new: from now on.
      }
    }
    return sum
  }

  #move(placement: Placement): void {
    if (placement === this.#placement) return
    this.#placement = placement
    const { processors } = this.#parts
    this.#arrangement = arrange(placement, processors.allowed, this.#home)
    const { engine, helpers } = this.#arrangement
    this.#try('the engine stays where it is', () => processors.place(processors.pid, engine, helpers))
    this.#moveAll([...this.#families.keys()])
    for (const told of this.onWidth) told()
  }

  #moveAll(families: readonly number[]): void {
    const isMoving = this.#moving.length > 0
    this.#moving = [...new Set([...this.#moving, ...families])]
    if (!isMoving) this.#moveNext()
  }

  /** One family in each turn of the event loop: with many workers calls go on between them. */
  #moveNext(): void {
    const pid = this.#moving.pop()
    if (pid === undefined || !this.#isOpen) return
    if (this.#families.has(pid)) this.#place(pid)
    this.#parts.soon(() => this.#moveNext())
  }

  #place(pid: number): void {
    const { processors } = this.#parts
    const { workers, helpers } = this.#arrangement
    this.#try(`process ${pid} stays where it is`, () => {
      const family = processors.family(pid)
      this.#families.set(pid, family)
      for (const one of family) {
        this.#tell(`process ${one} stays where it is`, processors.place(one, workers, helpers))
      }
      return undefined
    })
  }

  /** What the OS refuses, such as a descriptor to look by, is told, and the engine goes on. The same is told once. */
  #try(what: string, run: () => string | undefined): void {
    let fault: string | undefined
    try {
      fault = run()
    } catch (error) {
      fault = (error as Error).message
    }
    if (fault === this.#lastFault) return
    this.#lastFault = fault
    this.#tell(what, fault)
  }

  #tell(what: string, fault: string | undefined): void {
    if (fault !== undefined) this.#parts.warn(`affinity: ${what}: ${fault}`)
  }
}
