import type { FunctionMetrics } from '../observe/metrics.ts'
import type { Dispatcher } from '../dispatcher/dispatcher.ts'

/** A function that the engine serves. */
export interface FunctionEntry {
  /** Given once, never reused in the engine's life; rule `function-id-unique`. */
  readonly id: number
  readonly name: string
  /** Who runs its calls now: the program that serves it. */
  dispatcher: Dispatcher
  /** Time limit of a call in microseconds; 0: none. */
  timeoutUs: number
  /** Calls that may wait. */
  queueMax: number
  /** Its counters; `waiting` and `running` are also what the queue's bound and `list` go by. */
  readonly metrics: FunctionMetrics
}

/** What functions exist: name ↔ id ↔ settings. A name keeps its id while programs come and go. */
export class FunctionRegistry {
  readonly #byName = new Map<string, FunctionEntry>()
  readonly #byId: (FunctionEntry | undefined)[] = [undefined]

  byId(id: number): FunctionEntry | undefined {
    return this.#byId[id]
  }

  byName(name: string): FunctionEntry | undefined {
    return this.#byName.get(name)
  }

  all(): IterableIterator<FunctionEntry> {
    return this.#byName.values()
  }

  /** Adds a function under the next id; the name must be new. */
  add(entry: Omit<FunctionEntry, 'id'>): FunctionEntry {
    const made: FunctionEntry = { id: this.#byId.length, ...entry }
    this.#byId.push(made)
    this.#byName.set(made.name, made)
    return made
  }

  /** Takes a function away; its id is never given again, and a call to it fails with `not_found`. */
  remove(entry: FunctionEntry): void {
    this.#byName.delete(entry.name)
    this.#byId[entry.id] = undefined
  }
}
