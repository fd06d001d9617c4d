/** A list that is filled in one turn and emptied in the same or the next, and so again; it keeps its room. */
export class TurnList<T> {
  readonly #items: (T | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    this.#items[this.#size] = item
    this.#size += 1
  }

  /** `index`: from 0 to `size - 1`. */
  at(index: number): T {
    return this.#items[index]!
  }

  /** Forgets all. An array that is cut to nothing gives up its room, and takes a new one with the next item. */
  clear(): void {
    this.#items.fill(undefined, 0, this.#size)
    this.#size = 0
  }
}
