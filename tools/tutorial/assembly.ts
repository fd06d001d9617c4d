/** A program that grows by named parts. Pure. */

/** This part stays last, wherever it was introduced. */
const LAST_PART = 'main'

/**
 * Parts keep the place where they were first given; giving one again replaces it there. `main` stays last.
 * A change by `edit` lasts until the next one, the next part, or `restore`.
 */
export class Assembly {
  readonly #parts = new Map<string, string>()
  #text = ''
  #edited: string | undefined

  /** Adds or replaces a part. `text` ends with a line feed. */
  give(part: string, text: string): void {
    this.#parts.set(part, text)
    const names = [...this.#parts.keys()].filter((name) => name !== LAST_PART)
    if (this.#parts.has(LAST_PART)) names.push(LAST_PART)
    this.#text = names.map((name) => this.#parts.get(name)!).join('\n')
    this.restore()
  }

  /** Replaces lines for a moment. `diff`: lines that begin with `-`, then lines that begin with `+`. */
  edit(diff: string): void {
    const take = (sign: string) =>
      diff
        .split('\n')
        .filter((line) => line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('')
    const before = take('-')
    if (before === '') throw new Error('the diff takes no line away')
    const times = this.#text.split(before).length - 1
    if (times !== 1) throw new Error(`the lines that the diff takes away are ${times} times in the worker:\n${before}`)
    this.#edited = this.#text.replace(before, () => take('+'))
  }

  /** Takes back what `edit` changed. */
  restore(): void {
    this.#edited = undefined
  }

  /** The whole program now. */
  get text(): string {
    return this.#edited ?? this.#text
  }
}
