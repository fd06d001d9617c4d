/** Why a program could not start, in its own words: the first lines that its workers wrote to standard error. Pure. */

/** Lines that are kept of a program. The cause comes first; a long trace after it adds nothing to one line. */
const LINES_MAX = 32

/** What the SDK's host begins its own lines with. */
const HOST_PREFIX = 'millrace worker: '

export class LastWords {
  readonly #lines = new Map<string, string[]>()

  /** A worker of `program` wrote a line. */
  heard(program: string, stream: 'stdout' | 'stderr', line: string): void {
    if (stream === 'stdout' || line.trim() === '') return
    const lines = this.#lines.get(program)
    if (lines === undefined) this.#lines.set(program, [line])
    else if (lines.length < LINES_MAX) lines.push(line)
  }

  /** The program is tried anew, or has come up: what was said is past. */
  forget(program: string): void {
    this.#lines.delete(program)
  }

  /** The engine's message with the program's own cause before it, as one line. */
  explain(program: string, message: string): string {
    const cause = causeOf(this.#lines.get(program) ?? [])
    return cause === undefined ? message : `${cause} (${message})`
  }
}

function causeOf(lines: readonly string[]): string | undefined {
  // `SyntaxError: …` of Node and of Python alike: the line that says what is wrong, wherever it stands in the trace.
  const error = lines.find((line) => /^[A-Za-z_.]*(Error|Exception)\b.*:/.test(line))
  const first = lines[0]
  if (first === undefined) return undefined
  if (!first.startsWith(HOST_PREFIX)) return error ?? first.trim()
  const said = first.slice(HOST_PREFIX.length).trim()
  return said.endsWith(':') && error !== undefined ? `${said} ${error}` : said
}
