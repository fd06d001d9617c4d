/** Messages of an engine that breaks a rule, and the rule that a worker has to name. */
import { MessageType } from '@millrace/protocol'

/** Fields of one message by their offset in the header; those not named are 0. */
export interface WrongMessage {
  readonly rule: string
  readonly type: number
  readonly bytes?: Readonly<Record<number, number>>
  readonly words?: Readonly<Record<number, number>>
}

/** A good INVOKE of one byte but for what is said; `function_id` 1 is the first of WELCOME. */
const invoke = (rule: string, words: Record<number, number>, bytes: Record<number, number> = {}): WrongMessage => ({
  rule,
  type: MessageType.INVOKE,
  bytes: { 2: 1, 57: 3, ...bytes },
  words: { 4: 2, 8: 1, 12: 1, 28: 1, ...words },
})

export const WRONG_MESSAGES: readonly WrongMessage[] = [
  { rule: 'message-type-known', type: 0x5f },
  {
    rule: 'message-body-length',
    type: MessageType.INVOKE,
    bytes: { 2: 0xc1, 3: 3 },
    words: { 4: 2, 8: 1, 12: 961, 28: 1 },
  },
  { rule: 'message-flags-known', type: MessageType.PING, bytes: { 1: 1 } },
  { rule: 'message-reserved-zero', type: MessageType.PING, bytes: { 28: 1 } },
  { rule: 'message-call-id', type: MessageType.PING, words: { 4: 2 } },
  { rule: 'message-body-none', type: MessageType.PING, bytes: { 2: 1 } },
  { rule: 'handshake-hello-once', type: MessageType.WELCOME },
  { rule: 'call-caller-cancels', type: MessageType.CANCEL, words: { 4: 1 } },
  { rule: 'call-id-known', type: MessageType.CANCEL, words: { 4: 1_000 } },
  invoke('message-reserved-zero', {}, { 60: 1 }),
  invoke('feature-accepted', {}, { 1: 1 }),
  invoke('invoke-call-id-parity', { 4: 1 }),
  invoke('invoke-function-id', { 8: 0 }),
  invoke('invoke-payload-length', { 12: 2 }),
  invoke('invoke-priority-range', {}, { 57: 8 }),
  invoke('invoke-attempt-positive', { 28: 0 }),
  invoke('call-parent-zero', { 20: 4 }),
  invoke('call-id-rising', { 4: 0x80000002 }),
]

/** The 1,024 bytes of a wrong message. */
export function bytesOf({ type, bytes = {}, words = {} }: WrongMessage): Buffer {
  const message = Buffer.alloc(1_024)
  message[0] = type
  for (const [at, value] of Object.entries(words)) message.writeUInt32LE(value, Number(at))
  for (const [at, value] of Object.entries(bytes)) message[Number(at)] = value
  return message
}
