/** The bodies of a worker's cold messages, or the rule that they break. Pure. */
import type { MessageView, Verdict } from '@millrace/protocol'
import {
  decodeBody,
  decodeFailure,
  decodePrefixed,
  type Failure,
  GoodbyeSchema,
  type Log,
  LogSchema,
  readPrefix,
  reasonName,
} from '@millrace/protocol/cold'
import type { GoodbyeWords } from './end-failure.ts'
import { prefixFault } from './handshake.ts'

/** The joined body of an ERROR whose last message is `view`. */
export function readError(view: MessageView, body: Uint8Array): Failure | Verdict {
  const why = decodeFailure(body, view.status)
  return why ?? { rule: 'error-body', message: `ERROR of call ${view.callId} holds no protobuf Failure` }
}

/** The joined body of a LOG whose last message is `view`. */
export function readLog(view: MessageView, body: Uint8Array): Log | Verdict {
  if ((view.callId & 1) === 1)
    return { rule: 'log-call-id', message: `LOG names call ${view.callId}, which the worker made` }
  return decodeBody(LogSchema, body) ?? { rule: 'log-body', message: 'LOG holds no protobuf Log' }
}

/** GOODBYE, which does not span. */
export function readGoodbye(view: MessageView): GoodbyeWords | Verdict {
  if (readPrefix(view.body) === undefined) return prefixFault(view.body, 'GOODBYE')
  const goodbye = decodePrefixed(GoodbyeSchema, view.body)
  if (goodbye === undefined) return { rule: 'cold-body', message: 'GOODBYE holds no protobuf Goodbye' }
  const rule = goodbye.rule === '' ? '' : ` (rule ${goodbye.rule})`
  return { reason: reasonName(goodbye.reason), message: goodbye.message + rule }
}
