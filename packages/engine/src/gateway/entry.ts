import { type MessageView, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { FunctionEntry } from '../registry/function-registry.ts'
import type { MadeCalls } from '../worker/made-calls.ts'

/** What holds for every call, wherever it enters. */
export interface EntryRules {
  readonly depthMax: number
  readonly payloadBytesMax: number
}

/**
 * Lets an INVOKE for `fn` in, `depth` calls deep and below `parent`, with what it says of the call and its input; or refuses it to
 * `made`, and returns undefined.
 */
export function admit(
  calls: CallTable,
  { depthMax, payloadBytesMax }: EntryRules,
  made: MadeCalls,
  view: MessageView,
  fn: FunctionEntry,
  depth: number,
  parent: Call | undefined,
): Call | undefined {
  const callId = view.callId
  if (depth > depthMax) {
    const text = `${fn.name} would be ${depth} calls deep, above ${depthMax}: bound the recursion`
    made.refuse(callId, failure('depth_exceeded', text, { function: fn.name }))
    return undefined
  }
  const length = view.payloadLength
  if (length > payloadBytesMax && length !== PAYLOAD_LENGTH_UNKNOWN) {
    const text = `the payload has ${length} bytes, above ${payloadBytesMax}`
    made.refuse(callId, failure('payload_too_large', text, { function: fn.name }))
    return undefined
  }
  const call = calls.enter(fn, made, callId, parent)
  if (call === undefined) {
    made.refuse(callId, failure('queue_full', 'the engine has as many calls as it takes', { retryable: true }))
    return undefined
  }
  call.priority = view.priority
  call.content = view.content
  call.inputOpen = view.more
  call.inputBytes = view.bodyLength
  call.inputAnnounced = length
  return call
}
