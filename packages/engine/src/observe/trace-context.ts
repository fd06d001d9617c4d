/**
 * W3C Trace Context, the `traceparent` header: `00-<32 hex>-<16 hex>-<2 hex>`. Pure.
 *
 * A header that breaks the form is ignored, and a new trace begins, as the recommendation says in "Processing Model".
 * `tracestate` is neither read nor passed on.
 */

/** Where a call stands in a trace. */
export interface TraceContext {
  /** 16 bytes, not all zero. */
  readonly traceId: Uint8Array
  /** 8 bytes, not all zero: the span above. */
  readonly spanId: Uint8Array
  /** Trace flags, 0 to 255; bit 0 is sampled. */
  readonly flags: number
}

/** Characters of a version 00 header, and of the part of a later version that means the same. */
const CHARACTERS = 55
const TRACE_ID_BEGIN = 3
const SPAN_ID_BEGIN = 36
const FLAGS_BEGIN = 53
const DASH = 0x2d
/** Sampled, and (level 2) random trace id. The other bits must not be passed on by who does not know them. */
const FLAGS_KNOWN = 0b11

/** Value of each lower-case hexadecimal digit by its character code; 255 for everything else. */
const NIBBLE = new Uint8Array(128).fill(255)
/** Two hexadecimal digits of each byte. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
for (const [value, digit] of [...'0123456789abcdef'].entries()) NIBBLE[digit.charCodeAt(0)] = value

/**
 * Reads a `traceparent` header. Undefined when it is none that may be continued: wrong length, upper case, version ff,
 * an id of zeros, two headers joined by a comma. A later version is read as far as version 00 goes.
 */
export function parseTraceparent(header: string): TraceContext | undefined {
  if (header.length < CHARACTERS) return undefined
  const version = readByte(header, 0)
  if (version < 0 || version === 0xff) return undefined
  if (header.length > CHARACTERS && (version === 0 || header.charCodeAt(CHARACTERS) !== DASH)) return undefined
  if (header.charCodeAt(TRACE_ID_BEGIN - 1) !== DASH) return undefined
  if (header.charCodeAt(SPAN_ID_BEGIN - 1) !== DASH) return undefined
  if (header.charCodeAt(FLAGS_BEGIN - 1) !== DASH) return undefined
  const flags = readByte(header, FLAGS_BEGIN)
  const traceId = readId(header, TRACE_ID_BEGIN, 16)
  const spanId = readId(header, SPAN_ID_BEGIN, 8)
  if (flags < 0 || traceId === undefined || spanId === undefined) return undefined
  return { traceId, spanId, flags: flags & FLAGS_KNOWN }
}

/** A version 00 header from ids in lower-case hexadecimal: 32 digits, 16 digits, and the flags, 0 to 255. */
export function formatTraceparent(traceId: string, spanId: string, flags: number): string {
  return `00-${traceId}-${spanId}-${HEX[flags & FLAGS_KNOWN]}`
}

/** `bytes[from, to)` in lower-case hexadecimal. */
export function toHex(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ''
  for (let i = from; i < to; i += 1) text += HEX[bytes[i]!]
  return text
}

/** The byte in two digits at `at`, or -1 when they are none. */
function readByte(text: string, at: number): number {
  const high = text.charCodeAt(at)
  const low = text.charCodeAt(at + 1)
  if (high >= 128 || low >= 128) return -1
  const byte = (NIBBLE[high]! << 4) | NIBBLE[low]!
  return NIBBLE[high] === 255 || NIBBLE[low] === 255 ? -1 : byte
}

/** `count` bytes that are not all zero, or undefined. */
function readId(text: string, at: number, count: number): Uint8Array | undefined {
  const id = new Uint8Array(count)
  let seen = 0
  for (let i = 0; i < count; i += 1) {
    const byte = readByte(text, at + 2 * i)
    if (byte < 0) return undefined
    id[i] = byte
    seen |= byte
  }
  return seen === 0 ? undefined : id
}
