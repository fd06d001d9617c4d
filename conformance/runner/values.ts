/** The values of one run of a case: names that it gave to bytes and numbers, and random ones from its seed. */
import { crc32 } from 'node:zlib'
import { encodeProgram, type ProgramStep } from './program.ts'
import { pattern, type Random } from './random.ts'

/** Bytes as a case writes them: a text, or a mapping with one of these keys. */
export interface BytesForm {
  readonly text?: string
  readonly hex?: string
  /** So many bytes from the seed. */
  readonly random?: unknown
  /** So many zero bytes. */
  readonly zero?: unknown
  /** `[count, seed]`: pattern bytes. */
  readonly pattern?: readonly unknown[]
  /** Bytes that were given a name before. */
  readonly 'same-as'?: string
  /** CRC-32 of bytes that were given a name before, as u32. */
  readonly 'crc-of'?: string
  readonly program?: readonly ProgramStep[]
  /** Several, one after the other. */
  readonly join?: readonly unknown[]
  /** A name for these bytes. */
  readonly as?: string
}

export class Values {
  readonly random: Random
  readonly #bytes = new Map<string, Uint8Array>()
  readonly #numbers = new Map<string, number>()

  constructor(random: Random) {
    this.random = random
  }

  setNumber(name: string, value: number): void {
    this.#numbers.set(name, value)
  }

  setBytes(name: string, value: Uint8Array): void {
    this.#bytes.set(name, value)
  }

  has(name: string): boolean {
    return this.#numbers.has(name)
  }

  /** A number as it is, a `$name` that was captured, or `{ random: [min, max] }`. */
  number(form: unknown): number {
    if (typeof form === 'number') return form
    if (typeof form === 'string' && form.startsWith('$')) {
      const value = this.#numbers.get(form.slice(1))
      if (value === undefined) throw new Error(`the case uses ${form} before anything gave it a value`)
      return value
    }
    if (typeof form === 'object' && form !== null && 'random' in form) {
      const [min, max] = form.random as [number, number]
      return this.random.between(min, max)
    }
    if (typeof form === 'string' && /^\d+$/.test(form)) return Number(form)
    throw new Error(`${JSON.stringify(form)} is no number`)
  }

  /** The bytes that a form stands for. */
  bytes(form: unknown): Uint8Array {
    if (form === undefined) return new Uint8Array(0)
    if (typeof form === 'string') return Buffer.from(form)
    const map = form as BytesForm
    const bytes = this.#make(map)
    if (map.as !== undefined) this.setBytes(map.as, bytes)
    return bytes
  }

  /** Bytes that were given a name. */
  named(name: string): Uint8Array {
    const bytes = this.#bytes.get(name)
    if (bytes === undefined) throw new Error(`the case uses the bytes ${name} before anything gave them a value`)
    return bytes
  }

  #make(form: BytesForm): Uint8Array {
    if (form.text !== undefined) return Buffer.from(form.text)
    if (form.hex !== undefined) return Buffer.from(form.hex.replaceAll(/\s/g, ''), 'hex')
    if (form.random !== undefined) return this.random.bytes(this.number(form.random))
    if (form.zero !== undefined) return new Uint8Array(this.number(form.zero))
    if (form.pattern !== undefined) return pattern(this.number(form.pattern[0]), this.number(form.pattern[1]))
    if (form['same-as'] !== undefined) return this.named(form['same-as'])
    if (form['crc-of'] !== undefined) {
      const crc = new Uint8Array(4)
      new DataView(crc.buffer).setUint32(0, crc32(this.named(form['crc-of'])), true)
      return crc
    }
    if (form.program !== undefined) return encodeProgram(form.program, this)
    if (form.join !== undefined) return Buffer.concat(form.join.map((part) => this.bytes(part)))
    throw new Error(`${JSON.stringify(form)} is no bytes`)
  }
}
