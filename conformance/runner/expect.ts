/** Holds a message against what a case expects of it. Throws `CaseFailure` with a code that says what differs. */
import { Flag, MessageType, type MessageView, REASONS, type ReasonName, Status } from '@millrace/protocol'
import {
  decodeBody,
  decodePrefixed,
  FailureSchema,
  GoodbyeSchema,
  HelloSchema,
  LoadedSchema,
  LogSchema,
  WelcomeSchema,
} from '@millrace/protocol/cold-protobuf'
import type { ExpectForm, OutcomeForm } from './case-types.ts'
import { CaseFailure } from './failure.ts'
import { camel } from './messages.ts'
import { type Received, type Session, typeName } from './session.ts'
import type { Values } from './values.ts'

const KEYS: ReadonlySet<string> = new Set([
  'type',
  'call',
  'function',
  'flags',
  'body',
  'body_length',
  'outcomes',
  'proto',
  'parent',
  'capture',
  'as',
  'rule',
  'on',
  'within_ms',
])

const SCHEMAS = {
  [MessageType.HELLO]: (body: Uint8Array) => decodePrefixed(HelloSchema, body),
  [MessageType.WELCOME]: (body: Uint8Array) => decodePrefixed(WelcomeSchema, body),
  [MessageType.GOODBYE]: (body: Uint8Array) => decodePrefixed(GoodbyeSchema, body),
  [MessageType.ERROR]: (body: Uint8Array) => decodeBody(FailureSchema, body),
  [MessageType.LOG]: (body: Uint8Array) => decodeBody(LogSchema, body),
  [MessageType.LOADED]: (body: Uint8Array) => {
    const loaded = decodeBody(LoadedSchema, body)
    return loaded && { ...loaded, names: loaded.offers.map((one) => one.name).sort() }
  },
} as Readonly<Record<number, (body: Uint8Array) => unknown>>

/** Whether a message is the one that the form is about: by type and call, and by its body where the call is new. */
export function isAbout(one: Received, form: ExpectForm, values: Values): boolean {
  if (form.type !== undefined && typeName(one.view.type) !== form.type) return false
  const named = form.call !== undefined && values.has(form.call)
  if (!named && form.body !== undefined && Buffer.compare(one.body, values.bytes(form.body)) !== 0) return false
  return form.call === undefined || !values.has(form.call) || one.view.callId === values.number(`$${form.call}`)
}

/** Holds one message against a form. `rule`: what is broken when it differs. */
export function holdAgainst(one: Received, form: ExpectForm, rule: string, session: Session, values: Values): void {
  const { view } = one
  if (form.type !== undefined && typeName(view.type) !== form.type) {
    throw new CaseFailure(rule, 'wrong-type', `wanted ${form.type}, got ${describe(one)}`)
  }
  const differs = (what: string, wanted: unknown, got: unknown): never => {
    throw new CaseFailure(
      rule,
      'wrong-field',
      `${what} of ${view.toString()}: wanted ${show(wanted)}, got ${show(got)}`,
    )
  }
  if (form.call !== undefined) {
    if (!values.has(form.call)) values.setNumber(form.call, view.callId)
    const wanted = values.number(`$${form.call}`)
    if (view.callId !== wanted) {
      throw new CaseFailure(rule, 'wrong-call', `wanted call ${wanted} (${form.call}), got ${describe(one)}`)
    }
  }
  if (form.parent !== undefined) {
    const wanted = form.parent === 'none' ? 0 : values.number(`$${form.parent}`)
    if (view.parentCallId !== wanted) differs('parent_call_id', wanted, view.parentCallId)
  }
  if (form.function !== undefined) {
    const wanted = session.functions.get(form.function) ?? session.known.get(form.function)
    if (view.functionId !== wanted) differs('function_id', wanted, view.functionId)
  }
  if (form.flags !== undefined) {
    const wanted = form.flags.reduce((bits, name) => bits | (Flag as Readonly<Record<string, number>>)[name]!, 0)
    if (view.flags !== wanted) differs('flags', wanted, view.flags)
  }
  for (const [key, wanted] of Object.entries(form)) {
    if (KEYS.has(key)) continue
    const got = (view as unknown as Record<string, unknown>)[camel(key)]
    if (got === undefined) throw new Error(`a message has no field ${key}`)
    if (got instanceof Uint8Array) {
      const bytes = values.bytes(wanted)
      if (Buffer.compare(got, bytes) !== 0) differs(key, hex(bytes), hex(got))
    } else if (!fits(got as number, wanted, values)) differs(key, wanted, got)
  }
  if (form.body_length !== undefined && !fits(one.body.length, form.body_length, values)) {
    throw new CaseFailure(rule, 'wrong-body', `wanted ${show(form.body_length)} bytes, got ${one.body.length}`)
  }
  if (form.body !== undefined) sameBytes(one.body, values.bytes(form.body), rule, view)
  if (form.outcomes !== undefined) holdOutcomes(one.body, form.outcomes, rule, values)
  if (form.proto !== undefined) holdProto(one, form.proto, rule, values)
  for (const [name, field] of Object.entries(form.capture ?? {})) {
    const value = (view as unknown as Record<string, number | Uint8Array>)[camel(field)]!
    if (typeof value === 'number') values.setNumber(name, value)
    else values.setBytes(name, value.slice())
  }
  if (form.as !== undefined) values.setBytes(form.as, one.body)
}

/** A message in words, with what its failure says. */
export function describe(one: Received): string {
  const proto = SCHEMAS[one.view.type]?.(one.body) as { rule?: string; message?: string; reason?: number } | undefined
  if (one.view.type !== MessageType.ERROR && one.view.type !== MessageType.GOODBYE) return one.view.toString()
  return `${one.view.toString()} (reason ${proto?.reason ?? 'none'}${proto?.rule ? `, rule ${proto.rule}` : ''}: ${proto?.message ?? ''})`
}

/** Fails with `wrong-body` unless the bytes are equal. */
export function sameBytes(got: Uint8Array, wanted: Uint8Array, rule: string, view: MessageView | string): void {
  if (Buffer.compare(got, wanted) === 0) return
  let at = 0
  while (at < got.length && got[at] === wanted[at]) at += 1
  throw new CaseFailure(
    rule,
    'wrong-body',
    `body of ${view.toString()}: wanted ${wanted.length} bytes, got ${got.length}; they differ from byte ${at} on: wanted ${hex(wanted.subarray(at))}, got ${hex(got.subarray(at))}`,
  )
}

function holdProto(one: Received, wanted: Readonly<Record<string, unknown>>, rule: string, values: Values): void {
  const proto = SCHEMAS[one.view.type]?.(one.body) as Readonly<Record<string, unknown>> | undefined
  if (proto === undefined) throw new CaseFailure(rule, 'wrong-body', `the body of ${describe(one)} cannot be read`)
  for (const [key, value] of Object.entries(wanted)) {
    const got = lookUp(proto, key)
    const ok =
      key === 'reason'
        ? got === reasonNumber(value)
        : Array.isArray(value) && Array.isArray(got)
          ? JSON.stringify(got) === JSON.stringify(value)
          : typeof value === 'object' && value !== null
            ? textFits(got, value as Readonly<Record<string, unknown>>, values)
            : got === (typeof value === 'string' && value.startsWith('$') ? values.number(value) : value)
    if (!ok)
      throw new CaseFailure(rule, 'wrong-body', `${key}: wanted ${show(value)}, got ${show(got)} in ${describe(one)}`)
  }
}

/** `limits.max_calls` looks into the depth. */
function lookUp(proto: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = proto
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[camel(part)]
  return value
}

function textFits(got: unknown, form: Readonly<Record<string, unknown>>, values: Values): boolean {
  if (typeof got === 'number') return fits(got, form, values)
  if (Array.isArray(got)) {
    return form.has === undefined ? !got.includes(form.not) : got.includes(form.has)
  }
  const text = String(got)
  if (form.has !== undefined && !text.includes(String(form.has))) return false
  if (form.not !== undefined && text === form.not) return false
  return form.not_has === undefined || !text.includes(String(form.not_has))
}

function reasonNumber(form: unknown): number {
  if (typeof form === 'number') return form
  return form === 'none' ? 0 : REASONS[form as ReasonName].value
}

/** Whether a number is the wanted one, `$name`, or within `{ min, max, not }`. */
function fits(got: number, wanted: unknown, values: Values): boolean {
  if (typeof wanted !== 'object' || wanted === null) return got === values.number(wanted)
  const { min, max, not } = wanted as { min?: unknown; max?: unknown; not?: unknown }
  if (min !== undefined && got < values.number(min)) return false
  if (max !== undefined && got > values.number(max)) return false
  return not === undefined || got !== values.number(not)
}

/** Holds the outcomes that `interp` appends for its internal calls against a list. */
function holdOutcomes(body: Uint8Array, wanted: readonly OutcomeForm[], rule: string, values: Values): void {
  try {
    readOutcomes(body, wanted, rule, values)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CaseFailure(
      rule,
      'wrong-body',
      `the outcomes cannot be read: ${Buffer.from(body).toString('hex').slice(0, 64)}`,
    )
  }
}

function readOutcomes(body: Uint8Array, wanted: readonly OutcomeForm[], rule: string, values: Values): void {
  const data = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const bad = (what: string): never => {
    throw new CaseFailure(rule, 'wrong-body', what)
  }
  let at = 0
  for (const [index, form] of wanted.entries()) {
    if (at >= body.length) bad(`outcome ${index + 1} of ${wanted.length} is missing`)
    if (body[at] === 0) {
      const length = data.getUint32(at + 1, true)
      const output = body.subarray(at + 5, at + 5 + length)
      at += 5 + length
      if (form.failure !== undefined) bad(`outcome ${index + 1} is ok, wanted ${show(form.failure)}`)
      if (form.ok !== undefined) sameBytes(output, values.bytes(form.ok), rule, `outcome ${index + 1}`)
      continue
    }
    const [reason, status, retry] = [body[at + 1]!, body[at + 2]!, body[at + 3]!]
    const codeBytes = data.getUint16(at + 4, true)
    const code = Buffer.from(body.subarray(at + 6, at + 6 + codeBytes)).toString()
    const textBytes = data.getUint16(at + 6 + codeBytes, true)
    const text = Buffer.from(body.subarray(at + 8 + codeBytes, at + 8 + codeBytes + textBytes)).toString()
    at += 8 + codeBytes + textBytes
    const got = `reason ${reason}, status ${status}, retry ${retry}, code "${code}": ${text}`
    if (form.failure === undefined) bad(`outcome ${index + 1} is a failure (${got}), wanted ok`)
    const failure = form.failure!
    const retries = ['unsaid', 'yes', 'no']
    if (
      (failure.reason !== undefined && reason !== reasonNumber(failure.reason)) ||
      (failure.status !== undefined && status !== failure.status) ||
      (failure.code !== undefined && code !== failure.code) ||
      (failure.retry !== undefined && retries[retry] !== failure.retry)
    ) {
      bad(`outcome ${index + 1}: wanted ${show(failure)}, got ${got}`)
    }
  }
  if (at !== body.length) bad(`${body.length - at} bytes follow the last outcome`)
}

/** The name of a status number, for messages. */
export function statusName(status: number): string {
  return Object.entries(Status).find(([, value]) => value === status)?.[0] ?? String(status)
}

function hex(bytes: Uint8Array): string {
  return bytes.length > 16
    ? `${Buffer.from(bytes.subarray(0, 16)).toString('hex')}…`
    : Buffer.from(bytes).toString('hex') || 'nothing'
}

function show(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
