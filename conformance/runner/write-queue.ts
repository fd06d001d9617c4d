/** Writes in order to something that takes a part at a time: a pipe, or a ring. */
import type { PipeWriter } from '../../packages/engine/src/world.ts'

/** What takes the bytes, and says when it takes more. */
export type TakesBytes = Pick<PipeWriter, 'write' | 'onWritable'>

export class WriteQueue {
  readonly #writer: TakesBytes
  #waiting: { bytes: Uint8Array; done: () => void }[] = []
  #writing = false
  #isClosed = false

  constructor(writer: TakesBytes) {
    this.#writer = writer
  }

  /** Writes bytes after what was given before. Resolves when all were taken, or nothing is any more. */
  push(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, done: resolve })
    if (!this.#writing) this.#pump()
    return promise
  }

  /** Nothing is written any more; whoever waits goes on. */
  close(): void {
    this.#isClosed = true
    for (const one of this.#waiting) one.done()
    this.#waiting = []
  }

  #pump(): void {
    const next = this.#waiting.shift()
    this.#writing = next !== undefined
    if (next === undefined) return
    let at = 0
    const go = (): void => {
      at += this.#writer.write(next.bytes, at, next.bytes.length)
      if (at < next.bytes.length) return
      this.#writer.onWritable = () => {}
      next.done()
      this.#pump()
    }
    this.#writer.onWritable = go
    go()
  }
}
