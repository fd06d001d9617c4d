/** How a running engine is ended from outside: the first signal drains it, the second kills it. */
import type { Engine } from '../engine-api.ts'
import { ExitCode } from './exit-code.ts'
import { KILL_GRACE_MS } from './limits.ts'

/** Told of what a signal begins, for people. */
export interface LifetimeListener {
  draining(signal: string, openCalls: number): void
  killing(signal: string): void
}

/** The wait for the end of one engine. */
export class Lifetime {
  readonly #engine: Engine
  readonly #listener: LifetimeListener
  readonly #ended: Promise<ExitCode>
  #resolve!: (code: ExitCode) => void
  #reject!: (error: unknown) => void
  #stopping = false
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#signalled(signal)

  /** Takes SIGINT, SIGTERM and SIGHUP from now until the engine has ended. */
  constructor(engine: Engine, listener: LifetimeListener) {
    this.#engine = engine
    this.#listener = listener
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
  }

  /** Whether the end has begun. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** Resolves when the engine has ended: `ok` when it drained, `failure` when it was killed. */
  ended(): Promise<ExitCode> {
    return this.#ended
  }

  /** Ends the engine without a signal; the promise of `ended` then gives `code`. */
  stop(code: ExitCode): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#engine.stop().then(() => this.#finish(code), this.#reject)
  }

  #signalled(signal: NodeJS.Signals): void {
    if (!this.#stopping) {
      const open = this.#engine.functions().reduce((sum, one) => sum + one.running + one.waiting, 0)
      this.#listener.draining(signal, open)
      this.stop(ExitCode.ok)
      return
    }
    this.#listener.killing(signal)
    for (const { pid } of this.#engine.workers()) if (pid !== undefined) killGroup(pid)
    // The engine sees its workers go and ends by itself; should it not, nothing holds the command any longer.
    setTimeout(() => process.exit(ExitCode.failure), KILL_GRACE_MS).unref()
    this.#resolve(ExitCode.failure)
  }

  #finish(code: ExitCode): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal)
    this.#resolve(code)
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Every worker leads a process group of its own. One that ended meanwhile is no fault. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
