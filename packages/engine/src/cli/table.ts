/** Rows of text as columns. Pure. */

/** Lines of a table: two spaces between columns, no space at a line's end. */
export function tableLines(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** Microseconds with three digits and a fitting unit: `312 µs`, `3.12 ms`, `31.2 ms`, `1.20 s`. */
export function timeText(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`
  if (us < 999_500) return `${threeDigits(us / 1_000)} ms`
  return `${threeDigits(us / 1_000_000)} s`
}

function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}

/** `1 worker`, `2 workers`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
