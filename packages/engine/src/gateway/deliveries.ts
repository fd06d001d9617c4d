/** Outputs in files that are still being read by their listeners: their calls have ended, and an engine that stops waits for them. */
export class Deliveries {
  #open = 0
  /** Called when the last one has ended; set while the engine drains. */
  onEmpty: (() => void) | undefined

  get open(): number {
    return this.#open
  }

  begin(): void {
    this.#open += 1
  }

  end(): void {
    this.#open -= 1
    if (this.#open === 0) this.onEmpty?.()
  }
}
