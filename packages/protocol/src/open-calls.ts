/** Slots of a fresh table; it doubles when half of them are taken. */
const SLOTS_INITIAL = 16

/**
 * Open calls by their call id. A `Map` does the same, but one with fast insertion and deletion leaves its old tables to
 * the garbage collector, each still holding calls that ended; this keeps nothing and allocates only when it grows.
 *
 * Open addressing with linear probing; deletion moves the followers back, so that there are no markers to clean up. Ids
 * that rise by two fill the slots one after the other. A peer that chooses its ids to collide makes a look-up cost as much
 * as there are open calls, which has a bound.
 */
export class OpenCalls<T extends object> {
  /** Ids; 0, which is never one, marks a free slot. */
  #ids = new Uint32Array(SLOTS_INITIAL)
  #values: (T | undefined)[] = new Array(SLOTS_INITIAL).fill(undefined)
  #mask = SLOTS_INITIAL - 1
  #size = 0

  /** How many are open. */
  get size(): number {
    return this.#size
  }

  /** The call with this id; undefined when none is open under it. */
  get(id: number): T | undefined {
    const ids = this.#ids
    const mask = this.#mask
    let at = (id >>> 1) & mask
    while (true) {
      const found = ids[at]!
      if (found === id) return this.#values[at]
      if (found === 0) return undefined
      at = (at + 1) & mask
    }
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** Adds a call, or replaces the one with this id. `id` is never 0. */
  set(id: number, value: T): void {
    if (this.#size * 2 >= this.#ids.length) this.#grow()
    const ids = this.#ids
    const mask = this.#mask
    let at = (id >>> 1) & mask
    while (ids[at] !== 0 && ids[at] !== id) at = (at + 1) & mask
    if (ids[at] === 0) this.#size += 1
    ids[at] = id
    this.#values[at] = value
  }

  /** Takes a call out. False when none is open under this id. */
  delete(id: number): boolean {
    const ids = this.#ids
    const values = this.#values
    const mask = this.#mask
    let at = (id >>> 1) & mask
    while (ids[at] !== id) {
      if (ids[at] === 0) return false
      at = (at + 1) & mask
    }
    this.#size -= 1
    // Whoever stands behind the gap and would be found through it moves into it.
    let next = (at + 1) & mask
    while (ids[next] !== 0) {
      const home = (ids[next]! >>> 1) & mask
      if (((next - home) & mask) >= ((next - at) & mask)) {
        ids[at] = ids[next]!
        values[at] = values[next]
        at = next
      }
      next = (next + 1) & mask
    }
    ids[at] = 0
    values[at] = undefined
    return true
  }

  /** Every open call, in no particular order: a copy, so that calls may end while it is gone through. */
  values(): T[] {
    const all: T[] = []
    for (const value of this.#values) if (value !== undefined) all.push(value)
    return all
  }

  /** Takes every call out. */
  clear(): void {
    this.#ids.fill(0)
    this.#values.fill(undefined)
    this.#size = 0
  }

  #grow(): void {
    const ids = this.#ids
    const values = this.#values
    this.#ids = new Uint32Array(ids.length * 2)
    this.#values = new Array(ids.length * 2).fill(undefined)
    this.#mask = ids.length * 2 - 1
    this.#size = 0
    for (let at = 0; at < ids.length; at += 1) if (ids[at] !== 0) this.set(ids[at]!, values[at]!)
  }
}
