import type { CallFunction } from '../call/call.ts'

/**
 * A function that the engine serves. Its id is given once and never reused in the engine's life (rule
 * `function-id-unique`); a new version of its program may change the rest.
 */
export interface FunctionEntry extends CallFunction {
  timeoutUs: number
  queueMax: number
  queueWaitUs: number
  takesFiles: boolean
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
