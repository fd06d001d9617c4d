/** What can be wrong with the messages of calls, in words. Pure. */
import { FLAGS_ALLOWED, type MessageView, type ReasonName, type Verdict } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'

export const left = failure('draining', 'the worker left before it started the call', { retryable: true })
export const parentOver = failure('cancelled', 'the call that makes this one is over')

/** Reasons that tell of the engine; a worker cannot know them. */
const ENGINE_REASONS: ReadonlySet<ReasonName> = new Set([
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'worker_unavailable',
  'protocol_error',
  'unauthenticated',
  'version_unsupported',
])

/** What a caller gets of a worker's failure: with a reason that is not the worker's to give it is `handler_error`. */
export function blameless(why: Failure): Failure {
  return ENGINE_REASONS.has(why.reason) ? { ...why, reason: 'handler_error' } : why
}

/** A message needs a feature that WELCOME did not accept. */
export function featureFault(what: string, name: string): Verdict {
  return { rule: 'feature-accepted', message: `${what} needs ${name}, which WELCOME did not accept` }
}

/** A payload has other bytes than its first message announced. */
export function exactFault(id: number, bytes: number, announced: number): Verdict {
  const message = `call ${id} has ${bytes} payload bytes, but ${announced} were announced`
  return { rule: 'payload-length-exact', message }
}

/** A payload passed the engine's limit of `max` bytes. */
export function tooLarge(call: Call, what: 'input' | 'output', max: number): Failure {
  return failure('payload_too_large', `the ${what} of ${call.fn.name} is over ${max} bytes, the engine's payload limit`)
}

/** A payload message has a flag of a feature that was not accepted. */
export function flagRefused(view: MessageView): Verdict {
  const flags = view.flags & FLAGS_ALLOWED[view.type]!
  return {
    rule: 'feature-accepted',
    message: `flags 0x${flags.toString(16)} need a feature that WELCOME did not accept`,
  }
}

/** An output is more than its caller takes. */
export function overCaller({ fn, caller }: Call): Failure {
  const text = `the output of ${fn.name} is over ${caller.outputMax} bytes, and its caller did not offer streaming`
  return failure('payload_too_large', text)
}
