/**
 * For the tests of this package: the golden vectors of `spec/vectors`, and a judge of whole cold bodies.
 * No part of what the package exports.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf'
import {
  type ColdSchema,
  decodeBody,
  decodePrefixed,
  encodeBody,
  FailureSchema,
  ForkSchema,
  GoodbyeSchema,
  HelloSchema,
  LoadedSchema,
  LoadSchema,
  LogSchema,
  readPrefix,
  reasonName,
  VERSIONS,
  WelcomeSchema,
} from './cold.ts'
import * as protobuf from './cold-protobuf.ts'
import { MAGIC, MESSAGE_BYTES, MessageType, REASONS, TYPES, VERSION_PREFIX_BYTES } from './generated/layout.ts'
import type { MessageView } from './message-view.ts'
import { isFunctionName } from './names.ts'
import { ACCEPT, type Sender, type Verdict } from './verdict.ts'

export interface GoldenMessage {
  readonly sender: Sender
  readonly type: string | number
  readonly fields: Readonly<Record<string, number | string>>
  readonly hex: string
  readonly proto?: { readonly message: string; readonly value: unknown }
}

export interface GoldenVector extends GoldenMessage {
  readonly id: string
  readonly stage: 'message' | 'body'
  readonly result: 'accept' | 'ignore' | 'reject'
  readonly rule?: string
  readonly prefix?: { readonly version_min: number; readonly version_max: number }
}

export interface GoldenStream {
  readonly id: string
  readonly messages: readonly GoldenMessage[]
  readonly missing?: number
  readonly result: 'accept' | 'reject'
  readonly rule?: string
  readonly at?: number
}

const root = join(import.meta.dirname, '../../..')

/** Every vector of every file. */
export function goldenVectors(): GoldenVector[] {
  return files().flatMap((file) => file.vectors ?? [])
}

export function goldenStreams(): GoldenStream[] {
  return files().flatMap((file) => file.streams ?? [])
}

function files(): { vectors?: GoldenVector[]; streams?: GoldenStream[] }[] {
  const folder = join(root, 'spec/vectors')
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { vectors?: GoldenVector[] })
}

/** Ids of the rules that `spec/requirements.json` has. */
export function ruleIds(): Set<string> {
  const registry = JSON.parse(readFileSync(join(root, 'spec/requirements.json'), 'utf8')) as unknown
  const list = Array.isArray(registry) ? registry : ((registry as { requirements?: unknown[] }).requirements ?? [])
  return new Set((list as { id: string }[]).map((rule) => rule.id))
}

/** All 1,024 bytes of a vector. */
export function golden(message: GoldenMessage): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  bytes.set(Buffer.from(message.hex, 'hex'))
  return bytes
}

/** Our table of each body, and the library's. */
const SCHEMAS: Readonly<Record<string, readonly [ColdSchema<object>, DescMessage]>> = {
  Hello: [HelloSchema, protobuf.HelloSchema],
  Welcome: [WelcomeSchema, protobuf.WelcomeSchema],
  Goodbye: [GoodbyeSchema, protobuf.GoodbyeSchema],
  Failure: [FailureSchema, protobuf.FailureSchema],
  Log: [LogSchema, protobuf.LogSchema],
  Load: [LoadSchema, protobuf.LoadSchema],
  Loaded: [LoadedSchema, protobuf.LoadedSchema],
  Fork: [ForkSchema, protobuf.ForkSchema],
}

/**
 * What a cold body means, as the vectors show it: read and written again by our codec, and shown by the library.
 * Undefined: a type whose body is not protobuf, or bytes that are none.
 */
export function meaning(type: number, body: Uint8Array): unknown {
  const schemas = SCHEMAS[TYPES[type]!.body]
  if (schemas === undefined) return undefined
  const [ours, theirs] = schemas
  const value = TYPES[type]!.prefix ? decodePrefixed(ours, body) : decodeBody(ours, body)
  return value === undefined
    ? undefined
    : toJson(theirs, fromBinary(theirs, encodeBody(ours, value)), { useProtoFieldName: true })
}

/** Judges a whole body with what `cold.ts` and `names.ts` tell. `view`: the message that ended it, already accepted. */
export function judgeBody(view: MessageView, sender: Sender, body: Uint8Array): typeof ACCEPT | Verdict {
  const info = TYPES[view.type]!
  const broken = (rule: string): Verdict => ({ rule, message: `the body of ${info.name}` })
  if (SCHEMAS[info.body] === undefined) return ACCEPT
  if (info.prefix) {
    const versions = readPrefix(body)
    if (versions === undefined) {
      const magic = Buffer.from(body.subarray(0, MAGIC.length)).toString('latin1')
      return broken(body.length >= VERSION_PREFIX_BYTES && magic !== MAGIC ? 'handshake-magic' : 'handshake-prefix')
    }
    const { min, max } = VERSIONS
    if (view.type === MessageType.HELLO && (versions.min > max || versions.max < min))
      return broken('handshake-version')
    if (
      view.type === MessageType.WELCOME &&
      (versions.min !== versions.max || versions.min < min || versions.max > max)
    ) {
      return broken('handshake-version')
    }
  }
  switch (view.type) {
    case MessageType.HELLO: {
      const hello = decodePrefixed(HelloSchema, body)
      if (hello === undefined) return broken('handshake-body')
      const names = hello.functions.map((offer) => offer.name)
      if (!names.every(isFunctionName)) return broken('name-form')
      return new Set(names).size < names.length ? broken('handshake-functions-once') : ACCEPT
    }
    case MessageType.WELCOME:
      return meaning(view.type, body) === undefined ? broken('handshake-body') : ACCEPT
    case MessageType.GOODBYE: {
      const goodbye = decodePrefixed(GoodbyeSchema, body)
      if (goodbye === undefined) return broken('cold-body')
      const reason = reasonName(goodbye.reason)
      const known = reason !== undefined || goodbye.reason === 0
      const status = reason === undefined ? 0 : REASONS[reason].status
      return known && view.status !== status ? broken('goodbye-status') : ACCEPT
    }
    case MessageType.ERROR: {
      const failure = decodeBody(FailureSchema, body)
      if (failure === undefined) return broken('error-body')
      const reason = reasonName(failure.reason)
      if (reason === undefined || reason === 'handler_error') return ACCEPT
      if (sender === 'worker' && ENGINE_ONLY.has(reason)) return broken('error-reason-worker')
      return REASONS[reason].status === view.status ? ACCEPT : broken('error-status-of-reason')
    }
    default:
      return meaning(view.type, body) === undefined ? broken('cold-body') : ACCEPT
  }
}

const ENGINE_ONLY: ReadonlySet<string> = new Set([
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'worker_unavailable',
  'protocol_error',
  'unauthenticated',
  'version_unsupported',
])
