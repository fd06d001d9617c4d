import {
  BODY_BYTES,
  CREDIT_MAX,
  FLAGS_ALLOWED,
  Flag,
  HEADER_BYTES,
  MessageType,
  NAME_BYTES_MAX,
  PAYLOAD_LENGTH_UNKNOWN,
  RESERVED_WORDS,
  TYPES,
  VERSION_PREFIX_BYTES,
} from './generated/layout.ts'
import type { MessageView } from './message-view.ts'

/** Who sent a message. */
export type Sender = 'engine' | 'worker'

/** Why a message breaks the protocol. */
export interface Verdict {
  /** Id of the rule it breaks; `spec/requirements.json` has its text. */
  readonly rule: string
  /** For people: what is wrong, with the value found. */
  readonly message: string
}

/** What a message that breaks no rule gets; `unknown` ones are of an ignorable type and are to be dropped. */
export const ACCEPT = 'accept'
export const IGNORE = 'ignore'

/**
 * Judges one message by what it says alone, without the channel's state: type, direction, flags, lengths,
 * reserved bytes, ranges, the form of names, and what sender and parity of the call id tell.
 *
 * Returns `accept`, `ignore` (an unknown type from 0x80 on, rule `message-type-ignorable`) or the rule broken.
 * Never throws, whatever the bytes; allocates only for a broken rule.
 */
export function judge(view: MessageView, sender: Sender): typeof ACCEPT | typeof IGNORE | Verdict {
  const type = view.type
  const reserved = RESERVED_WORDS[type]
  if (reserved === undefined) {
    if (type >= 0x80) return IGNORE
    return broken('message-type-known', `type 0x${type.toString(16).padStart(2, '0')} is not a type of this version`)
  }
  const bodyLength = view.bodyLength
  if (bodyLength > BODY_BYTES) return broken('message-body-length', `body_length is ${bodyLength}, above ${BODY_BYTES}`)
  const flags = view.flags
  if ((flags & ~FLAGS_ALLOWED[type]!) !== 0) {
    return broken('message-flags-known', `flags 0x${flags.toString(16)} has a bit that ${name(type)} does not allow`)
  }
  const { data, at } = view
  for (let i = 0; i < reserved.length; i += 2) {
    if ((data.getInt32(at + reserved[i]!, true) & reserved[i + 1]!) !== 0) {
      return broken(
        'message-reserved-zero',
        `${name(type)} has a reserved bit set in bytes ${reserved[i]} to ${reserved[i]! + 3}`,
      )
    }
  }
  switch (type) {
    case MessageType.INVOKE:
      return judgeInvoke(view, sender, flags, bodyLength)
    case MessageType.RESULT:
    case MessageType.ERROR:
    case MessageType.CANCEL:
    case MessageType.DATA:
    case MessageType.WINDOW:
      return judgeOpenCall(view, type, sender, flags, bodyLength)
    default:
      return judgeCold(view, type, sender, bodyLength)
  }
}

function judgeInvoke(view: MessageView, sender: Sender, flags: number, bodyLength: number): typeof ACCEPT | Verdict {
  const callId = view.callId
  if (callId === 0 || (callId & 1) !== parity(sender)) {
    return broken('invoke-call-id-parity', `call_id ${callId} is not of the ${sender}'s parity`)
  }
  if (view.functionId === 0) return broken('invoke-function-id', 'function_id is 0')
  if ((flags & Flag.PAYLOAD_FILE) !== 0) {
    const fault = judgeFile(view, flags, bodyLength)
    if (fault !== ACCEPT) return fault
  } else {
    const payloadLength = view.payloadLength
    if ((flags & Flag.MORE) === 0) {
      if (payloadLength !== bodyLength) {
        return broken(
          'invoke-payload-length',
          `payload_length ${payloadLength} is not body_length ${bodyLength}, and nothing follows`,
        )
      }
    } else if (payloadLength < bodyLength) {
      return broken('invoke-payload-length', `payload_length ${payloadLength} is below body_length ${bodyLength}`)
    }
  }
  if (view.priority > 7) return broken('invoke-priority-range', `priority is ${view.priority}, above 7`)
  if (view.attempt === 0) return broken('invoke-attempt-positive', 'attempt is 0')
  const parent = view.parentCallId
  if (parent !== 0) {
    if (sender === 'engine') return broken('call-parent-zero', `the engine's INVOKE has parent_call_id ${parent}`)
    if ((parent & 1) !== 0) return broken('call-parent-open', `parent_call_id ${parent} is no call of the engine`)
  }
  return ACCEPT
}

/** RESULT, ERROR, CANCEL, DATA and WINDOW. Sender and parity of the id tell caller from callee. */
function judgeOpenCall(
  view: MessageView,
  type: number,
  sender: Sender,
  flags: number,
  bodyLength: number,
): typeof ACCEPT | Verdict {
  const callId = view.callId
  if (callId === 0) return broken('message-call-id', `${name(type)} has call_id 0`)
  const ofCaller = (callId & 1) === parity(sender)
  switch (type) {
    case MessageType.RESULT:
      if (view.status !== 0) return broken('result-status-zero', `RESULT has status ${view.status}`)
      if (ofCaller)
        return broken('call-callee-answers', `RESULT comes from the ${sender}, which started call ${callId}`)
      if ((flags & Flag.PAYLOAD_FILE) !== 0) return judgeFile(view, flags, bodyLength)
      if (view.payloadLength < bodyLength) {
        const rule = (flags & Flag.MORE) === 0 ? 'result-total' : 'payload-length-exact'
        return broken(rule, `payload_length ${view.payloadLength} is below body_length ${bodyLength}`)
      }
      return ACCEPT
    case MessageType.ERROR:
      if (view.status === 0 || view.status > 16) return broken('error-status-range', `ERROR has status ${view.status}`)
      if (ofCaller) return broken('call-callee-answers', `ERROR comes from the ${sender}, which started call ${callId}`)
      return ACCEPT
    case MessageType.CANCEL:
      if (bodyLength !== 0) return broken('message-body-none', 'CANCEL has a body')
      if (!ofCaller)
        return broken('call-caller-cancels', `CANCEL comes from the ${sender}, which did not start call ${callId}`)
      return ACCEPT
    case MessageType.DATA:
      if ((flags & Flag.MORE) !== 0) {
        return bodyLength === 0 ? broken('data-not-empty', 'DATA with MORE has no bytes') : ACCEPT
      }
      return ofCaller ? ACCEPT : broken('data-output-more', 'DATA of an output has no MORE')
    default:
      if (bodyLength !== 0) return broken('message-body-none', 'WINDOW has a body')
      if (view.credit === 0) return broken('window-credit-positive', 'WINDOW grants 0')
      if (view.credit > CREDIT_MAX) return broken('credit-max', `WINDOW grants ${view.credit}, above ${CREDIT_MAX}`)
      return ACCEPT
  }
}

/** An INVOKE or RESULT with PAYLOAD_FILE: its body is the file's name. */
function judgeFile(view: MessageView, flags: number, bodyLength: number): typeof ACCEPT | Verdict {
  if ((flags & Flag.MORE) !== 0) return broken('file-alone', 'MORE and PAYLOAD_FILE are both set')
  return isName(view, bodyLength)
    ? ACCEPT
    : broken('file-name-plain', `the body, of ${bodyLength} bytes, names no payload file`)
}

function judgeCold(view: MessageView, type: number, sender: Sender, bodyLength: number): typeof ACCEPT | Verdict {
  const info = TYPES[type]!
  if (info.direction !== 'both' && info.direction !== sender) {
    return broken('message-direction', `the ${sender} may not send ${info.name}`)
  }
  if (info.call === 'none' && view.callId !== 0) {
    return broken('message-call-id', `${info.name} is not about a call, but call_id is ${view.callId}`)
  }
  if (info.body === 'none' && bodyLength !== 0) return broken('message-body-none', `${info.name} has a body`)
  if (info.body === 'name' && !isName(view, bodyLength)) {
    return broken('name-form', `${info.name} carries ${bodyLength} bytes that are no function name`)
  }
  if (info.uses.includes('status') && view.status > 16)
    return broken('message-status-range', `status is ${view.status}`)
  if (type === MessageType.RESOLVED && (view.status === 0) !== (view.functionId !== 0)) {
    const rule = view.status === 0 ? 'resolved-id' : 'resolved-not-found'
    return broken(rule, `RESOLVED has status ${view.status} and function_id ${view.functionId}`)
  }
  if (type === MessageType.LOG && (view.callId & 1) !== 0) {
    return broken('log-call-id', `LOG has call_id ${view.callId}, which is no call of the engine`)
  }
  // A prefix may be cut off from its first message only by a sender that does not know this layout.
  if (type === MessageType.GOODBYE && bodyLength < VERSION_PREFIX_BYTES) {
    return broken('handshake-prefix', `GOODBYE has ${bodyLength} body bytes, less than the version prefix`)
  }
  return ACCEPT
}

/** Length of the output or input that a head message announces, or undefined when not known yet. */
export function announcedBytes(payloadLength: number): number | undefined {
  return payloadLength === PAYLOAD_LENGTH_UNKNOWN ? undefined : payloadLength
}

/** The header of a message in hexadecimal, for a failure's text. */
export function headerHex(view: MessageView): string {
  return Buffer.from(view.bytes.subarray(view.at, view.at + HEADER_BYTES)).toString('hex')
}

/** Whether the first `length` body bytes are of the form of a function's name: rule `name-form`. */
function isName(view: MessageView, length: number): boolean {
  if (length === 0 || length > NAME_BYTES_MAX) return false
  const begin = view.at + HEADER_BYTES
  for (let at = begin; at < begin + length; at += 1) {
    const byte = view.bytes[at]!
    const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    const digit = byte >= 0x30 && byte <= 0x39
    const mark = at > begin && (byte === 0x2d || byte === 0x2e || byte === 0x5f)
    if (!letter && !digit && !mark) return false
  }
  return true
}

/** The lowest bit of the ids of the calls that a side starts. */
function parity(side: Sender): number {
  return side === 'worker' ? 1 : 0
}

function broken(rule: string, message: string): Verdict {
  return { rule, message }
}

function name(type: number): string {
  return TYPES[type]?.name ?? `type ${type}`
}
