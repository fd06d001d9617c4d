/**
 * Protobuf bytes written by hand, so that the golden bodies of cold messages do not come from the library
 * that is tested with them. Fields are written in the order given, which must be rising.
 */
import { text } from './message.ts'

type Value = number | string | Uint8Array

/** One protobuf message: pairs of field number and value. A number is a varint; text and bytes are length-delimited. */
export function protobuf(...fields: readonly (readonly [number, Value])[]): Uint8Array {
  return join(
    ...fields.map(([number, value]) => {
      if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)])
      const bytes = typeof value === 'string' ? text(value) : value
      return join(Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes)
    }),
  )
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** The 16-byte version prefix of HELLO, WELCOME and GOODBYE. */
export function versionPrefix(magic: string, min: number, max: number, reserved = 0): Uint8Array {
  const bytes = new Uint8Array(16)
  bytes.set(text(magic), 0)
  const data = new DataView(bytes.buffer)
  data.setUint16(8, min, true)
  data.setUint16(10, max, true)
  data.setUint32(12, reserved, true)
  return bytes
}
