/** Reads the little programs that the conformance suite sends to `interp`: one byte says what, its operands follow. */

/** One instruction with its operands. `bad`: what follows is no instruction, or was cut off. */
export type Instruction =
  | { readonly op: 'echo'; readonly bytes: Uint8Array }
  | {
      readonly op: 'fail'
      readonly reason: number
      readonly retry: number
      readonly code: string
      readonly message: string
    }
  | { readonly op: 'throw'; readonly message: string }
  | { readonly op: 'sleep' | 'spawn' | 'burn'; readonly ms: number }
  | { readonly op: 'pattern'; readonly count: number; readonly seed: number }
  | { readonly op: 'checksum'; readonly bytes: Uint8Array }
  | {
      readonly op: 'call'
      readonly inBackground: boolean
      readonly name: string
      readonly timeoutMs: number
      readonly input: Uint8Array
    }
  | { readonly op: 'join' | 'cancelled' | 'context' }
  | { readonly op: 'stdout' | 'stderr' | 'capacity'; readonly count: number }
  | { readonly op: 'exit' | 'signal' | 'content'; readonly value: number }
  | { readonly op: 'log'; readonly level: number; readonly message: string }
  | { readonly op: 'stream'; readonly parts: number; readonly size: number; readonly seed: number }
  | { readonly op: 'bad' }

class CutOff extends Error {}

/** Takes operands from a program, in order. */
class Operands {
  readonly #bytes: Uint8Array
  readonly #data: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  u8(): number {
    return this.#data.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#data.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#data.getUint32(this.#take(4), true)
  }

  bytes(count: number): Uint8Array {
    const from = this.#take(count)
    return this.#bytes.slice(from, from + count)
  }

  text(count: number): string {
    return new TextDecoder().decode(this.bytes(count))
  }

  #take(count: number): number {
    const from = this.#at
    if (from + count > this.#bytes.length) throw new CutOff()
    this.#at += count
    return from
  }
}

/** The instructions of a program. What cannot be read ends it with `bad`; those before it run all the same. */
export function instructions(program: Uint8Array): Instruction[] {
  const operands = new Operands(program)
  const list: Instruction[] = []
  while (!operands.done) {
    try {
      list.push(instruction(operands))
    } catch (error) {
      if (!(error instanceof CutOff)) throw error
      list.push({ op: 'bad' })
    }
    if (list.at(-1)!.op === 'bad') break
  }
  return list
}

function instruction(from: Operands): Instruction {
  switch (from.u8()) {
    case 0x01:
      return { op: 'echo', bytes: from.bytes(from.u32()) }
    case 0x02:
      return {
        op: 'fail',
        reason: from.u8(),
        retry: from.u8(),
        code: from.text(from.u8()),
        message: from.text(from.u16()),
      }
    case 0x03:
      return { op: 'throw', message: from.text(from.u16()) }
    case 0x04:
      return { op: 'sleep', ms: from.u32() }
    case 0x05:
      return { op: 'pattern', count: from.u32(), seed: from.u32() }
    case 0x06:
      return { op: 'checksum', bytes: from.bytes(from.u32()) }
    case 0x07:
      return {
        op: 'call',
        inBackground: (from.u8() & 1) !== 0,
        name: from.text(from.u8()),
        timeoutMs: from.u32(),
        input: from.bytes(from.u32()),
      }
    case 0x08:
      return { op: 'join' }
    case 0x09:
      return { op: 'stdout', count: from.u32() }
    case 0x0a:
      return { op: 'stderr', count: from.u32() }
    case 0x0b:
      return { op: 'exit', value: from.u8() }
    case 0x0c:
      return { op: 'signal', value: from.u8() }
    case 0x0d:
      return { op: 'spawn', ms: from.u32() }
    case 0x0e:
      return { op: 'cancelled' }
    case 0x0f:
      return { op: 'context' }
    case 0x10:
      return { op: 'log', level: from.u8(), message: from.text(from.u16()) }
    case 0x11:
      return { op: 'stream', parts: from.u32(), size: from.u32(), seed: from.u32() }
    case 0x12:
      return { op: 'capacity', count: from.u32() }
    case 0x13:
      return { op: 'content', value: from.u8() }
    case 0x14:
      return { op: 'burn', ms: from.u32() }
    default:
      return { op: 'bad' }
  }
}
