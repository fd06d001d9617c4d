/** Replaces programs one change after the other, never two of one program at once. */
import type { Program } from '../../config/programs.ts'
import type { Engine } from '../../engine-api.ts'

/** Told how each reload went. */
export interface ReloadListener {
  reloading(program: Program): void
  reloaded(program: Program, elapsedMs: number): void
  /** No worker of the new version got ready; what ran before goes on. */
  refused(program: Program, message: string): void
}

export class Reloader {
  readonly #engine: Engine
  readonly #listener: ReloadListener
  /** Programs whose files changed since their last reload began. */
  readonly #waiting = new Set<Program>()
  readonly #running = new Map<Program, Promise<void>>()
  #open = false

  constructor(engine: Engine, listener: ReloadListener) {
    this.#engine = engine
    this.#listener = listener
  }

  /** The engine has started: what changed until now is reloaded, and what changes later. */
  begin(): void {
    this.#open = true
    this.changed([])
  }

  /** No reload begins any more. Resolves when those that run are over. */
  async end(): Promise<void> {
    this.#open = false
    this.#waiting.clear()
    await Promise.all(this.#running.values())
  }

  changed(programs: readonly Program[]): void {
    for (const program of programs) this.#waiting.add(program)
    if (!this.#open) return
    for (const program of this.#waiting) {
      if (this.#running.has(program)) continue // Its turn comes when the present reload is over.
      this.#waiting.delete(program)
      this.#running.set(program, this.#reload(program))
    }
  }

  async #reload(program: Program): Promise<void> {
    this.#listener.reloading(program)
    const began = performance.now()
    const message = await this.#engine.replaceProgram(program.options)
    this.#running.delete(program)
    if (message === undefined) this.#listener.reloaded(program, performance.now() - began)
    else this.#listener.refused(program, message)
    this.changed([])
  }
}
