import { Content } from '@millrace/protocol'
import { decode, parseText } from './content.ts'
import { MillraceError } from './errors.ts'
import type { CallListener } from './pending-call.ts'

/** The output of an internal call, for its reader to iterate. Failures wait until somebody iterates. */
export class OutputStream implements CallListener, AsyncIterableIterator<unknown> {
  readonly #what: string
  readonly #items: boolean
  readonly #onLeft: () => void
  readonly #begun: Promise<AsyncIterator<unknown>>
  #begin!: (iterator: AsyncIterator<unknown>) => void
  #fail!: (error: unknown) => void

  /**
   * `what` names it in errors. `items`: JSON output is parsed, and given item by item. `onLeft`: the reader left before
   * the first bytes came; later the payload itself tells.
   */
  constructor(what: string, items: boolean, onLeft: () => void) {
    this.#what = what
    this.#items = items
    this.#onLeft = onLeft
    this.#begun = new Promise((resolve, reject) => {
      this.#begin = resolve
      this.#fail = reject
    })
    // The reader may come late, or never: the failure is kept for it and must not end the process.
    this.#begun.catch(() => {})
  }

  onHead(output: AsyncIterableIterator<Uint8Array>, content: number): void {
    this.#begin(this.#items ? items(output, content, this.#what) : output)
  }

  /** The end of a stream is told by the payload. */
  onValue(): void {}

  onFailure(error: unknown): void {
    this.#fail(error)
  }

  async next(): Promise<IteratorResult<unknown>> {
    return (await this.#begun).next()
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#begin({ next: async () => ({ done: true, value: undefined }) })
    this.#onLeft()
    const iterator = await this.#begun.catch(() => undefined)
    await iterator?.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** The items of an output: the lines of NDJSON, or its one value. */
async function* items(
  output: AsyncIterableIterator<Uint8Array>,
  content: number,
  what: string,
): AsyncGenerator<unknown> {
  if (content === Content.BYTES) {
    yield* output
    return
  }
  /** Bytes since the last line end. */
  let rest: Uint8Array[] = []
  for await (const part of output) {
    let from = 0
    if (content === Content.NDJSON) {
      for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
        rest.push(part.subarray(from, end))
        from = end + 1
        yield* value(rest, what)
        rest = []
      }
    }
    if (from < part.length) rest.push(part.subarray(from))
  }
  if (content === Content.TEXT) yield decode(Buffer.concat(rest))
  else if (rest.length > 0) yield* value(rest, what)
}

function* value(parts: readonly Uint8Array[], what: string): Generator<unknown> {
  const text = decode(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  if (text.trim() === '') return
  try {
    yield parseText(text, Content.JSON, what)
  } catch (thrown) {
    throw new MillraceError('handler_error', MillraceError.from(thrown).message, { cause: thrown })
  }
}
