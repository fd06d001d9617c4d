/**
 * Bytes of one vector message, made from the layout source alone: no code of the packages under test takes part.
 */
import { type Field, fieldBytes, fieldsOf, type Layout, type MessageType } from '../layout.ts'

export type Sender = 'worker' | 'engine'

/** One message as a table of cases says it. */
export interface MessageCase {
  readonly sender: Sender
  /** A type's name, or a number for a type that this version does not have. */
  readonly type: string | number
  /** Header fields by name: numbers, or hexadecimal text for byte fields. Those left out are zero. */
  readonly fields?: Readonly<Record<string, number | string>>
  /** Body bytes; `body_length` follows from them unless `fields` says otherwise. */
  readonly body?: Uint8Array
  /** Single header bytes set outside the type's fields, by offset. */
  readonly bytes?: Readonly<Record<number, number>>
}

/** The type of a number, or undefined when this version has none. */
export function typeOf(layout: Layout, type: string | number): MessageType | undefined {
  return layout.types.find((t) => t.name === type || t.value === type)
}

/** All 1,024 bytes. Throws when a field is not one of the type's or a value does not fit. */
export function encode(layout: Layout, from: MessageCase): Uint8Array {
  const message = new Uint8Array(layout.message.bytes)
  const body = from.body ?? new Uint8Array(0)
  if (body.length > layout.message.body_bytes) throw new Error(`body of ${body.length} bytes does not fit`)
  message.set(body, layout.message.header_bytes)
  const type = typeOf(layout, from.type)
  const number = type?.value ?? from.type
  if (typeof number !== 'number') throw new Error(`no type ${from.type} in spec/layout.yaml`)
  const values: Record<string, number | string> = { type: number, body_length: body.length, ...from.fields }
  const fields = new Map(headerFields(layout, number).map((field) => [field.name, field]))
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name)
    if (field === undefined) throw new Error(`${from.type} has no field ${name}; use \`bytes\` for reserved bytes`)
    write(message, field, value)
  }
  for (const [at, value] of Object.entries(from.bytes ?? {})) message[Number(at)] = value
  return message
}

/** The fields of a type, or those that every message has when the type is unknown. */
export function headerFields(layout: Layout, type: number): Field[] {
  const known = typeOf(layout, type)
  return known === undefined ? layout.fields.filter((field) => field.always === true) : fieldsOf(layout, known)
}

/** A field's value as a vector shows it: a number, or hexadecimal text for byte fields. */
export function read(message: Uint8Array, field: Field): number | string {
  const bytes = message.subarray(field.offset, field.offset + fieldBytes(field.type))
  if (bytes.length > 4) return hex(bytes)
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}

function write(message: Uint8Array, field: Field, value: number | string): void {
  const size = fieldBytes(field.type)
  if (typeof value === 'string') {
    const bytes = unhex(value)
    if (bytes.length !== size) throw new Error(`${field.name} takes ${size} bytes, not ${bytes.length}`)
    message.set(bytes, field.offset)
    return
  }
  if (size > 4 || value < 0 || value >= 2 ** (8 * size) || !Number.isInteger(value)) {
    throw new Error(`${field.name} is ${field.type} and cannot be ${value}`)
  }
  for (let i = 0; i < size; i += 1) message[field.offset + i] = Math.floor(value / 256 ** i) % 256
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function unhex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error(`not hexadecimal: ${text}`)
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/** A body whose byte `i` is `(31 i + 7) mod 256`, so that shifted or repeated bytes show. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (31 * i + 7) % 256)
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}
