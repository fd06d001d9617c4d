/** Payload files on a memory file system: the engine's own, and the directories of workers. One of the few files that touch the OS. */
import {
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FILES_RECYCLED_BYTES_MAX, FILES_RECYCLED_MAX, REMOVE_TRIES_MAX } from '../base/limits.ts'
import type { FileFault, HeldFile, PayloadDirectory, PayloadStore } from '../world.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants
const KEEPS_LINKS_OUT = O_NOFOLLOW | O_NONBLOCK

/**
 * The payload files of one engine, below a directory of its own:
 *
 * `held/<number>`: files in the engine's hands. `<secret>/files/<name>`: the directory of a worker; the level above holds
 * nobody else's. A file goes from one to the other by rename, so it is in one place at each moment.
 */
export class PayloadFiles implements PayloadStore {
  readonly #root: string
  readonly #held: string
  readonly #secret: () => string
  #number = 0
  /** Files kept to be written again, oldest first. */
  #recycled: { readonly owner: number; readonly file: DiskFile }[] = []
  #recycledBytes = 0
  readonly #removals = new Set<Promise<void>>()

  /** `root`: a directory of mode 0700 that whoever made it removes. `secret`: a name that nobody guesses. Throws the OS's error. */
  constructor(root: string, secret: () => string) {
    this.#root = root
    this.#held = join(root, 'held')
    this.#secret = secret
    mkdirSync(this.#held, { recursive: true, mode: 0o700 })
  }

  /** Makes the directory of a worker. Throws the OS's error. */
  open(): WorkerFiles {
    const place = join(this.#root, this.#secret())
    const path = join(place, 'files')
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return new WorkerFiles(path, this, () => this.#remove(place))
  }

  create(bytes: number, owner: number): HeldFile | undefined {
    const at = this.#recycled.findIndex((one) => one.owner === owner)
    if (at !== -1) {
      const { file } = this.#recycled.splice(at, 1)[0]!
      this.#recycledBytes -= file.bytes
      const again = file.again(bytes)
      if (again !== undefined) return again
    }
    const path = this.fresh()
    try {
      return new DiskFile(this, path, bytes, openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600))
    } catch {
      return undefined // No room, or no descriptor: whoever asks has another way.
    }
  }

  /** A path that was never used. */
  fresh(): string {
    this.#number += 1
    return join(this.#held, String(this.#number))
  }

  /** Keeps a file for the next payload of `owner`, within bounds: the oldest goes. */
  keep(file: DiskFile, owner: number): void {
    if (file.bytes > FILES_RECYCLED_BYTES_MAX) {
      file.drop()
      return
    }
    this.#recycled.push({ owner, file })
    this.#recycledBytes += file.bytes
    while (this.#recycled.length > FILES_RECYCLED_MAX || this.#recycledBytes > FILES_RECYCLED_BYTES_MAX) {
      const oldest = this.#recycled.shift()!
      this.#recycledBytes -= oldest.file.bytes
      oldest.file.drop()
    }
  }

  /** Removes what is no regular file: a worker may have put anything there. */
  discard(path: string): void {
    this.#remove(path)
  }

  /** Waits until what is to be removed is gone, and drops what is kept. */
  async close(): Promise<void> {
    for (const { file } of this.#recycled) file.drop()
    this.#recycled = []
    this.#recycledBytes = 0
    await Promise.all(this.#removals)
  }

  /** Elsewhere than on the engine's thread: a worker may have left a tree of any size. What stays goes with the root. */
  #remove(path: string): void {
    const removal = rm(path, { recursive: true, force: true, maxRetries: REMOVE_TRIES_MAX })
      .catch(() => {})
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }
}

/** A regular file in `held/`. */
class DiskFile implements HeldFile {
  readonly bytes: number
  readonly path: string
  readonly #store: PayloadFiles
  /** -1: not open. */
  #fd: number
  #written = 0
  #over = false

  constructor(store: PayloadFiles, path: string, bytes: number, fd = -1) {
    this.#store = store
    this.path = path
    this.bytes = bytes
    this.#fd = fd
  }

  read(into: Uint8Array, length: number, position: number): number {
    try {
      if (this.#fd === -1) this.#fd = openSync(this.path, O_RDWR | KEEPS_LINKS_OUT)
      return readSync(this.#fd, into, 0, length, position)
    } catch {
      return 0 // Its owner may have taken the right to read away: as good as cut.
    }
  }

  write(from: Uint8Array): string | undefined {
    try {
      for (let at = 0; at < from.length; ) {
        const taken = writeSync(this.#fd, from, at, from.length - at, this.#written)
        at += taken
        this.#written += taken
      }
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }

  drop(): void {
    if (this.#over) return
    this.#end()
    try {
      unlinkSync(this.path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // The engine is over, and all went with it.
    }
  }

  recycle(owner: number): void {
    if (this.#over || this.#fd === -1) this.drop()
    else this.#store.keep(this, owner)
  }

  /** The same room for another payload of `bytes` bytes; undefined: it can't be had, and the file is gone. */
  again(bytes: number): DiskFile | undefined {
    try {
      if (this.bytes > bytes) ftruncateSync(this.#fd, bytes)
    } catch {
      this.drop()
      return undefined
    }
    this.#over = true
    return new DiskFile(this.#store, this.path, bytes, this.#fd)
  }

  /** It was moved to a worker. */
  moved(): void {
    this.#end()
  }

  #end(): void {
    this.#over = true
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }
}

/** The payload directory of one worker, on the host. */
export class WorkerFiles implements PayloadDirectory {
  /** Absolute path of the directory. */
  readonly path: string
  readonly #store: PayloadFiles
  readonly #remove: () => void
  #number = 0

  constructor(path: string, store: PayloadFiles, remove: () => void) {
    this.path = path
    this.#store = store
    this.#remove = remove
  }

  take(name: string, bytes: number): HeldFile | FileFault {
    const path = this.#store.fresh()
    try {
      renameSync(join(this.path, name), path)
    } catch (error) {
      return { rule: 'file-regular', message: `there is no payload file ${name} (${(error as Error).message})` }
    }
    // Looked at where nobody can put another one in its place.
    const found = lstatSync(path)
    const what = found.isFile() ? (found.nlink === 1 ? undefined : `has ${found.nlink} links`) : 'is no regular file'
    if (what === undefined && found.size === bytes) return new DiskFile(this.#store, path, bytes)
    this.#store.discard(path)
    return what === undefined
      ? { rule: 'file-size-exact', message: `the payload file ${name} has ${found.size} bytes, not ${bytes}` }
      : { rule: 'file-regular', message: `the payload file ${name} ${what}` }
  }

  give(file: HeldFile): string | undefined {
    const held = file as DiskFile
    this.#number += 1
    const name = `e${this.#number}`
    try {
      renameSync(held.path, join(this.path, name))
    } catch {
      return undefined // The worker has removed its directory, or put one in the way: the payload goes in DATA.
    }
    held.moved()
    return name
  }

  /** The worker has ended. Doing so twice is allowed. */
  close(): void {
    this.#remove()
  }
}
