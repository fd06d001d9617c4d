/** Messages as annotated hexadecimal, in the form of the examples of the spec. Pure. */
import { HEADER_BYTES, OFFSET, TYPES } from '@millrace/protocol'
import type { TranscriptEntry } from '../runner/transcript.ts'

const WIDTH: Readonly<Record<string, number>> = {
  type: 1,
  flags: 1,
  body_length: 2,
  call_id: 4,
  function_id: 4,
  payload_length: 4,
  timeout_us: 4,
  run_us: 4,
  credit: 4,
  capacity: 4,
  nonce: 4,
  pid: 4,
  parent_call_id: 4,
  status: 4,
  open_calls: 4,
  exit_code: 4,
  queue_us: 4,
  attempt: 4,
  cpu_us: 4,
  trace_id: 16,
  span_id: 8,
  trace_flags: 1,
  priority: 1,
  depth: 1,
  content: 1,
}

/** Lines of one entry: who sent what, then its bytes field by field. */
export function dumpEntry(entry: TranscriptEntry): string[] {
  const arrow = entry.from === 'runner' ? 'runner -> peer' : 'peer -> runner'
  const head = `#${entry.number} ${entry.channel} ${arrow}: ${entry.summary}`
  return entry.hex === '' ? [head] : [head, ...dumpBytes(Buffer.from(entry.hex, 'hex'))]
}

function dumpBytes(bytes: Buffer): string[] {
  const info = TYPES[bytes[0]!]
  const names = ['type', 'flags', 'body_length', 'call_id', ...(info?.uses ?? [])]
  const places = names
    .map((name) => ({ name, at: (OFFSET as Readonly<Record<string, number>>)[name]!, bytes: WIDTH[name]! }))
    .sort((a, b) => a.at - b.at)
  const lines: string[] = []
  let at = 0
  for (const place of places) {
    if (place.at > at) lines.push(...reserved(bytes, at, place.at))
    const part = bytes.subarray(place.at, place.at + place.bytes)
    lines.push(
      line(
        part,
        `${place.name}${place.bytes <= 4 ? ` ${part.readUIntLE(0, place.bytes)}` : ''}${place.name === 'type' ? ` ${info?.name ?? 'unknown'}` : ''}`,
      ),
    )
    at = place.at + place.bytes
  }
  if (at < HEADER_BYTES) lines.push(...reserved(bytes, at, HEADER_BYTES))
  for (let from = HEADER_BYTES; from < bytes.length; from += 16) {
    const part = bytes.subarray(from, from + 16)
    lines.push(line(part, `body ${from - HEADER_BYTES}: ${printable(part)}`))
  }
  return lines
}

/** Reserved bytes: one line when they are zero, as they must be. */
function reserved(bytes: Buffer, from: number, to: number): string[] {
  const part = bytes.subarray(from, to)
  if (part.every((byte) => byte === 0)) return [line(Buffer.alloc(0), `${to - from} reserved bytes, zero`)]
  return [line(part.subarray(0, 16), `reserved, bytes ${from} to ${to - 1}: NOT ZERO`)]
}

function line(bytes: Buffer, what: string): string {
  const hex = bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ')
  return `    ${hex.padEnd(47)} # ${what}`
}

function printable(bytes: Buffer): string {
  return [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
}
