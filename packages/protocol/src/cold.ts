/** Encodes and decodes the bodies of cold messages. The hot path never imports this. */

import { FailureSchema, type Reason, Retry } from './generated/cold-messages.ts'
import {
  BODY_BYTES,
  Flag,
  MAGIC,
  MESSAGE_BYTES,
  PREFIX_OFFSET,
  PROTOCOL_VERSION,
  REASONS,
  type ReasonName,
  VERSION_PREFIX_BYTES,
} from './generated/layout.ts'
import { MessageWriter } from './message-view.ts'
import { type ColdInit, type ColdSchema, decodeMessage, encodeMessage, MalformedError } from './proto-codec.ts'

export * from './generated/cold-messages.ts'
export type { ColdInit, ColdSchema } from './proto-codec.ts'

/** Range of protocol versions in a version prefix; in WELCOME both are the chosen one. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** The versions that this package speaks. */
export const VERSIONS: VersionRange = { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION }

/** Encodes a body without a prefix (ERROR, LOAD, LOADED, FORK, LOG). */
export function encodeBody<T extends object>(schema: ColdSchema<T>, init: ColdInit<T>): Uint8Array {
  return encodeMessage(schema, init)
}

/** Decodes a body without a prefix; undefined when the bytes are no such protobuf message. */
export function decodeBody<T extends object>(schema: ColdSchema<T>, body: Uint8Array): T | undefined {
  try {
    return decodeMessage(schema, body) as T
  } catch (error) {
    if (error instanceof MalformedError) return undefined // The caller names the rule.
    throw error
  }
}

/** Encodes a body with the version prefix (HELLO, WELCOME, GOODBYE). */
export function encodePrefixed<T extends object>(
  schema: ColdSchema<T>,
  init: ColdInit<T>,
  versions: VersionRange = VERSIONS,
): Uint8Array {
  return prefixedBody(encodeBody(schema, init), versions)
}

/** A protobuf message with the version prefix before it. */
export function prefixedBody(proto: Uint8Array, versions: VersionRange): Uint8Array {
  const body = new Uint8Array(VERSION_PREFIX_BYTES + proto.length)
  for (let i = 0; i < MAGIC.length; i += 1) body[i] = MAGIC.charCodeAt(i)
  const data = new DataView(body.buffer)
  data.setUint16(PREFIX_OFFSET.version_min, versions.min, true)
  data.setUint16(PREFIX_OFFSET.version_max, versions.max, true)
  body.set(proto, VERSION_PREFIX_BYTES)
  return body
}

/** The version prefix of a body, or undefined when it is too short, has no magic or a reserved byte set. */
export function readPrefix(body: Uint8Array): VersionRange | undefined {
  if (body.length < VERSION_PREFIX_BYTES) return undefined
  for (let i = 0; i < MAGIC.length; i += 1) if (body[i] !== MAGIC.charCodeAt(i)) return undefined
  const data = new DataView(body.buffer, body.byteOffset, VERSION_PREFIX_BYTES)
  if (data.getUint32(PREFIX_OFFSET.prefix_reserved, true) !== 0) return undefined
  return { min: data.getUint16(PREFIX_OFFSET.version_min, true), max: data.getUint16(PREFIX_OFFSET.version_max, true) }
}

/** Decodes what follows the version prefix; undefined when it is no such protobuf message. */
export function decodePrefixed<T extends object>(schema: ColdSchema<T>, body: Uint8Array): T | undefined {
  return decodeBody(schema, body.subarray(VERSION_PREFIX_BYTES))
}

/**
 * Cuts a body into whole messages, with MORE on all but the last, and returns their bytes one after the other.
 * `write` sets the header fields of each; it must not touch flags and body_length.
 */
export function spanMessages(type: number, body: Uint8Array, write: (message: MessageWriter) => void): Uint8Array {
  const count = Math.max(1, Math.ceil(body.length / BODY_BYTES))
  const bytes = new Uint8Array(count * MESSAGE_BYTES)
  const writer = new MessageWriter(bytes)
  for (let i = 0; i < count; i += 1) {
    const begin = i * BODY_BYTES
    const length = Math.min(BODY_BYTES, body.length - begin)
    writer.moveTo(i * MESSAGE_BYTES).begin(type)
    write(writer)
    if (i + 1 < count) writer.flags = Flag.MORE
    writer.copyBody(body, begin, length)
    writer.end(length, 0)
  }
  return bytes
}

/** How a call failed, as plain data: what ERROR carries, in the words of every SDK. */
export interface Failure {
  readonly reason: ReasonName
  /** gRPC status number, 1 to 16. */
  readonly status: number
  /** For people. */
  readonly message: string
  /** A code of the function's own. Empty: none. */
  readonly code: string
  /** Type of the error in the function's language. Empty: not told. */
  readonly errorType: string
  /** Stack trace. Empty: not told. */
  readonly stack: string
  /** Whether the same call may succeed later; undefined: the reason decides. */
  readonly retryable: boolean | undefined
  /** The function that failed. Empty: not told. */
  readonly function: string
}

/** A failure from its reason and message, with the rest at its default. */
export function failure(reason: ReasonName, message: string, more: Partial<Failure> = {}): Failure {
  return {
    reason,
    status: REASONS[reason].status,
    message,
    code: '',
    errorType: '',
    stack: '',
    retryable: undefined,
    function: '',
    ...more,
  }
}

const REASON_BY_NUMBER = new Map(Object.values(REASONS).map((info) => [info.value, info.name]))

/** The body of ERROR. Text is cut so that it fits 60 KiB, well below what a cold message may have. */
export function encodeFailure(from: Failure): Uint8Array {
  return encodeBody(FailureSchema, {
    reason: REASONS[from.reason].value as Reason,
    code: cut(from.code, 256),
    message: cut(from.message, 16_384),
    errorType: cut(from.errorType, 256),
    stack: cut(from.stack, 32_768),
    retry: from.retryable === undefined ? Retry.UNSPECIFIED : from.retryable ? Retry.YES : Retry.NO,
    function: cut(from.function, 128),
  })
}

/**
 * Reads the body of ERROR. `status` is the header's. An empty body is a `handler_error`; an unknown reason
 * becomes `handler_error` with the status kept. Undefined when the bytes are no Failure.
 */
export function decodeFailure(body: Uint8Array, status: number): Failure | undefined {
  const proto = decodeBody(FailureSchema, body)
  if (proto === undefined) return undefined
  return {
    reason: REASON_BY_NUMBER.get(proto.reason) ?? 'handler_error',
    status,
    message: proto.message,
    code: proto.code,
    errorType: proto.errorType,
    stack: proto.stack,
    // A value of a later version counts as not said.
    retryable: proto.retry === Retry.YES ? true : proto.retry === Retry.NO ? false : undefined,
    function: proto.function,
  }
}

/** The name of a reason number, or undefined when it is not of this version. */
export function reasonName(reason: number): ReasonName | undefined {
  return REASON_BY_NUMBER.get(reason)
}

/** At most `bytes` UTF-8 bytes of a text, never cutting a character. */
function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text
  const encoded = Buffer.from(text)
  if (encoded.length <= bytes) return text
  let end = bytes
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end -= 1
  return encoded.toString('utf8', 0, end)
}
