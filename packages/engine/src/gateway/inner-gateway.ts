import type { MessageView } from '@millrace/protocol'
import { failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { InnerDoor } from '../worker/exchange-parts.ts'
import type { MadeCalls } from '../worker/made-calls.ts'
import { admit, type EntryRules } from './entry.ts'

/** The side door: INVOKE of a worker → Call. From here on it is the same as an external call. */
export class InnerGateway implements InnerDoor {
  readonly #calls: CallTable
  readonly #registry: FunctionRegistry
  readonly #rules: EntryRules

  constructor(calls: CallTable, registry: FunctionRegistry, rules: EntryRules) {
    this.#calls = calls
    this.#registry = registry
    this.#rules = rules
  }

  invoke(made: MadeCalls, view: MessageView, parent: Call | undefined): void {
    const callId = view.callId
    const fn = this.#registry.byId(view.functionId)
    if (fn === undefined) {
      made.refuse(callId, failure('not_found', `no function has the id ${view.functionId}; resolve its name again`))
      return
    }
    const depth = parent === undefined ? 0 : parent.depth + 1
    const call = admit(this.#calls, this.#rules, made, view, fn, depth, parent)
    if (call === undefined) return
    call.internal = true
    this.#calls.trace(call, parent)
    this.#calls.limit(call, view.timeoutUs)
    call.keep(view)
    made.made(callId, call)
    fn.dispatcher.submit(call)
  }
}
