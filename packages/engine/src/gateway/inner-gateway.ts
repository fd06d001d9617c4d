import type { MessageView } from '@millrace/protocol'
import { failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { InnerDoor } from '../worker/exchange-parts.ts'
import type { MadeCalls } from '../worker/made-calls.ts'

/** What holds for every call, wherever it enters. */
export interface EntryRules {
  readonly depthMax: number
  readonly payloadBytesMax: number
}

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
    const { depthMax, payloadBytesMax } = this.#rules
    if (parent !== undefined && parent.depth >= depthMax) {
      const text = `${fn.name} would be ${parent.depth + 1} calls deep, above ${depthMax}: bound the recursion`
      made.refuse(callId, failure('depth_exceeded', text, { function: fn.name }))
      return
    }
    const length = view.payloadLength
    if (length > payloadBytesMax && length !== 0xffff_ffff) {
      const text = `the payload has ${length} bytes, above ${payloadBytesMax}`
      made.refuse(callId, failure('payload_too_large', text, { function: fn.name }))
      return
    }
    const call = this.#calls.enter(fn, made, callId, parent)
    if (call === undefined) {
      made.refuse(callId, failure('queue_full', 'the engine has as many calls as it takes', { retryable: true }))
      return
    }
    call.internal = true
    call.priority = view.priority
    call.content = view.content
    call.inputOpen = view.more
    call.inputBytes = view.bodyLength
    call.inputAnnounced = length
    this.#calls.trace(call, parent)
    this.#calls.limit(call, view.timeoutUs)
    call.keep(view)
    made.made(callId, call)
    fn.dispatcher.submit(call)
  }
}
