/** Where a text stops being JSON: V8's own message leaves the position out for short texts. */

// A string's characters are all from the space on but the quote and the backslash.
const SPACE = /[ \t\n\r]*/y
const VALUE =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Says what is wrong with a text that `JSON.parse` refused, with line and column from 1. Bounded by the text: no
 * recursion. For a text that is JSON after all it says so.
 */
export function jsonFault(text: string): string {
  const closers: string[] = []
  let at = 0
  /** What may stand here: a value, an object's key, or what follows a value. `first` allows the closer as well. */
  let state: 'value' | 'key' | 'after' = 'value'
  let first = false
  for (;;) {
    at = skip(SPACE, text, at)
    const character = text[at]
    const closer = closers.at(-1)
    if (state === 'after') {
      if (closer === undefined) return character === undefined ? 'nothing is wrong with it' : fault(text, at, 'the end')
      if (character === closer) {
        closers.pop()
        at += 1
      } else if (character === ',') {
        at += 1
        state = closer === '}' ? 'key' : 'value'
        first = false
      } else return fault(text, at, `',' or '${closer}'`)
      continue
    }
    if (first && character === closer) {
      closers.pop()
      at += 1
      state = 'after'
      first = false
      continue
    }
    first = false
    if (state === 'key') {
      const end = character === '"' ? skip(VALUE, text, at) : at
      if (end === at) return fault(text, at, 'a key in double quotes')
      at = skip(SPACE, text, end)
      if (text[at] !== ':') return fault(text, at, "':'")
      at += 1
      state = 'value'
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']')
      state = character === '{' ? 'key' : 'value'
      first = true
      at += 1
    } else {
      const end = skip(VALUE, text, at)
      if (end === at) return fault(text, at, 'a value')
      at = end
      state = 'after'
    }
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function fault(text: string, at: number, expected: string): string {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  const found = at >= text.length ? 'the text ends' : `found ${JSON.stringify(text.slice(at, at + 12))}`
  return `${found} at line ${line}, column ${column} (position ${at}), where ${expected} should be`
}
