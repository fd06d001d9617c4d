import { type MessageView, OFFSET } from '@millrace/protocol'
import { failure } from '@millrace/protocol/cold'
import type { CallTable } from '../call/call-table.ts'
import { admit, type EntryRules } from '../gateway/entry.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { InnerDoor } from '../worker/exchange-parts.ts'
import type { MadeCalls } from '../worker/made-calls.ts'

/** Where an INVOKE has its trace id, and its span after it. */
const TRACE_AT = OFFSET.trace_id

/**
 * Where the calls of another engine enter: INVOKE over a link → Call. It is one call on both engines, so it keeps its trace,
 * its span, its depth and what is left of its time; the call above it is open there. It enters while this engine drains, too:
 * a call that is open elsewhere may need it to end.
 */
export class CrossingDoor implements InnerDoor {
  readonly #calls: CallTable
  readonly #registry: FunctionRegistry
  readonly #rules: EntryRules
  /** Names of this engine's functions by the ids that the other engine gave them in WELCOME. */
  readonly #names = new Map<number, string>()

  constructor(calls: CallTable, registry: FunctionRegistry, rules: EntryRules) {
    this.#calls = calls
    this.#registry = registry
    this.#rules = rules
  }

  /** WELCOME came. */
  welcomed(functions: readonly { readonly name: string; readonly id: number }[]): void {
    for (const { name, id } of functions) this.#names.set(id, name)
  }

  invoke(made: MadeCalls, view: MessageView): void {
    const callId = view.callId
    const name = this.#names.get(view.functionId)
    const fn = name === undefined ? undefined : this.#registry.byName(name)
    if (fn === undefined) {
      made.refuse(callId, failure('not_found', `${name ?? `function ${view.functionId}`} is not served here`))
      return
    }
    const call = admit(this.#calls, this.#rules, made, view, fn, view.depth, undefined)
    if (call === undefined) return
    call.depth = view.depth
    call.internal = view.depth > 0 // Somebody waits for it and holds a place: it goes before calls from outside.
    const { data, at } = view
    const words = call.traceWords
    for (let i = 0; i < words.length; i += 1) words[i] = data.getInt32(at + TRACE_AT + 4 * i, true)
    call.traceFlags = view.traceFlags
    this.#calls.limit(call, view.timeoutUs)
    call.keep(view)
    made.made(callId, call)
    fn.dispatcher.submit(call)
  }
}
