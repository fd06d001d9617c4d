/** What can be wrong with the messages of calls, in words. Pure. */
import type { ReasonName, Verdict } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'

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
