import { MessageType, type MessageView, Status, type Verdict } from '@millrace/protocol'
import type { Channel } from './channel.ts'
import { MillraceError } from './errors.ts'
import { NAMES_CACHED_MAX, NAMES_WAITING_MAX } from './limits.ts'

/** Waits for the id of a name. */
export interface NameWaiter {
  onName(id: number): void
  onNoName(error: MillraceError): void
}

/** Names of functions and their ids: those that WELCOME told, and those asked for by RESOLVE, once for all who wait. */
export class Names {
  readonly #channel: Channel
  readonly #openMax: number
  readonly #ids = new Map<string, number>()
  /** Who waits, by name; a name is here as long as its RESOLVE is open or waits for a place. */
  readonly #waiters = new Map<string, NameWaiter[]>()
  /** Names whose RESOLVE waits for a place (rule `limit-open-resolves`). */
  #unasked: string[] = []
  #openCount = 0

  /** `openMax`: RESOLVEs that may be open at once, from WELCOME. */
  constructor(channel: Channel, openMax: number) {
    this.#channel = channel
    this.#openMax = openMax
  }

  /** The id of a name, if it is known. */
  lookup(name: string): number | undefined {
    return this.#ids.get(name)
  }

  /** Remembers an id; forgets the oldest beyond `NAMES_CACHED_MAX`. */
  remember(name: string, id: number): void {
    this.#ids.set(name, id)
    if (this.#ids.size > NAMES_CACHED_MAX) this.#ids.delete(this.#ids.keys().next().value!)
  }

  /** The engine does not know this id any more. */
  forget(name: string, id: number): void {
    if (this.#ids.get(name) === id) this.#ids.delete(name)
  }

  /** Asks the engine. The waiter is told later, in every case. */
  ask(name: string, waiter: NameWaiter): void {
    const waiters = this.#waiters.get(name)
    if (waiters !== undefined) {
      waiters.push(waiter)
      return
    }
    if (this.#waiters.size >= NAMES_WAITING_MAX) {
      waiter.onNoName(new MillraceError('queue_full', `${NAMES_WAITING_MAX} names wait to be resolved already`))
      return
    }
    this.#waiters.set(name, [waiter])
    if (this.#openCount < this.#openMax) this.#resolve(name)
    else this.#unasked.push(name)
  }

  /** RESOLVED. */
  resolved(view: MessageView): Verdict | undefined {
    const name = this.#channel.text(view)
    const waiters = this.#waiters.get(name)
    if (waiters === undefined || this.#unasked.includes(name)) {
      return { rule: 'resolved-open', message: `RESOLVED names ${JSON.stringify(name)}, for which no RESOLVE is open` }
    }
    const { status, functionId } = view
    if (status === Status.OK && functionId === 0)
      return { rule: 'resolved-id', message: `RESOLVED gives ${name} the id 0` }
    this.#waiters.delete(name)
    this.#openCount -= 1
    if (status === Status.OK) {
      this.remember(name, functionId)
      for (const waiter of waiters) waiter.onName(functionId)
    } else {
      const error =
        status === Status.NOT_FOUND
          ? new MillraceError('not_found', `there is no function named "${name}"`, { function: name })
          : new MillraceError('worker_unavailable', `"${name}" can't be called now (status ${status})`, {
              function: name,
              status,
            })
      for (const waiter of waiters) waiter.onNoName(error)
    }
    const next = this.#openCount < this.#openMax ? this.#unasked.shift() : undefined
    if (next !== undefined) this.#resolve(next)
    return undefined
  }

  /** The channel is gone: everyone who waits is told. */
  failAll(error: MillraceError): void {
    const waiters = [...this.#waiters.values()].flat()
    this.#waiters.clear()
    this.#unasked = []
    for (const waiter of waiters) waiter.onNoName(error)
  }

  #resolve(name: string): void {
    this.#openCount += 1
    const writer = this.#channel.begin(MessageType.RESOLVE)
    this.#channel.end(this.#channel.writeText(writer, name))
  }
}
