/** What a case in the tables under `cases/` says, and the short forms that the tables use. */
import type { MessageCase } from './message.ts'

/** What the body of a cold message means, as protobuf JSON with the field names of the .proto files. */
export interface Proto {
  readonly message: string
  readonly value: Readonly<Record<string, unknown>>
}

export interface Case {
  /** Unique, permanent. */
  readonly id: string
  /** Rules that the vector shows. */
  readonly rules: readonly string[]
  readonly comment: string
  readonly message: MessageCase
  /** What must be known to judge it: the message alone, or its body read as what the type says. */
  readonly stage: 'message' | 'body'
  readonly result: 'accept' | 'ignore' | 'reject'
  /** The rule that a reject breaks. */
  readonly rule?: string
  /** For a reject: the accept that it differs from in one field. */
  readonly pair?: string
  readonly prefix?: { readonly version_min: number; readonly version_max: number }
  readonly proto?: Proto
}

/** One message of a stream; `body` of the last one of a cold message shows what all parts mean together. */
export interface StreamMessage extends MessageCase {
  readonly proto?: Proto
}

export interface StreamCase {
  readonly id: string
  readonly rules: readonly string[]
  readonly comment: string
  readonly messages: readonly StreamMessage[]
  readonly result: 'accept' | 'reject'
  readonly rule?: string
  /** For a reject: index of the message at which the rule is broken; the number of messages for the stream's end. */
  readonly at?: number
  /** Bytes of the last message that never arrive. */
  readonly missing?: number
  /** For a reject: the accepted stream that differs from it in one message. */
  readonly pair?: string
}

type Extra = Partial<Pick<Case, 'stage' | 'prefix' | 'proto'>>

export function accept(
  id: string,
  rules: readonly string[],
  comment: string,
  message: MessageCase,
  extra: Extra = {},
): Case {
  return { id, rules, comment, message, stage: 'message', result: 'accept', ...extra }
}

export function ignore(id: string, comment: string, message: MessageCase): Case {
  return { id, rules: ['message-type-ignorable'], comment, message, stage: 'message', result: 'ignore' }
}

/** A reject made from its accept by one change, so that nothing else can be the cause. */
export function reject(
  from: Case,
  id: string,
  rule: string,
  comment: string,
  change: Partial<MessageCase>,
  stage: Case['stage'] = 'message',
): Case {
  const message: MessageCase = {
    ...from.message,
    ...change,
    fields: { ...from.message.fields, ...change.fields },
    bytes: { ...from.message.bytes, ...change.bytes },
  }
  return { id, rules: [rule], comment, message, stage, result: 'reject', rule, pair: from.id }
}
