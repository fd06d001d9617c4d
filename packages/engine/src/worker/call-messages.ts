/** Writes the messages of calls into a channel's outbox, in place. */
import {
  HEADER_BYTES,
  MessageType,
  type MessageView,
  type MessageWriter,
  REASONS,
  type ReasonName,
} from '@millrace/protocol'
import { encodeFailure, type Failure, spanMessages } from '@millrace/protocol/cold'
import type { Call } from '../call/call.ts'
import type { Channel } from '../channel/channel.ts'
import { Answers } from '../channel/outbox.ts'
import type { LaunchedWorker } from '../world.ts'
import { goodbyeBody } from './handshake.ts'

/** INVOKE of a call for the worker that runs it, under `callId`. */
export function writeInvoke(channel: Channel, call: Call, callId: number): void {
  const message = channel.claim(MessageType.INVOKE)
  message.flags = call.flags
  message.callId = callId
  message.functionId = call.fn.id
  message.payloadLength = call.inputAnnounced
  message.timeoutUs = call.deadlineUs === 0 ? 0 : timeLeft(call.deadlineUs - call.dispatchedUs)
  message.queueUs = wholeMicros(call.dispatchedUs - call.enteredUs)
  message.attempt = call.attempt
  writeTrace(message, call)
  message.priority = call.priority
  message.depth = call.depth
  message.content = call.content
  message.copyBody(call.body, 0, call.bodyLength)
  channel.commit(call.bodyLength)
}

/** RESULT, passed on to the worker that made the call. */
export function writeResult(channel: Channel, call: Call, view: MessageView): void {
  const bodyLength = view.bodyLength
  const message = channel.claim(MessageType.RESULT)
  message.flags = view.flags
  message.callId = call.callerCallId
  message.payloadLength = view.payloadLength
  message.runUs = view.runUs
  message.queueUs = wholeMicros(call.dispatchedUs - call.enteredUs)
  message.cpuUs = view.cpuUs
  message.content = view.content
  message.copyBody(view.bytes, view.at + HEADER_BYTES, bodyLength)
  channel.commit(bodyLength, view.more ? Answers.nothing : Answers.invoke)
}

/** ERROR, final. Times in microseconds. */
export function writeError(channel: Channel, callId: number, why: Failure, runUs: number, queueUs: number): void {
  const bytes = spanMessages(MessageType.ERROR, encodeFailure(why), (message) => {
    message.callId = callId
    message.status = why.status
    message.runUs = wholeMicros(runUs)
    message.queueUs = wholeMicros(queueUs)
  })
  channel.sendAll(bytes, Answers.invoke)
}

/** DATA, passed on. */
export function writeData(channel: Channel, callId: number, view: MessageView): void {
  const bodyLength = view.bodyLength
  const message = channel.claim(MessageType.DATA)
  message.flags = view.flags
  message.callId = callId
  message.copyBody(view.bytes, view.at + HEADER_BYTES, bodyLength)
  channel.commit(bodyLength)
}

/** WINDOW. */
export function writeWindow(channel: Channel, callId: number, credit: number): void {
  const message = channel.claim(MessageType.WINDOW)
  message.callId = callId
  message.credit = credit
  channel.commit(0)
}

/** CANCEL. */
export function writeCancel(channel: Channel, callId: number): void {
  const message = channel.claim(MessageType.CANCEL)
  message.callId = callId
  channel.commit(0)
}

/** Whole microseconds in a u32 field. Rule `message-time-saturates`. */
export function wholeMicros(us: number): number {
  return us >= 0xffff_ffff ? 0xffff_ffff : Math.round(us)
}

/** Time left: never 0, which would mean no limit. Rule `call-timeout-never-zero`. */
function timeLeft(us: number): number {
  return us < 1 ? 1 : wholeMicros(us)
}

function writeTrace(message: MessageWriter, call: Call): void {
  const { data, at } = message
  const words = call.traceWords
  data.setInt32(at + 32, words[0]!, true)
  data.setInt32(at + 36, words[1]!, true)
  data.setInt32(at + 40, words[2]!, true)
  data.setInt32(at + 44, words[3]!, true)
  data.setInt32(at + 48, words[4]!, true)
  data.setInt32(at + 52, words[5]!, true)
  message.traceFlags = call.traceFlags
}

/** ATTACHED: what is sent after it goes by the ring. Rule `ring-attached`. The worker must have one. */
export function writeAttached(channel: Channel, { switchToRing }: LaunchedWorker): void {
  channel.claim(MessageType.ATTACHED)
  channel.commit(0)
  switchToRing!(channel.waitingBytes)
}

/** GOODBYE, the last message on a channel. */
export function writeGoodbye(channel: Channel, reason: ReasonName, message: string, rule: string): void {
  const body = goodbyeBody(reason, message, rule)
  const out = channel.claim(MessageType.GOODBYE)
  out.status = REASONS[reason].status
  out.copyBody(body, 0, body.length)
  channel.commit(body.length)
}
