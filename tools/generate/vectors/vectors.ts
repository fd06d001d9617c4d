/**
 * The tables of cases → `spec/vectors/*.json`. Checks what a table can get wrong: an id used twice, a reject whose
 * accept is missing, or that differs from it in more than one field.
 */
import { fieldBytes, type Layout } from '../layout.ts'
import type { Case, StreamCase } from './case.ts'
import { callCases } from './cases/calls.ts'
import { coldCases } from './cases/cold.ts'
import { handshakeCases } from './cases/handshake.ts'
import { headerCases } from './cases/header.ts'
import { streamCases } from './cases/streams.ts'
import { typeCases } from './cases/types.ts'
import { encode, headerFields, hex, type MessageCase, pattern, read, typeOf } from './message.ts'

const NOTE =
  'Written by tools/generate from spec/layout.yaml and the tables in tools/generate/vectors: do not edit. hex is one message; zeros at its end, up to 1,024 bytes, are cut.'

/** A vector as the file has it. */
export interface Vector {
  readonly id: string
  readonly rules: readonly string[]
  readonly comment: string
  readonly stage: Case['stage']
  readonly sender: string
  readonly type: string | number
  readonly fields: Readonly<Record<string, number | string>>
  readonly result: Case['result']
  readonly hex: string
}

/** File name under spec/vectors → its text. Throws an Error that names the case at fault. */
export function vectorFiles(layout: Layout): Record<string, string> {
  const groups: Record<string, Case[]> = {
    types: typeCases(layout),
    header: headerCases(layout),
    calls: callCases(layout),
    handshake: handshakeCases(layout),
    cold: coldCases(layout),
  }
  const streams = streamCases(layout)
  checkIds([...Object.values(groups).flat(), ...streams])
  const all = new Map(Object.values(groups).flatMap((cases) => cases.map((one) => [one.id, one] as const)))
  const files: Record<string, string> = {}
  for (const [name, cases] of Object.entries(groups)) {
    files[`${name}.json`] = file(
      layout,
      'vectors',
      cases.map((one) => vector(layout, one, all)),
    )
  }
  files['streams.json'] = file(
    layout,
    'streams',
    streams.map((one) => stream(layout, one, streams)),
  )
  return files
}

/** One vector a line, so that a difference shows which one changed. */
function file(layout: Layout, key: string, list: readonly object[]): string {
  const rows = list.map((one) => `    ${JSON.stringify(one)}`).join(',\n')
  return `{\n  "note": ${JSON.stringify(NOTE)},\n  "protocol": ${layout.protocol},\n  "${key}": [\n${rows}\n  ]\n}\n`
}

function checkIds(cases: readonly { id: string }[]): void {
  const seen = new Set<string>()
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`vectors: the id ${id} is used twice`)
    seen.add(id)
  }
}

function message(layout: Layout, from: MessageCase): Record<string, unknown> & { hex: string } {
  const bytes = encode(layout, from)
  const header = headerFields(layout, bytes[0]!)
  const fields = Object.fromEntries(header.map((field) => [field.name, read(bytes, field)]))
  const area = bytes.subarray(layout.message.header_bytes)
  const length = Math.min(fields.body_length as number, area.length)
  const inFields = new Set(
    header.flatMap((field) => Array.from({ length: fieldBytes(field.type) }, (_, i) => field.offset + i)),
  )
  const reserved = Object.fromEntries(
    Array.from({ length: layout.message.header_bytes }, (_, at) => at)
      .filter((at) => !inFields.has(at) && bytes[at] !== 0)
      .map((at) => [at, bytes[at]]),
  )
  const tail = cutZeros(area.subarray(length))
  return {
    sender: from.sender,
    type: typeOf(layout, from.type)?.name ?? from.type,
    fields,
    ...(Object.keys(reserved).length === 0 ? {} : { reserved }),
    ...(length === 0 ? {} : { body: body(area.subarray(0, length)) }),
    ...(tail.length === 0 ? {} : { tail: hex(tail) }),
    hex: hex(cutZeros(bytes)),
  }
}

function body(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > 4 && Buffer.compare(bytes, pattern(bytes.length)) === 0) return { pattern: bytes.length }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return { text: Buffer.from(bytes).toString('latin1') }
  const cut = cutZeros(bytes)
  return cut.length === bytes.length ? { hex: hex(bytes) } : { hex: hex(cut), zeros: bytes.length - cut.length }
}

function cutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return bytes.subarray(0, end)
}

function vector(layout: Layout, one: Case, all: ReadonlyMap<string, Case>): object {
  const { id, rules, comment, stage, result } = one
  const parts = message(layout, one.message)
  return {
    id,
    rules,
    comment,
    stage,
    ...parts,
    ...(one.prefix === undefined ? {} : { prefix: one.prefix }),
    ...(one.proto === undefined ? {} : { proto: one.proto }),
    result,
    ...(result === 'reject'
      ? { rule: one.rule, accept_pair: one.pair, differs: pairDifference(layout, one, all) }
      : {}),
  }
}

/** The one field in which a reject differs from its accept. Throws when there is none, or more than one. */
function pairDifference(layout: Layout, one: Case, all: ReadonlyMap<string, Case>): string {
  const pair = all.get(one.pair ?? '')
  if (pair === undefined || pair.result !== 'accept') throw new Error(`vectors: ${one.id} has no accept ${one.pair}`)
  const found = differences(layout, one.message, pair.message)
  if (found.length !== 1)
    throw new Error(`vectors: ${one.id} differs from ${pair.id} in ${found.join(', ') || 'nothing'}, not in one field`)
  return found[0]!
}

/**
 * The fields in which two messages differ: sender, fields of the accept's header, `reserved`, fields of the version
 * prefix, and `body`. Body bytes that come or go with body_length are one difference, `body`.
 */
export function differences(layout: Layout, a: MessageCase, accept: MessageCase): string[] {
  const left = encode(layout, a)
  const right = encode(layout, accept)
  const { header_bytes } = layout.message
  const differs = (begin: number, length: number): boolean =>
    Buffer.compare(left.subarray(begin, begin + length), right.subarray(begin, begin + length)) !== 0
  const found = a.sender === accept.sender ? [] : ['sender']
  const header = headerFields(layout, right[0]!)
  for (const field of header) if (differs(field.offset, fieldBytes(field.type))) found.push(field.name)
  const inFields = new Set(
    header.flatMap((field) => Array.from({ length: fieldBytes(field.type) }, (_, i) => field.offset + i)),
  )
  for (let word = 0; word < header_bytes; word += 4) {
    if ([0, 1, 2, 3].some((i) => !inFields.has(word + i) && differs(word + i, 1))) found.push('reserved')
  }
  const bodyFrom =
    typeOf(layout, right[0]!)?.prefix === true ? header_bytes + layout.version_prefix.bytes : header_bytes
  const bodies: string[] = []
  if (bodyFrom > header_bytes) {
    for (const field of layout.version_prefix.fields) {
      if (differs(header_bytes + field.offset, fieldBytes(field.type))) bodies.push(field.name)
    }
  }
  if (differs(bodyFrom, layout.message.bytes - bodyFrom)) bodies.push('body')
  if (bodies.length > 0 && found.length === 1 && found[0] === 'body_length') return ['body']
  return [...found, ...bodies]
}

function stream(layout: Layout, one: StreamCase, all: readonly StreamCase[]): object {
  const { id, rules, comment, messages, result } = one
  const pair =
    one.result === 'reject' ? all.find((other) => other.id === one.pair && other.result === 'accept') : undefined
  if (one.result === 'reject' && pair === undefined) throw new Error(`vectors: ${id} has no accept ${one.pair}`)
  for (const [i, each] of messages.entries()) {
    if (pair === undefined || i === one.at) continue
    if (differences(layout, each, pair.messages[i]!).length > 0)
      throw new Error(`vectors: ${id} differs from ${pair.id} at message ${i} too`)
  }
  return {
    id,
    rules,
    comment,
    messages: messages.map((each) => ({
      ...message(layout, each),
      ...(each.proto === undefined ? {} : { proto: each.proto }),
    })),
    ...(one.missing === undefined ? {} : { missing: one.missing }),
    result,
    ...(result === 'reject' ? { rule: one.rule, at: one.at, accept_pair: one.pair } : {}),
  }
}
