/** Makes messages of their YAML form, right or deliberately wrong. */
import {
  BODY_BYTES,
  Flag,
  HEADER_BYTES,
  MESSAGE_BYTES,
  MessageType,
  MessageWriter,
  PRIORITY_DEFAULT,
  REASONS,
  type ReasonName,
  TYPES,
} from '@millrace/protocol'
import {
  encodeBody,
  encodePrefixed,
  FailureSchema,
  GoodbyeSchema,
  HelloSchema,
  LoadedSchema,
  LogSchema,
  type MessageInitShape,
  spanMessages,
  VERSIONS,
  WelcomeSchema,
} from '@millrace/protocol/cold-protobuf'
import type { MessageForm } from './case-types.ts'
import type { Session } from './session.ts'
import type { Values } from './values.ts'

const KEYS: ReadonlySet<string> = new Set([
  'type',
  'call',
  'function',
  'flags',
  'body',
  'program',
  'proto',
  'versions',
  'parent',
  'tail',
  'poke',
  'raw',
  'cut',
  'on',
  'chunks',
  'as',
])

/** The bytes of one message, or of all parts of a cold one that spans. */
export function makeMessage(form: MessageForm, session: Session, values: Values): Uint8Array {
  if (form.raw !== undefined) return cut(form, padded(Buffer.from(form.raw.replaceAll(/\s/g, ''), 'hex')))
  const type = typeNumber(form.type)
  const body = bodyOf(form, type, session, values)
  if (form.call !== undefined && form.body !== undefined) values.setBytes(form.call, body)
  const fill = (writer: MessageWriter): void => fields(writer, form, type, body.length, session, values)
  let bytes: Uint8Array
  if (body.length > BODY_BYTES && form.proto !== undefined) {
    bytes = spanMessages(type, body, fill)
  } else {
    bytes = new Uint8Array(MESSAGE_BYTES)
    const writer = new MessageWriter(bytes).begin(type)
    writer.copyBody(body, 0, Math.min(BODY_BYTES, body.length))
    writer.end(Math.min(BODY_BYTES, body.length), 0)
    writer.flags = flagBits(form.flags)
    fill(writer)
    if (form.body_length !== undefined) writer.bodyLength = values.number(form.body_length)
  }
  if (form.tail !== undefined) bytes.set(values.bytes(form.tail), HEADER_BYTES + body.length)
  for (const [at, value] of Object.entries(form.poke ?? {})) bytes[Number(at)] = value
  return cut(form, bytes)
}

/** The number of a type that is named, or given as a number. */
export function typeNumber(type: string | number | undefined): number {
  if (typeof type === 'number') return type
  const value = (MessageType as Readonly<Record<string, number>>)[type ?? '']
  if (value === undefined) throw new Error(`${type} is no message type`)
  return value
}

/** The bits of flags that are named, or given as a number. */
export function flagBits(flags: readonly string[] | number | undefined): number {
  if (typeof flags === 'number') return flags
  return (flags ?? []).reduce((bits, name) => bits | ((Flag as Readonly<Record<string, number>>)[name] ?? 0), 0)
}

function bodyOf(form: MessageForm, type: number, session: Session, values: Values): Uint8Array {
  if (form.program !== undefined) return values.bytes({ program: form.program })
  if (form.proto === undefined) return values.bytes(form.body)
  const proto = camelCased(form.proto) as Record<string, unknown>
  // The token of this launch.
  if (proto.token === '$token') proto.token = session.watch.token
  // A text of so many letters.
  for (const [key, value] of Object.entries(proto)) {
    const long = typeof value === 'string' ? /^LONG(\d+)$/.exec(value) : null
    if (long !== null) proto[key] = 'l'.repeat(Number(long[1]))
  }
  if (typeof proto.reason === 'string') proto.reason = REASONS[proto.reason as ReasonName].value
  const [min, max] = form.versions ?? [VERSIONS.min, VERSIONS.max]
  switch (type) {
    case MessageType.HELLO:
      return encodePrefixed(HelloSchema, proto as MessageInitShape<typeof HelloSchema>, { min, max })
    case MessageType.WELCOME:
      return encodePrefixed(WelcomeSchema, proto as MessageInitShape<typeof WelcomeSchema>, { min, max })
    case MessageType.GOODBYE:
      return encodePrefixed(GoodbyeSchema, proto as MessageInitShape<typeof GoodbyeSchema>, { min, max })
    case MessageType.ERROR:
      return encodeBody(FailureSchema, proto as MessageInitShape<typeof FailureSchema>)
    case MessageType.LOADED:
      return encodeBody(LoadedSchema, proto as MessageInitShape<typeof LoadedSchema>)
    case MessageType.LOG:
      return encodeBody(LogSchema, proto as MessageInitShape<typeof LogSchema>)
    default:
      throw new Error(`${TYPES[type]?.name ?? type} has no protobuf body that a case can write`)
  }
}

function fields(
  writer: MessageWriter,
  form: MessageForm,
  type: number,
  bodyBytes: number,
  session: Session,
  values: Values,
): void {
  const target = writer as unknown as Record<string, number | Uint8Array>
  if (type === MessageType.INVOKE) {
    writer.attempt = 1
    writer.priority = PRIORITY_DEFAULT
    writer.payloadLength = bodyBytes
  }
  if (type === MessageType.RESULT) writer.payloadLength = bodyBytes
  if (type === MessageType.ERROR && typeof form.proto?.reason === 'string') {
    const wanted = REASONS[form.proto.reason as ReasonName].status
    writer.status = wanted
  }
  if (type === MessageType.GOODBYE && typeof form.proto?.reason === 'string') {
    writer.status = REASONS[form.proto.reason as ReasonName].status
  }
  if (form.call !== undefined) writer.callId = callId(form.call, type, session, values)
  if (form.parent !== undefined) writer.parentCallId = values.number(`$${form.parent}`)
  if (form.function !== undefined) writer.functionId = functionId(form.function, session)
  for (const [key, value] of Object.entries(form)) {
    if (KEYS.has(key) || key === 'body_length') continue
    const name = camel(key)
    if (!(name in target)) throw new Error(`a message has no field ${key}`)
    if (key === 'trace_id' || key === 'span_id') writer[name as 'traceId'] = values.bytes(value)
    else target[name] = values.number(value)
  }
}

/** The id of a call: a new one for the INVOKE of a name that has none. */
function callId(name: string, type: number, session: Session, values: Values): number {
  if (type === MessageType.INVOKE && !values.has(name)) values.setNumber(name, session.nextId())
  return values.number(`$${name}`)
}

function functionId(name: string, session: Session): number {
  const id = session.functions.get(name) ?? session.known.get(name)
  if (id === undefined) throw new Error(`the case invokes ${name}, which has no id on this channel`)
  return id
}

function cut(form: MessageForm, bytes: Uint8Array): Uint8Array {
  return form.cut === undefined ? bytes : bytes.subarray(0, form.cut)
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(MESSAGE_BYTES)
  whole.set(bytes.subarray(0, MESSAGE_BYTES))
  return whole
}

/** `payload_length` → `payloadLength`. */
export function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A protobuf body's fields as the generated code names them, in every depth. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [camel(key), camelCased(one)]))
}
