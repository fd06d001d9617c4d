/** Byte diagrams as in RFCs, four bytes a row: of the header as a whole, of one type's header, of the version prefix. */
import { type Field, fieldBytes } from '../layout.ts'

const CELL = 14
const RULE = `     ${`+${'-'.repeat(CELL - 1)}`.repeat(4)}+`

/**
 * Draws `bytes` bytes. Bytes of no field show `0`; bytes that several fields share, in different types, show `by type`.
 * A field of more than four bytes has its name in its first row.
 */
export function diagram(fields: readonly Field[], bytes: number): string {
  const owners: Field[][] = Array.from({ length: bytes }, () => [])
  for (const field of fields) {
    for (let i = 0; i < fieldBytes(field.type); i += 1) owners[field.offset + i]!.push(field)
  }
  const label = (at: number): string => {
    const own = owners[at]!
    if (own.length === 0 || own[0]!.reserved === true) return '0'
    return own.length > 1 ? 'by type' : own[0]!.name
  }
  const same = (a: number, b: number): boolean => {
    const left = owners[a]!
    const right = owners[b]!
    return left.length === right.length && left.every((field, i) => field === right[i])
  }
  const lines = [`     ${['+0', '+1', '+2', '+3'].map((text) => ` ${text}`.padEnd(CELL)).join('')}`.trimEnd(), RULE]
  for (let row = 0; row < bytes; row += 4) {
    let line = `${String(row).padStart(4)} `
    for (let at = row; at < row + 4; ) {
      let end = at + 1
      while (end < row + 4 && same(at, end)) end += 1
      const goesOn =
        at > 0 && at % 4 === 0 && same(at, at - 1) && owners[at]!.length === 1 && fieldBytes(owners[at]![0]!.type) > 4
      line += `| ${(goesOn ? '' : label(at)).padEnd((end - at) * CELL - 2)}`
      at = end
    }
    lines.push(`${line}|`)
    const first = owners[row]!
    const wide = row + 4 < bytes && first.length === 1 && fieldBytes(first[0]!.type) > 4 && same(row, row + 4)
    lines.push(wide ? `     |${' '.repeat(4 * CELL - 1)}|` : RULE)
  }
  return ['```text', ...lines, '```'].join('\n')
}
