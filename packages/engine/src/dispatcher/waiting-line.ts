import type { Call } from '../call/call.ts'

/** Calls that wait for a worker, oldest first. Links lie in the calls, so that leaving from the middle costs nothing. */
export class WaitingLine {
  #first: Call | undefined
  #last: Call | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The oldest, or undefined. */
  get first(): Call | undefined {
    return this.#first
  }

  push(call: Call): void {
    call.line = this
    call.previousInLine = this.#last
    call.nextInLine = undefined
    if (this.#last === undefined) this.#first = call
    else this.#last.nextInLine = call
    this.#last = call
    this.#size += 1
  }

  /** Takes a call out, wherever it stands. It must be in this line. */
  remove(call: Call): void {
    if (call.previousInLine === undefined) this.#first = call.nextInLine
    else call.previousInLine.nextInLine = call.nextInLine
    if (call.nextInLine === undefined) this.#last = call.previousInLine
    else call.nextInLine.previousInLine = call.previousInLine
    call.nextInLine = undefined
    call.previousInLine = undefined
    call.line = undefined
    this.#size -= 1
  }
}
