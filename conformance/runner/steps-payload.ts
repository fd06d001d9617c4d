/** Steps that move payloads of many messages: inputs under credit, and outputs with grants. */
import { BODY_BYTES, CREDIT_MAX, Flag, MessageType, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import type { Bytes, ExpectForm, MessageForm } from './case-types.ts'
import { describe, sameBytes } from './expect.ts'
import { CaseFailure } from './failure.ts'
import { makeMessage } from './messages.ts'
import { nextMessage, type StepContext } from './step-context.ts'
import { takeFile } from './steps-file.ts'

interface StreamInputForm extends MessageForm {
  /** Bytes of each part. Default 960. */
  readonly part?: number
  /** Whether INVOKE announces the length. Default true. */
  readonly announce?: boolean
  /** Whether the last DATA is sent. Default true. */
  readonly end?: boolean
}

/** INVOKE with MORE and as many DATA as the input needs, as credit comes. An input that fits goes in the INVOKE alone. */
export async function streamInput(form: StreamInputForm, context: StepContext): Promise<void> {
  const { session, values, stage } = context
  const { part = BODY_BYTES, announce = true, end = true, ...head } = form
  const input = form.program === undefined ? values.bytes(form.body) : values.bytes({ program: form.program })
  values.setBytes(form.call!, input)
  const inline = input.length <= part
  const { program: _, ...rest } = head
  const first = {
    type: 'INVOKE',
    ...rest,
    body: { hex: Buffer.from(input.subarray(0, part)).toString('hex') },
    payload_length: announce || inline ? input.length : PAYLOAD_LENGTH_UNKNOWN,
    ...(!inline && { flags: ['MORE'] }),
  }
  await session.send(makeMessage(first, session, values))
  values.setBytes(form.call!, input)
  if (inline) return
  const callId = values.number(`$${form.call}`)
  const call = session.watch.calls.calls.get(callId)!
  for (let at = part; at < input.length; at += part) {
    const last = at + part >= input.length
    if (call.input.credit === 0)
      await session.until(() => call.input.credit > 0 || call.ended || session.ended, stage.patienceMs)
    if (call.ended) return
    if (call.input.credit === 0) {
      throw new CaseFailure(
        'window-granted',
        'no-message',
        `no WINDOW came for call ${callId} after ${CREDIT_MAX} DATA`,
      )
    }
    await session.sendNow(
      MessageType.DATA,
      (writer) => {
        writer.callId = callId
        writer.flags = last && end ? 0 : Flag.MORE
      },
      input.subarray(at, Math.min(input.length, at + part)),
    )
  }
}

interface CollectForm extends ExpectForm {
  /** DATA messages between two grants. Default 16. */
  readonly grant?: number
  /** How many messages the output must have come in. */
  readonly parts?: { readonly min?: number; readonly max?: number }
  readonly body?: Bytes
}

/** Takes an output of any number of messages, granting credit as it comes, and holds the whole against `body`. */
export async function collect(form: CollectForm, context: StepContext): Promise<void> {
  const { session, values } = context
  const rule = context.rule(form)
  const callId = values.number(`$${form.call}`)
  const parts: Uint8Array[] = []
  const grant = form.grant ?? CREDIT_MAX / 2
  let taken = 0
  for (;;) {
    const one = await nextMessage([{ type: parts.length === 0 ? 'RESULT' : 'DATA' }], context, rule)
    const { view } = one
    if (view.type !== MessageType.RESULT && view.type !== MessageType.DATA) {
      throw new CaseFailure(rule, 'wrong-type', `wanted the output of call ${callId}, got ${describe(one)}`)
    }
    if (view.callId !== callId) {
      throw new CaseFailure(rule, 'wrong-call', `wanted the output of call ${callId}, got ${describe(one)}`)
    }
    const inFile = view.type === MessageType.RESULT && (view.flags & Flag.PAYLOAD_FILE) !== 0
    parts.push(inFile ? takeFile(view, context) : one.body)
    if (view.type === MessageType.RESULT && !view.more) break
    if (view.type !== MessageType.DATA) continue
    taken += 1
    if (taken % grant === 0) {
      await session.sendNow(MessageType.WINDOW, (writer) => {
        writer.callId = callId
        writer.credit = grant
      })
    }
  }
  const { min = 1, max = Number.POSITIVE_INFINITY } = form.parts ?? {}
  if (parts.length < min || parts.length > max) {
    throw new CaseFailure(rule, 'wrong-body', `the output came in ${parts.length} messages, wanted ${min} to ${max}`)
  }
  const whole = Buffer.concat(parts)
  if (form.as !== undefined) values.setBytes(form.as, whole)
  if (form.body_length !== undefined && whole.length !== values.number(form.body_length)) {
    throw new CaseFailure(
      rule,
      'wrong-body',
      `the output has ${whole.length} bytes, wanted ${String(form.body_length)}`,
    )
  }
  if (form.body !== undefined) sameBytes(whole, values.bytes(form.body), rule, `the output of call ${callId}`)
  context.assert()
}

/** Takes the DATA of an input whose INVOKE, with MORE, was expected before; grants credit, and holds the whole against `body`. */
export async function collectInput(form: CollectForm, context: StepContext): Promise<void> {
  const { session, values } = context
  const rule = context.rule(form)
  const callId = values.number(`$${form.call}`)
  const grant = form.grant ?? CREDIT_MAX / 2
  const state = session.watch.calls.calls.get(callId)!
  const parts: Uint8Array[] = [...(session.heads.get(callId) ?? [])]
  for (let taken = 1; ; taken += 1) {
    const one = await nextMessage([{ type: 'DATA' }], context, rule)
    if (one.view.type !== MessageType.DATA) {
      throw new CaseFailure(rule, 'wrong-type', `wanted DATA of call ${callId}, got ${describe(one)}`)
    }
    if (one.view.callId !== callId) {
      throw new CaseFailure(rule, 'wrong-call', `wanted DATA of call ${callId}, got ${describe(one)}`)
    }
    parts.push(one.body)
    if (!one.view.more) break
    if (taken % grant === 0 && !state.input.ended) {
      await session.sendNow(MessageType.WINDOW, (writer) => {
        writer.callId = callId
        writer.credit = grant
      })
    }
  }
  const whole = Buffer.concat(parts)
  if (form.as !== undefined) values.setBytes(form.as, whole)
  if (form.body !== undefined) sameBytes(whole, values.bytes(form.body), rule, `the input of call ${callId}`)
  context.assert()
}

/** The output of a call that the side under test made: RESULT with MORE, DATA as it grants credit, the last RESULT. */
export async function streamOutput(form: StreamInputForm, context: StepContext): Promise<void> {
  const { session, values, stage } = context
  const output = values.bytes(form.body)
  const part = form.part ?? BODY_BYTES
  const callId = values.number(`$${form.call}`)
  const state = session.watch.calls.calls.get(callId)!
  await session.sendNow(
    MessageType.RESULT,
    (writer) => {
      writer.callId = callId
      writer.flags = Flag.MORE
      writer.payloadLength = form.announce === false ? PAYLOAD_LENGTH_UNKNOWN : output.length
    },
    output.subarray(0, part),
  )
  let at = Math.min(part, output.length)
  for (; output.length - at > part; at += part) {
    if (state.output.credit === 0) {
      await session.until(
        () => state.output.credit > 0 || session.ended || session.fault !== undefined,
        stage.patienceMs,
      )
    }
    if (state.output.credit === 0) {
      throw new CaseFailure(
        'window-granted',
        'no-message',
        `no WINDOW came for call ${callId} after ${CREDIT_MAX} DATA`,
      )
    }
    await session.sendNow(
      MessageType.DATA,
      (writer) => {
        writer.callId = callId
        writer.flags = Flag.MORE
      },
      output.subarray(at, at + part),
    )
  }
  if (form.end === false) return
  await session.sendNow(
    MessageType.RESULT,
    (writer) => {
      writer.callId = callId
      writer.payloadLength = output.length
    },
    output.subarray(at),
  )
}

/** INVOKE with MORE and so many DATA of one byte, all in one write, whatever the credit. */
export async function flood(
  form: { call: string; function: string; data: number },
  context: StepContext,
): Promise<void> {
  const { session, values } = context
  const { call } = form
  const head = {
    type: 'INVOKE',
    call,
    function: form.function,
    flags: ['MORE'],
    body: 'a',
    payload_length: PAYLOAD_LENGTH_UNKNOWN,
  }
  const data = { type: 'DATA', call, flags: ['MORE'], body: 'b' }
  const messages = [head, ...Array.from({ length: form.data }, () => data), { type: 'PING', nonce: 1 }]
  await session.send(Buffer.concat(messages.map((one) => makeMessage(one, session, values))))
}
