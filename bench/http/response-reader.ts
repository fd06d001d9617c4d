/** Reads the answers of an HTTP/1.1 server from one socket: as little work as tells where each ends. Pure. */

/** Longest head of an answer, in bytes. */
const HEAD_MAX_BYTES = 16 * 1024

const END_OF_HEAD = '\r\n\r\n'

/**
 * One answer after another, cut anywhere. Takes `Content-Length` and chunked bodies; 200 is the only status it accepts,
 * as anything else would measure something else.
 */
export class ResponseReader {
  /** Bytes of the head, or of a chunk's head, that came without its end. */
  #held: Buffer | undefined
  /** What comes next; `data` counts down `#left`. */
  #state: 'head' | 'data' | 'chunk-head' | 'chunk-data' | 'trailer' = 'head'
  #left = 0
  /** Bytes of the present body, and of the last one that was whole. */
  bodyBytes = 0

  /** Takes bytes of one answer at most. Returns whether the answer is now whole. */
  push(bytes: Buffer): boolean {
    let rest = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes])
    this.#held = undefined
    for (;;) {
      if (this.#state === 'data' || this.#state === 'chunk-data') {
        const taken = Math.min(this.#left, rest.length)
        this.#left -= taken
        this.bodyBytes += this.#state === 'data' ? taken : 0
        rest = rest.subarray(taken)
        if (this.#left > 0) return false
        if (this.#state === 'data') return this.#whole(rest)
        this.#state = 'chunk-head'
      }
      const mark = this.#state === 'head' ? END_OF_HEAD : '\r\n'
      const end = rest.indexOf(mark, 0, 'latin1')
      if (end === -1) {
        if (rest.length > HEAD_MAX_BYTES) throw new Error('the head of an answer is longer than 16 KiB')
        this.#held = Buffer.from(rest) // A copy: the socket's buffer is used again.
        return false
      }
      const head = rest.toString('latin1', 0, end)
      rest = rest.subarray(end + mark.length)
      if (this.#state === 'trailer') return this.#whole(rest)
      if (this.#state === 'head') this.#beginBody(head)
      else this.#beginChunk(head)
    }
  }

  #beginBody(head: string): void {
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`the server answers “${head.split('\r\n', 1)[0]}”`)
    this.bodyBytes = 0
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length !== undefined) {
      this.#state = 'data'
      this.#left = Number(length)
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = 'chunk-head'
    } else {
      throw new Error('an answer has neither Content-Length nor chunks')
    }
  }

  #beginChunk(head: string): void {
    const length = Number.parseInt(head, 16)
    if (Number.isNaN(length)) throw new Error(`“${head}” begins no chunk`)
    this.bodyBytes += length
    this.#state = length === 0 ? 'trailer' : 'chunk-data'
    this.#left = length + 2 // The line end after it.
  }

  #whole(rest: Buffer): true {
    if (rest.length > 0) throw new Error('the server sent more than one answer to one request')
    this.#state = 'head'
    return true
  }
}
