import type { HttpExchange } from './http-exchange.ts'

/** What the gateway knows of one client socket: the exchanges that must end with it. */
export class HttpSocket {
  /** Exchanges whose answer is not complete, oldest first. More than one when the client pipelines. */
  readonly #open: HttpExchange[] = []
  /** The latest exchange that announced an input. A socket brings one input at a time. */
  #reading: HttpExchange | undefined
  /** Bytes of that input at the last round of `cutIdleInput`. */
  #readBytes = 0

  /** How many exchanges are open. */
  get openCount(): number {
    return this.#open.length
  }

  /** Some of an input is still to come, whether somebody wants it or not. */
  get inputPending(): boolean {
    return this.#reading?.pendingInputBytesRead !== undefined
  }

  opened(exchange: HttpExchange): void {
    this.#open.push(exchange)
  }

  answered(exchange: HttpExchange): void {
    const index = this.#open.indexOf(exchange)
    if (index >= 0) this.#open.splice(index, 1)
  }

  /** `exchange` begins to read its input, or to drop it. */
  reads(exchange: HttpExchange): void {
    this.#reading = exchange
    this.#readBytes = -1
  }

  /** The client is gone: cancels every open call. */
  gone(): void {
    this.#reading = undefined
    for (const exchange of this.#open.splice(0)) exchange.clientGone()
  }

  /** Ends the exchange whose client sent nothing of its input since the last round. Called in rounds. */
  cutIdleInput(): void {
    const reading = this.#reading
    if (reading === undefined) return
    const bytes = reading.pendingInputBytesRead
    if (bytes === undefined) {
      this.#reading = undefined
    } else if (bytes !== this.#readBytes || reading.heldBack) {
      this.#readBytes = bytes
    } else {
      this.#reading = undefined
      reading.inputIdle()
    }
  }
}
