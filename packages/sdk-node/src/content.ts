/** Payload bytes to values and back, by content. */
import { Content } from '@millrace/protocol'
import { MillraceError } from './errors.ts'
import { jsonFault } from './json-fault.ts'

/**
 * The value of a text payload, by its content: a string for text, an array for NDJSON, otherwise parsed JSON. An empty
 * payload is `undefined`. Bytes without a known content are tried as JSON.
 *
 * @param what Names the payload in the error, such as `input of greet`.
 * @throws MillraceError `bad_input` that names the position of the fault.
 */
export function parseText(text: string, content: number, what: string): unknown {
  if (content === Content.TEXT) return text
  if (text === '') return undefined
  if (content === Content.NDJSON)
    return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parse(line, what)]))
  return parse(text, what)
}

/** The output of a call as a value, by its content: what is neither JSON nor text stays bytes, which are the caller's own. */
export function parseOutput(bytes: Uint8Array, content: number, what: string): unknown {
  if (content !== Content.JSON && content !== Content.TEXT && content !== Content.NDJSON) return bytes
  return parseText(decode(bytes), content, what)
}

/** UTF-8 to text. Bytes that are no UTF-8 become U+FFFD. */
export function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** A value as JSON text; `undefined` as no text at all. Throws what `JSON.stringify` throws. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MillraceError('bad_input', `${what} is not JSON: ${jsonFault(text)}`, { cause: error })
  }
}
