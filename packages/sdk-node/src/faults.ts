import { type AnyFunction, rehandled } from './function.ts'

/** How often a fault strikes, from the next call on. */
export interface Times {
  /** The next call only. */
  once(): void
  /** The next `count` calls. */
  times(count: number): void
  /** Every call, until another fault of the same function replaces this one. */
  always(): void
}

/** What happens in place of a handler. `end` ends the worker's process. */
type Strike = (end: () => void) => unknown

/** Faults that a test injects into functions, by name. The newest of a function counts. */
export class Faults {
  readonly #faults = new Map<string, { left: number; readonly strike: Strike }>()

  /** Prepares a fault; it strikes as often as the answer is told. */
  add(name: string, strike: Strike): Times {
    const times = (left: number): void => void this.#faults.set(name, { left, strike })
    return { once: () => times(1), times, always: () => times(Number.POSITIVE_INFINITY) }
  }

  /** The same functions, each open to faults. `end` ends the process of the worker that serves them. */
  wrap(functions: readonly AnyFunction[], end: () => void): AnyFunction[] {
    return functions.map((fn) =>
      rehandled(fn, (input, context) => {
        const fault = this.#faults.get(fn.name)
        if (fault === undefined || fault.left <= 0) return fn.handler(input, context)
        fault.left -= 1
        return fault.strike(end)
      }),
    )
  }
}
