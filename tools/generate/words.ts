/** Turns names of the layout (`parent_call_id`, `PAYLOAD_FILE`, `shm-ring`) into each language's own spelling. */

const INITIALISMS = new Set(['id', 'json', 'cbor', 'cpu', 'http', 'ok'])

const parts = (name: string): string[] => name.toLowerCase().split(/[_\- ]/)
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `parent_call_id` → `parentCallId`. */
export function camel(name: string): string {
  const [first, ...rest] = parts(name)
  return [first, ...rest.map(capital)].join('')
}

/** `parent_call_id` → `ParentCallId`. */
export function pascal(name: string): string {
  return parts(name).map(capital).join('')
}

/** `parent_call_id` → `PARENT_CALL_ID`. */
export function upper(name: string): string {
  return parts(name).join('_').toUpperCase()
}

/** `parent_call_id` → `ParentCallID`: Go spells initialisms in one case. */
export function goPascal(name: string): string {
  return parts(name)
    .map((word) => (INITIALISMS.has(word) ? word.toUpperCase() : capital(word)))
    .join('')
}

/** `parent_call_id` → `parentCallID`. */
export function goCamel(name: string): string {
  const [first = '', ...rest] = parts(name)
  return first + rest.map((word) => (INITIALISMS.has(word) ? word.toUpperCase() : capital(word))).join('')
}

/** Breaks a text into lines of at most `columns` characters, each begun with `prefix`. */
export function wrap(text: string, prefix: string, columns: number): string[] {
  const lines: string[] = []
  let line = prefix
  for (const word of text.split(' ')) {
    const longer = line === prefix ? prefix + word : `${line} ${word}`
    if (longer.length > columns && line !== prefix) {
      lines.push(line)
      line = prefix + word
    } else {
      line = longer
    }
  }
  lines.push(line)
  return lines
}
