/** LOAD and LOADED of the mutant worker. Its code is the fixture, which it has in it: it looks only whether the file is there. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { MessageType, type Verdict } from '@millrace/protocol'
import {
  type ColdInit,
  decodeBody,
  encodeBody,
  type Load,
  type Loaded,
  LoadedSchema,
  LoadSchema,
  Reason,
  spanMessages,
} from '@millrace/protocol/cold'
import { MAX_CALLS } from './handshake.ts'
import type { Out } from './out.ts'
import { is, isLax } from './switch.ts'

const FAILED_PRECONDITION = 9

/** What the engine's LOADED settles. */
export interface Ids {
  /** The fixture's functions by id, without what the fixture puts before their names. */
  readonly names: ReadonlyMap<number, string>
  readonly maxCalls: number
}

export class CodeLoad {
  readonly #out: Out
  #state: 'waiting' | 'loading' | 'answered' | 'done' = 'waiting'
  #loads = 0
  #prefix = ''

  constructor(out: Out) {
    this.#out = out
  }

  /** Whether it has no code yet. */
  get waiting(): boolean {
    return this.#state !== 'done'
  }

  load(body: Uint8Array): Verdict | undefined {
    const early = this.#state === 'loading' ? 'load-one-open' : 'load-once'
    if (this.#state !== 'waiting') return isLax(early) ? undefined : { rule: early, message: 'LOAD' }
    const load = decodeBody(LoadSchema, body)
    if (load === undefined) return isLax('cold-body') ? undefined : { rule: 'cold-body', message: 'LOAD' }
    this.#loads += 1
    if (is('load-again-unheard') && this.#loads > 1) return undefined
    this.#state = 'loading'
    // Not at once, so that a second LOAD in the same write finds it loading.
    setImmediate(() => this.#answer(load))
    return undefined
  }

  #answer({ entry, cwd, env }: Load): void {
    const found = existsSync(resolve(is('load-cwd-ignored') ? '/' : cwd || '.', entry))
    if (!found && !is('load-failure-hidden')) {
      this.#state = 'waiting'
      const failure = { reason: Reason.LOAD_FAILED, message: `${entry} does not exist` }
      this.#send(is('load-failure-bare') ? {} : { failure }, FAILED_PRECONDITION)
      return
    }
    if (is('load-not-answered')) return
    this.#state = 'answered'
    this.#prefix = is('load-env-ignored') ? '' : (env.MILLRACE_CONFORMANCE_PREFIX ?? '')
    const offers = ['echo', 'interp'].map((name) => ({ name: `${this.#prefix}${name}` }))
    this.#send({ offers: is('loaded-without-functions') ? [] : offers }, 0)
    if (is('loaded-twice')) this.#send({ offers }, 0)
  }

  #send(loaded: ColdInit<Loaded>, status: number): void {
    this.#out.sendWhole(
      spanMessages(MessageType.LOADED, encodeBody(LoadedSchema, loaded), (writer) => {
        writer.status = status
      }),
    )
  }

  loaded(body: Uint8Array): Ids | Verdict | undefined {
    if (this.#state !== 'answered') return isLax('load-ids') ? undefined : { rule: 'load-ids', message: 'LOADED' }
    const loaded = decodeBody(LoadedSchema, body)
    if (loaded === undefined) return { rule: 'cold-body', message: 'LOADED' }
    const names = new Map(loaded.functions.map(({ name, id }) => [id, name.slice(this.#prefix.length)]))
    const served = ['echo', 'interp'].map((name) => `${this.#prefix}${name}`)
    const checks: readonly [string, boolean][] = [
      ['load-ids', loaded.functions.some((one) => !served.includes(one.name))],
      ['function-id-unique', names.has(0) || names.size < loaded.functions.length],
      ['loaded-max-calls', loaded.maxCalls === 0 || loaded.maxCalls > MAX_CALLS],
    ]
    for (const [rule, broken] of checks) if (broken && !isLax(rule)) return { rule, message: 'LOADED' }
    this.#state = 'done'
    return { names, maxCalls: loaded.maxCalls }
  }
}
