/** Compares what a command printed with what a text says it prints. Pure. */

/** Stands for any text within a line; alone on a line for any number of lines. */
const ANYTHING = '…'

/**
 * Why `printed` is not what `quoted` says; undefined: it is. `loose`: other lines may stand between the quoted ones.
 * Lines are compared without white space at their ends.
 */
export function mismatch(quoted: readonly string[], printed: readonly string[], loose = false): string | undefined {
  let at = 0
  let free = loose
  for (const line of quoted) {
    if (line.trim() === ANYTHING) {
      free = true
      continue
    }
    const pattern = linePattern(line)
    const found = printed.findIndex((one, index) => index >= at && pattern.test(one))
    if (found === -1) return `this line did not come: ${line}`
    if (!free && found !== at) return `this line came where another was quoted: ${printed[at]}`
    at = found + 1
    free = loose
  }
  if (!free && at < printed.length) return `this line came and is not quoted: ${printed[at]}`
  return undefined
}

/** What one quoted line means. */
export function linePattern(line: string): RegExp {
  const parts = line
    .trimEnd()
    .split(ANYTHING)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}\\s*$`)
}
