import { TurnList } from './turn-list.ts'

/** A channel that has something to write. */
export interface Flushable {
  flush(): void
}

/**
 * The channels written to in this turn, so that each is flushed once with all of the turn's messages.
 * Bounded by the number of channels: a channel is in it once.
 */
export class Flusher {
  #dirty = new TurnList<Flushable>()
  /** Undefined during a flush: a flush within it takes a list of its own. */
  #spare: TurnList<Flushable> | undefined = new TurnList()
  #asked = false
  readonly #soon: (flush: () => void) => void
  readonly #later = (): void => {
    this.#asked = false
    this.flush()
  }

  /** `soon` calls its argument once, after the handling of the present event. */
  constructor(soon: (flush: () => void) => void) {
    this.#soon = soon
  }

  /** `channel` has something to write. The channel sees to it that it is added once between two flushes. */
  add(channel: Flushable): void {
    this.#dirty.add(channel)
  }

  /** Flushes at the end of the present event, for whoever is not called from a channel's read. */
  ask(): void {
    if (this.#asked) return
    this.#asked = true
    this.#soon(this.#later)
  }

  /** Writes everything now. A flush may make others dirty (a broken pipe ends calls): goes on until none is. */
  flush(): void {
    while (this.#dirty.size > 0) {
      const dirty = this.#dirty
      this.#dirty = this.#spare ?? new TurnList()
      this.#spare = undefined
      for (let index = 0; index < dirty.size; index += 1) dirty.at(index).flush()
      dirty.clear()
      this.#spare = dirty
    }
  }
}
