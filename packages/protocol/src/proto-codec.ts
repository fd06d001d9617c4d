/**
 * Reads and writes the protobuf messages of cold bodies, by the tables that `generated/cold-messages.ts` has of them.
 *
 * A general library costs a worker tens of milliseconds at its start, for three messages in its life (ADR 10). This takes
 * whatever a protobuf writer may write: fields in any order, repeated, unknown, of a wire type that is not theirs (then
 * unknown, too), varints of any width. `proto-codec.test.ts` holds it against `@bufbuild/protobuf`. Pure.
 */
import { isUtf8 } from 'node:buffer'

/** What a field holds: `map` is from text to text, and an `enum` is its number. */
export type FieldKind = 'uint32' | 'enum' | 'text' | 'message' | 'texts' | 'messages' | 'map'

/** Number, name in TypeScript, kind, and the messages in it. */
export type Field = readonly [number: number, name: string, kind: FieldKind, of?: ColdSchema<object>]

/** The table of one message. */
export interface ColdSchema<T extends object> {
  readonly fields: readonly Field[]
  /** Never there: the type of what the table describes. */
  readonly shape?: T
}

/** What a message is made of: any of its fields; the others are at their defaults. */
export type ColdInit<T> = T extends readonly (infer Item)[]
  ? readonly ColdInit<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: ColdInit<T[Key]> | undefined }
    : T

/** Groups of a later version are skipped; deeper ones than this are refused. Unit: groups inside of one another. */
const GROUP_DEPTH_MAX = 100
/** Bytes of the longest varint. */
const VARINT_BYTES_MAX = 10
const UINT32_MAX = 0xffff_ffff

const Wire = { VARINT: 0, FIXED64: 1, BYTES: 2, GROUP: 3, GROUP_END: 4, FIXED32: 5 } as const

const ENTRY_KEY = 1
const ENTRY_VALUE = 2
const ENTRY: ColdSchema<{ key: string; value: string }> = {
  fields: [
    [ENTRY_KEY, 'key', 'text'],
    [ENTRY_VALUE, 'value', 'text'],
  ],
}

/** The bytes are no protobuf message. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

type Values = Record<string, unknown>

/**
 * The bytes of a message. Defaults are left out, and half a surrogate pair becomes U+FFFD.
 *
 * @throws RangeError when a number is no integer from 0 to 4,294,967,295.
 */
export function encodeMessage(schema: ColdSchema<object>, init: object): Uint8Array {
  const out: Buffer[] = []
  for (const [number, name, kind, of] of schema.fields) {
    const value = (init as Values)[name]
    if (value === undefined) continue
    switch (kind) {
      case 'uint32':
      case 'enum':
        if (value !== 0) out.push(varint(number * 8 + Wire.VARINT), varint(uint32(name, value as number)))
        break
      case 'text':
        if (value !== '') pushBytes(out, number, Buffer.from(value as string))
        break
      case 'message':
        pushBytes(out, number, encodeMessage(of!, value as object))
        break
      case 'texts':
        for (const one of value as readonly string[]) pushBytes(out, number, Buffer.from(one))
        break
      case 'messages':
        for (const one of value as readonly object[]) pushBytes(out, number, encodeMessage(of!, one))
        break
      case 'map':
        for (const [key, one] of Object.entries(value as Record<string, string>)) {
          const entry: Buffer[] = []
          pushBytes(entry, ENTRY_KEY, Buffer.from(key))
          pushBytes(entry, ENTRY_VALUE, Buffer.from(one))
          pushBytes(out, number, Buffer.concat(entry))
        }
    }
  }
  return Buffer.concat(out)
}

function pushBytes(out: Buffer[], number: number, bytes: Uint8Array): void {
  out.push(varint(number * 8 + Wire.BYTES), varint(bytes.length), bytes as Buffer)
}

function uint32(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= UINT32_MAX) return value
  throw new RangeError(`${name} is ${value}; use an integer from 0 to ${UINT32_MAX}`)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** A message, with the defaults of what its bytes do not have. @throws MalformedError when they are no such message. */
export function decodeMessage(schema: ColdSchema<object>, bytes: Uint8Array): object {
  const values: Values = {}
  for (const [, name, kind] of schema.fields) if (kind !== 'message') values[name] = defaultOf(kind)
  read(schema, values, new Reader(bytes, 0, bytes.length))
  return values
}

function defaultOf(kind: FieldKind): unknown {
  switch (kind) {
    case 'uint32':
    case 'enum':
      return 0
    case 'text':
      return ''
    case 'map':
      return {}
    default:
      return []
  }
}

function read(schema: ColdSchema<object>, values: Values, reader: Reader): void {
  while (!reader.atEnd) {
    const { number, wire } = reader.tag()
    const field = schema.fields.find(([one]) => one === number)
    if (field === undefined || wire !== wireOf(field[2])) reader.skip(number, wire, 0)
    else readField(field, values, reader)
  }
}

function wireOf(kind: FieldKind): number {
  return kind === 'uint32' || kind === 'enum' ? Wire.VARINT : Wire.BYTES
}

function readField([, name, kind, of]: Field, values: Values, reader: Reader): void {
  switch (kind) {
    case 'uint32':
      values[name] = reader.varint() >>> 0
      return
    case 'enum':
      values[name] = reader.varint()
      return
    case 'text':
      values[name] = reader.text()
      return
    case 'texts':
      ;(values[name] as string[]).push(reader.text())
      return
    case 'messages':
      ;(values[name] as object[]).push(decodeMessage(of!, reader.bytes()))
      return
    case 'message': {
      // A second one adds to the first, as every protobuf reader has it.
      const bytes = reader.bytes()
      if (values[name] === undefined) values[name] = decodeMessage(of!, bytes)
      else read(of!, values[name] as Values, new Reader(bytes, 0, bytes.length))
      return
    }
    case 'map': {
      const { key, value } = decodeMessage(ENTRY, reader.bytes()) as { key: string; value: string }
      // An entry named __proto__ is one like any other.
      Object.defineProperty(values[name], key, { value, enumerable: true, configurable: true, writable: true })
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, begin: number, end: number) {
    this.#bytes = bytes
    this.#at = begin
    this.#end = end
  }

  get atEnd(): boolean {
    return this.#at === this.#end
  }

  tag(): { readonly number: number; readonly wire: number } {
    const tag = this.varint() >>> 0
    if (tag < 8) throw new MalformedError('a field has the number 0')
    return { number: tag >>> 3, wire: tag & 7 }
  }

  /** The low 32 bits, signed; what is above them is dropped, as every protobuf reader does. */
  varint(): number {
    let value = 0
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      if (this.#at === this.#end) throw new MalformedError('a varint is cut off')
      const byte = this.#bytes[this.#at]!
      this.#at += 1
      if (i < 5) value |= (byte & 0x7f) << (7 * i)
      if (byte < 0x80) return value
    }
    throw new MalformedError(`a varint has more than ${VARINT_BYTES_MAX} bytes`)
  }

  bytes(): Uint8Array {
    const length = this.varint() >>> 0
    const begin = this.#at
    this.#forward(length)
    return this.#bytes.subarray(begin, this.#at)
  }

  text(): string {
    const bytes = this.bytes()
    if (!isUtf8(bytes)) throw new MalformedError('a text is not UTF-8')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  }

  /** Passes over the value of a field whose tag was read. */
  skip(number: number, wire: number, depth: number): void {
    switch (wire) {
      case Wire.VARINT:
        this.varint()
        return
      case Wire.FIXED64:
        this.#forward(8)
        return
      case Wire.BYTES:
        this.bytes()
        return
      case Wire.FIXED32:
        this.#forward(4)
        return
      case Wire.GROUP:
        if (depth === GROUP_DEPTH_MAX) throw new MalformedError(`over ${GROUP_DEPTH_MAX} groups in one another`)
        for (;;) {
          const inner = this.tag()
          if (inner.wire !== Wire.GROUP_END) this.skip(inner.number, inner.wire, depth + 1)
          else if (inner.number === number) return
          else throw new MalformedError('a group ends that did not begin')
        }
      default:
        throw new MalformedError(`wire type ${wire}`)
    }
  }

  #forward(bytes: number): void {
    if (bytes > this.#end - this.#at) throw new MalformedError('a field is longer than its message')
    this.#at += bytes
  }
}
