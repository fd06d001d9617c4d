/** The two streams that people and scripts read: `out` for data, `err` for people. Colour only where it is seen. */
import { styleText } from 'node:util'
import { TERMINAL_BACKLOG_BYTES_MAX } from './limits.ts'

export type Tint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** What the command needs of a writable stream. */
export interface TextStream {
  readonly isTTY?: boolean
  readonly writableLength: number
  write(text: string): unknown
}

export class Terminal {
  readonly #out: TextStream
  readonly #err: TextStream
  readonly #colorOut: boolean
  readonly #colorErr: boolean
  #dropped = 0

  /** `environment` decides over colour: `NO_COLOR` forbids it, `FORCE_COLOR` asks for it, else a terminal gets it. */
  constructor(out: TextStream, err: TextStream, environment: Readonly<Record<string, string | undefined>>) {
    this.#out = out
    this.#err = err
    this.#colorOut = wantsColor(out, environment)
    this.#colorErr = wantsColor(err, environment)
  }

  /** Whether standard output is a terminal, and not a pipe or file. */
  get interactive(): boolean {
    return this.#out.isTTY === true
  }

  get colors(): boolean {
    return this.#colorOut
  }

  /** Writes one line to standard output. */
  line(text: string): void {
    this.#out.write(`${text}\n`)
  }

  /** As `line`, but a reader that has fallen far behind loses it, and is told of how many. For running commentary. */
  commentary(text: string): void {
    if (this.#out.writableLength > TERMINAL_BACKLOG_BYTES_MAX) {
      this.#dropped += 1
      return
    }
    if (this.#dropped > 0) {
      this.line(`(${this.#dropped} lines not shown: the terminal was too slow)`)
      this.#dropped = 0
    }
    this.line(text)
  }

  /** Writes one line to standard error. */
  note(text: string): void {
    this.#err.write(`${text}\n`)
  }

  /** Writes a fault, one line or several, to standard error. */
  error(text: string): void {
    const mark = this.#colorErr ? paint('red', 'millrace:') : 'millrace:'
    this.note(`${mark} ${text}`)
  }

  /** Text for `line` and `commentary`, tinted when colours are seen there. */
  tint(tint: Tint, text: string): string {
    return this.#colorOut ? paint(tint, text) : text
  }
}

function paint(tint: Tint, text: string): string {
  return styleText(tint, text, { validateStream: false })
}

function wantsColor(stream: TextStream, environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false
  const force = environment.FORCE_COLOR
  if (force !== undefined && force !== '') return force !== '0'
  return stream.isTTY === true && environment.TERM !== 'dumb'
}
