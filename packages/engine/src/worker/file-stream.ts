/** A payload file as messages, for a receiver that takes no files. */
import { BODY_BYTES, HEADER_BYTES, type MessageView, type Verdict } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { HeldFile, PayloadDirectory } from '../world.ts'

/** The part that was read last, whichever file it is of: one at a time is on its way into a message. */
export const part = new Uint8Array(BODY_BYTES)

/** Where the next part of a file begins, and how much is left. Reads one message's bytes at a time. */
export class FileStream {
  readonly file: HeldFile
  /** Bytes read so far. */
  position = 0
  /** The file ended before its size: whoever wrote it has cut it. */
  cut = false

  constructor(file: HeldFile) {
    this.file = file
  }

  get left(): number {
    return this.file.bytes - this.position
  }

  /** Reads the next part, up to 960 bytes, into `part`. Returns its length: less than was to come only after a cut. */
  next(): number {
    const wanted = Math.min(BODY_BYTES, this.left)
    const length = wanted === 0 ? 0 : this.file.read(part, wanted, this.position)
    this.position += length
    if (length < wanted) this.cut = true
    return length
  }

  /** What the call fails with after a cut. */
  get failure(): Failure {
    const text = `a payload file of ${this.file.bytes} bytes ended after ${this.position} while it was read (rule file-size-exact)`
    return failure('protocol_error', text)
  }
}

/** Takes the file that an INVOKE or RESULT names out of its sender's directory, or says which rule it breaks. */
export function takeFile(directory: PayloadDirectory, view: MessageView): HeldFile | Verdict {
  const { bytes, at, bodyLength } = view
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + at + HEADER_BYTES, bodyLength).toString('latin1')
  return directory.take(name, view.payloadLength)
}
