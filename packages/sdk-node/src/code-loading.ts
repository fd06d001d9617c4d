/** LOAD and LOADED: how a prewarmed worker gets its code. Knows messages and their order; who loads is told from outside. */
import { COLD_MESSAGE_BYTES_MAX, FUNCTIONS_PER_WORKER_MAX, MessageType, type Verdict } from '@millrace/protocol'
import {
  type ColdInit,
  decodeBody,
  encodeBody,
  failure,
  type Loaded as LoadedBody,
  LoadedSchema,
  LoadSchema,
  Reason,
  spanMessages,
} from '@millrace/protocol/cold'
import { UsageError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import { checkFunctions, checkMaxCalls } from './handshake.ts'
import { LOAD_FAILURE_CHARS_MAX } from './limits.ts'

/** What LOAD asks for. */
export interface CodeRequest {
  /** Path of the file; a relative one counts from `cwd`. */
  readonly entry: string
  /** Serve only this export, or the function of this name. */
  readonly handler: string | undefined
  /** Serve it under this name. */
  readonly name: string | undefined
  /** Directory to change to before anything is loaded; undefined: stay. */
  readonly cwd: string | undefined
  /** Variables to set before anything is loaded. */
  readonly env: Readonly<Record<string, string>>
}

/** What the code serves. */
export interface Code {
  readonly functions: readonly AnyFunction[]
  /** Calls to run at once, 1 to 65,535; undefined: as HELLO said. */
  readonly maxCalls: number | undefined
}

/** Loads the code of one LOAD. Rejects with whatever the code throws; its message is what the engine is told. */
export type CodeLoader = (request: CodeRequest) => Promise<Code>

/** What the channel serves from the engine's LOADED on. */
export interface Loaded {
  readonly functions: ReadonlyMap<number, AnyFunction>
  /** Calls at once. */
  readonly callsMax: number
}

/** The one load of a worker: asked, answered, given its ids. */
export class CodeLoading {
  readonly #loader: CodeLoader
  readonly #offeredCalls: number
  #state: 'waiting' | 'loading' | 'answered' | 'done' = 'waiting'
  #code: Code | undefined

  /** `offeredCalls`: `max_calls` of HELLO. */
  constructor(loader: CodeLoader, offeredCalls: number) {
    this.#loader = loader
    this.#offeredCalls = offeredCalls
  }

  /** Whether the engine has given the ids; before, there is nobody to call for (rule `load-before-calls`). */
  get done(): boolean {
    return this.#state === 'done'
  }

  /** Calls at once that this worker has offered so far. */
  get offeredCalls(): number {
    return this.#code?.maxCalls ?? this.#offeredCalls
  }

  /**
   * The body of LOAD. `answer` gets LOADED, once, as whole messages. Rules `load-one-open`, `load-once`, `cold-body`,
   * `load-answered`, `load-again`.
   */
  load(body: Uint8Array, answer: (messages: Uint8Array) => void): Verdict | undefined {
    if (this.#state === 'loading') return { rule: 'load-one-open', message: 'LOAD came while another is open' }
    if (this.#state !== 'waiting') return { rule: 'load-once', message: 'LOAD came to a worker that has its code' }
    const load = decodeBody(LoadSchema, body)
    if (load === undefined) return { rule: 'cold-body', message: 'LOAD carries no Load' }
    this.#state = 'loading'
    const { entry, handler, function: name, cwd, env } = load
    const request = { entry, handler: handler || undefined, name: name || undefined, cwd: cwd || undefined, env }
    this.#run(request).then(answer)
    return undefined
  }

  async #run(request: CodeRequest): Promise<Uint8Array> {
    try {
      const code = await this.#loader(request)
      checkFunctions(code.functions, FUNCTIONS_PER_WORKER_MAX)
      if (code.maxCalls !== undefined) checkMaxCalls(code.maxCalls)
      const offers = code.functions.map((fn) => ({ name: fn.name, timeoutUs: fn.timeoutUs }))
      const messages = loadedMessages({ offers, maxCalls: code.maxCalls ?? 0 }, 0)
      this.#code = code
      this.#state = 'answered'
      return messages
    } catch (error) {
      this.#state = 'waiting'
      return refusal(error)
    }
  }

  /** The body of the engine's LOADED. Rules `load-ids`, `function-id-unique`, `loaded-max-calls`, `cold-body`. */
  loaded(body: Uint8Array): Loaded | Verdict {
    const code = this.#code
    if (code === undefined || this.#state !== 'answered') {
      return { rule: 'load-ids', message: 'LOADED came, but this worker has sent none that it could answer' }
    }
    const loaded = decodeBody(LoadedSchema, body)
    if (loaded === undefined) return { rule: 'cold-body', message: 'LOADED carries no Loaded' }
    const functions = new Map<number, AnyFunction>()
    for (const { name, id } of loaded.functions) {
      const fn = code.functions.find((one) => one.name === name)
      if (fn === undefined)
        return { rule: 'load-ids', message: `LOADED lists "${name}", which the code does not serve` }
      if (id === 0 || functions.has(id))
        return { rule: 'function-id-unique', message: `LOADED gives "${name}" the id ${id}` }
      functions.set(id, fn)
    }
    const callsMax = loaded.maxCalls
    if (callsMax === 0 || callsMax > this.offeredCalls) {
      const message = `LOADED sets max_calls to ${callsMax}; this worker offered ${this.offeredCalls}`
      return { rule: 'loaded-max-calls', message }
    }
    this.#state = 'done'
    return { functions, callsMax }
  }
}

function refusal(error: unknown): Uint8Array {
  const thrown = error instanceof Error
  const text = thrown ? error.message : String(error)
  const why = failure('load_failed', text.slice(0, LOAD_FAILURE_CHARS_MAX), { errorType: thrown ? error.name : '' })
  const { message, errorType, status } = why
  return loadedMessages({ failure: { reason: Reason.LOAD_FAILED, message, errorType } }, status)
}

/** @throws UsageError when the names are too long in all (rule `cold-span-bytes`). */
function loadedMessages(loaded: ColdInit<LoadedBody>, status: number): Uint8Array {
  const body = encodeBody(LoadedSchema, loaded)
  if (body.length > COLD_MESSAGE_BYTES_MAX) {
    throw new UsageError(
      `the names of the functions take ${body.length} bytes; LOADED may have ${COLD_MESSAGE_BYTES_MAX}`,
    )
  }
  return spanMessages(MessageType.LOADED, body, (writer) => {
    writer.status = status
  })
}
