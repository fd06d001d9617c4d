/** Where an engine's payload files lie: on a memory file system, and removed with the engine. */
import { join } from 'node:path'
import { PayloadFiles } from './payload-files.ts'
import { isInMemory, sharedMemoryBase } from './runtime-base.ts'
import { DirectoryError, RuntimeDirectory } from './runtime-directory.ts'

/** Hexadecimal digits by which an engine's directories are named. */
const ID_DIGITS = 16

export class PayloadPlace {
  readonly files: PayloadFiles
  /** Beside the runtime directory; undefined: within it. */
  readonly #own: RuntimeDirectory | undefined

  private constructor(path: string, secret: () => string, own?: RuntimeDirectory) {
    this.files = new PayloadFiles(join(path, 'payloads'), secret)
    this.#own = own
  }

  /**
   * `base`: below which directory, which must be in memory; undefined: within the runtime directory when that is in memory,
   * else below `/dev/shm`, and if that is none, nowhere. What a killed engine left below it is removed, as runtime
   * directories are. `secret` gives 32 hexadecimal digits that nobody guesses. Rejects when a `base` that was asked for
   * can't be used.
   */
  static async find(
    base: string | undefined,
    runtime: RuntimeDirectory,
    secret: () => string,
  ): Promise<PayloadPlace | undefined> {
    const id = secret().slice(0, ID_DIGITS)
    if (base !== undefined) {
      const own = await RuntimeDirectory.create(base, id)
      if (isInMemory(own.path)) return new PayloadPlace(own.path, secret, own)
      own.close()
      throw new DirectoryError(
        `${base} is no memory file system, so payload files can't lie there: name one, such as /dev/shm`,
      )
    }
    if (isInMemory(runtime.path)) return new PayloadPlace(runtime.path, secret)
    const shared = sharedMemoryBase()
    if (!isInMemory(shared.parent)) return undefined
    try {
      const own = await RuntimeDirectory.create(shared.base, id)
      return new PayloadPlace(own.path, secret, own)
    } catch {
      return undefined // Another user took the name, or it may not be written: payloads go in DATA.
    }
  }

  async close(): Promise<void> {
    await this.files.close()
    this.#own?.close()
  }
}
