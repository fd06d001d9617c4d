/** An input on its way into a payload file, some of it in each turn. */
import { FILE_AHEAD_BYTES_MAX } from '../base/limits.ts'
import type { HeldFile } from '../world.ts'

/** Writes what a caller gives at once, and asks it to wait when this turn has had enough: the engine has others to serve. */
export class FileInput {
  readonly #file: HeldFile
  readonly #soon: (run: () => void) => void
  readonly #onDrain: () => void
  #turnBytes = 0
  #scheduled = false
  readonly #onTurn = (): void => {
    const choked = this.choked
    this.#scheduled = false
    this.#turnBytes = 0
    if (choked) this.#onDrain()
  }

  /** `onDrain`: it was choked, and is no longer. */
  constructor(file: HeldFile, soon: (run: () => void) => void, onDrain: () => void) {
    this.#file = file
    this.#soon = soon
    this.#onDrain = onDrain
  }

  /** As much was written in this turn as may be. */
  get choked(): boolean {
    return this.#turnBytes >= FILE_AHEAD_BYTES_MAX
  }

  /** Returns why it could not be written, such as `ENOSPC`; undefined: it is. */
  write(bytes: Uint8Array): string | undefined {
    this.#turnBytes += bytes.length
    if (!this.#scheduled) {
      this.#scheduled = true
      this.#soon(this.#onTurn)
    }
    return this.#file.write(bytes)
  }
}
