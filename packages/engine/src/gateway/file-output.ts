/** An output that lies in a file, given to a listener of the door in steps, no faster than it is consumed. */
import { type Failure, failure } from '@millrace/protocol/cold'
import { FILE_AHEAD_BYTES_MAX, FILE_STEP_BYTES } from '../base/limits.ts'
import type { HeldFile } from '../world.ts'
import type { CallTiming, DoorListener } from './door.ts'

/** What was read last. One buffer serves all: whoever gets a step uses it up before the next is read. */
const step = new Uint8Array(FILE_STEP_BYTES)

/**
 * The call has ended; only its output is on its way. Reads one step at a time and lets everything else have its turn in
 * between. The file is dropped, or kept for the next input of its function, exactly once.
 */
export class FileOutput {
  readonly #file: HeldFile
  readonly #owner: number
  readonly #listener: DoorListener
  readonly #timing: CallTiming
  readonly #soon: (run: () => void) => void
  readonly #onOver: () => void
  #position = 0
  #unconsumed = 0
  #scheduled = false
  #over = false
  readonly #onTurn = (): void => {
    this.#scheduled = false
    this.#read()
  }

  /** `owner`: of the room that the file leaves. `onOver`: the listener gets nothing more; once. */
  constructor(
    file: HeldFile,
    owner: number,
    listener: DoorListener,
    timing: CallTiming,
    soon: (run: () => void) => void,
    onOver: () => void,
  ) {
    this.#file = file
    this.#owner = owner
    this.#listener = listener
    this.#timing = timing
    this.#soon = soon
    this.#onOver = onOver
  }

  /** Gives the head and the first step. */
  start(content: number): void {
    this.#listener.onHead(content, this.#file.bytes)
    this.#read()
  }

  consumed(bytes: number): void {
    this.#unconsumed -= Math.min(bytes, this.#unconsumed)
    this.#later()
  }

  /** The listener goes away, and hears nothing more. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#file.drop()
    this.#onOver()
  }

  #read(): void {
    if (this.#over || this.#unconsumed >= FILE_AHEAD_BYTES_MAX) return
    const wanted = Math.min(FILE_STEP_BYTES, this.#file.bytes - this.#position)
    const length = wanted === 0 ? 0 : this.#file.read(step, wanted, this.#position)
    if (length < wanted) {
      this.stop()
      this.#listener.onFailure(cutShort(this.#file.bytes, this.#position + length), this.#timing)
      return
    }
    this.#position += length
    this.#unconsumed += length
    this.#scheduled = true // What the listener consumes at once must not begin another step within this one.
    if (length > 0) this.#listener.onOutput(step.subarray(0, length))
    this.#scheduled = false
    if (this.#over) return
    if (this.#position < this.#file.bytes) {
      this.#later()
      return
    }
    this.#over = true
    this.#file.recycle(this.#owner)
    this.#listener.onEnd(this.#timing)
    this.#onOver()
  }

  #later(): void {
    if (this.#scheduled || this.#over || this.#unconsumed >= FILE_AHEAD_BYTES_MAX) return
    this.#scheduled = true
    this.#soon(this.#onTurn)
  }
}

function cutShort(bytes: number, ended: number): Failure {
  const text = `the output's file of ${bytes} bytes ended after ${ended} while it was read (rule file-size-exact)`
  return failure('protocol_error', text)
}
