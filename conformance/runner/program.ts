/** Makes the programs of `interp` from their YAML form; the byte-code is in `conformance/FIXTURE.md`. */
import { REASONS, type ReasonName } from '@millrace/protocol'
import type { Values } from './values.ts'

/** One instruction as a case writes it: its name alone, or a mapping of its name to its operands. */
export type ProgramStep = string | Readonly<Record<string, unknown>>

const LEVELS: Readonly<Record<string, number>> = { debug: 1, info: 2, warn: 3, error: 4 }
const RETRY: Readonly<Record<string, number>> = { unsaid: 0, yes: 1, no: 2 }

/** The bytes of a program. Throws for an instruction that does not exist: a fault of the case. */
export function encodeProgram(steps: readonly ProgramStep[], values: Values): Uint8Array {
  const parts: Uint8Array[] = []
  for (const step of steps) {
    const [name, operands] = typeof step === 'string' ? [step, undefined] : Object.entries(step)[0]!
    parts.push(encode(name, operands, values))
  }
  return Buffer.concat(parts)
}

function encode(name: string, operands: unknown, values: Values): Uint8Array {
  const number = (): number => values.number(operands)
  const pair = (operands ?? []) as readonly unknown[]
  const map = (operands ?? {}) as Readonly<Record<string, unknown>>
  switch (name) {
    case 'echo':
      return op(0x01, sized32(values.bytes(operands)))
    case 'fail':
      return op(
        0x02,
        u8(REASONS[map.reason as ReasonName]?.value ?? values.number(map.reason)),
        u8(RETRY[String(map.retry ?? 'unsaid')]!),
        sized8(text(map.code)),
        // `long`: a message of so many letters.
        sized16(map.long === undefined ? text(map.message) : new Uint8Array(values.number(map.long)).fill(0x61)),
      )
    case 'throw':
      return op(0x03, sized16(text(operands)))
    case 'sleep':
      return op(0x04, u32(number()))
    case 'pattern':
      return op(0x05, u32(values.number(pair[0])), u32(values.number(pair[1])))
    case 'checksum':
      return op(0x06, sized32(values.bytes(operands)))
    case 'call':
      return op(
        0x07,
        u8(map.background === true ? 1 : 0),
        sized8(text(map.function)),
        u32(values.number(map.timeout_ms ?? 0)),
        sized32(values.bytes(map.input ?? '')),
      )
    case 'join':
      return op(0x08)
    case 'stdout':
      return op(0x09, u32(number()))
    case 'stderr':
      return op(0x0a, u32(number()))
    case 'exit':
      return op(0x0b, u8(number()))
    case 'signal':
      return op(0x0c, u8(number()))
    case 'spawn':
      return op(0x0d, u32(number()))
    case 'cancelled':
      return op(0x0e)
    case 'context':
      return op(0x0f)
    case 'log':
      return op(0x10, u8(LEVELS[String(map.level)]!), sized16(text(map.message)))
    case 'stream':
      return op(0x11, u32(values.number(pair[0])), u32(values.number(pair[1])), u32(values.number(pair[2])))
    case 'capacity':
      return op(0x12, u32(number()))
    case 'content':
      return op(0x13, u8(number()))
    case 'burn':
      return op(0x14, u32(number()))
    case 'raw':
      return Buffer.from(String(operands), 'hex')
    default:
      throw new Error(`interp has no instruction ${name}`)
  }
}

function op(code: number, ...operands: Uint8Array[]): Uint8Array {
  return Buffer.concat([u8(code), ...operands])
}

function text(value: unknown): Uint8Array {
  return Buffer.from(String(value ?? ''))
}

function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

function sized8(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([u8(bytes.length), bytes])
}

function sized16(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([u32(bytes.length).subarray(0, 2), bytes])
}

function sized32(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([u32(bytes.length), bytes])
}
