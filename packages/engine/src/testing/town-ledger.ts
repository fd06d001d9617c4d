/** What a simulated town knows of all its calls, so that it can tell whether the engine kept its word. */
import type { CallRecord } from '../options.ts'

/** Something that must never happen has happened. */
export class TownFault extends Error {
  override readonly name = 'TownFault'
}

/** FNV-1a over bytes; tells two payloads, or two histories, apart. */
export function digest(bytes: Uint8Array, from = 0x811c_9dc5): number {
  let hash = from
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193)
  return Math.imul(hash ^ bytes.length, 0x0100_0193) >>> 0
}

/** The books of a town: payloads by the number that each input begins with, records, and the history as one number. */
export class TownLedger {
  /** Digest of each input, by its number. */
  readonly #inputs = new Map<number, number>()
  /** Digest of the last output that a callee finished, by the number of the input. */
  readonly #outputs = new Map<number, number>()
  readonly #records = new Set<number>()
  #highestRecord = 0
  #numbers = 0
  #history = 0
  /** How often each outcome was recorded. */
  readonly outcomes = new Map<string, number>()
  /** The reasons of failures that callers were told, whether or not a call had entered. */
  readonly told = new Set<string>()
  /** The last events, for whoever has to understand a failure. */
  readonly last: string[] = []

  /** An input of `size` bytes that begins with a number of its own; below four bytes it has none. */
  input(size: number, fill: () => number): { readonly number: number; readonly bytes: Uint8Array } {
    const bytes = new Uint8Array(size)
    for (let i = 0; i < size; i += 1) bytes[i] = fill()
    if (size < 4) return { number: 0, bytes }
    this.#numbers += 1
    new DataView(bytes.buffer).setUint32(0, this.#numbers, true)
    this.#inputs.set(this.#numbers, digest(bytes))
    return { number: this.#numbers, bytes }
  }

  /** A callee has all of an input: it must be what its caller sent. Returns its number. */
  received(bytes: Uint8Array): number {
    const number = this.numberOf(bytes)
    if (number !== 0 && this.#inputs.get(number) !== digest(bytes)) {
      throw new TownFault(`input ${number} came with other bytes than it left with (${bytes.length} bytes)`)
    }
    return number
  }

  /** The number that an input begins with; 0: none. */
  numberOf(bytes: Uint8Array): number {
    return bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  }

  /** A callee ends the call of input `number` with this output. */
  answered(number: number, output: Uint8Array): void {
    if (number !== 0) this.#outputs.set(number, digest(output))
  }

  /** A caller has the outcome ok: its output must be what the callee sent. */
  arrived(number: number, output: Uint8Array): void {
    if (number !== 0 && this.#outputs.get(number) !== digest(output)) {
      throw new TownFault(`the output of input ${number} is not what its callee sent (${output.length} bytes)`)
    }
  }

  /** The engine recorded the end of a call. */
  record(record: CallRecord): void {
    if (this.#records.has(record.id)) throw new TownFault(`call ${record.id} ended twice`)
    this.#records.add(record.id)
    this.#highestRecord = Math.max(this.#highestRecord, record.id)
    this.outcomes.set(record.outcome, (this.outcomes.get(record.outcome) ?? 0) + 1)
    this.note(
      `call ${record.id} of ${record.function} under ${record.parentId}: ${record.outcome} at ${record.totalUs}`,
    )
  }

  /** After the end of the engine: every call that entered must have ended, and the counters must say the same. */
  close(functions: Iterable<{ readonly name: string; readonly ok: number; readonly failed: number }>): void {
    if (this.#records.size !== this.#highestRecord) {
      throw new TownFault(`${this.#highestRecord} calls entered, but ${this.#records.size} ended`)
    }
    let counted = 0
    for (const { ok, failed } of functions) counted += ok + failed
    if (counted > this.#records.size) throw new TownFault(`${counted} calls counted, but ${this.#records.size} ended`)
  }

  /** Puts an event into the history. */
  note(event: string): void {
    this.#history = digest(new TextEncoder().encode(event), this.#history)
    this.last.push(event)
    if (this.last.length > LAST_EVENTS) this.last.shift()
  }

  /** The history so far as one number: the same seed gives the same. */
  get history(): number {
    return this.#history
  }

  /** Calls that ended. */
  get calls(): number {
    return this.#records.size
  }
}

/** Events kept for the report of a failure. */
const LAST_EVENTS = 60
