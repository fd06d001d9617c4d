/** Payload files without an OS: what a launcher in memory gives its workers, with the faults that a hostile one can make. */
import type { FileFault, HeldFile, PayloadDirectory, PayloadStore } from '../world.ts'

/** A file in memory. A script may set any of its fields at any time: a worker may hold its file open. */
export interface MemoryFile {
  bytes: Uint8Array
  /** What it is instead of a regular file with one link; undefined: it is one. */
  odd?: string
}

/** All payload files of one engine. */
export class MemoryFiles implements PayloadStore {
  /** Files in the engine's hands. */
  readonly held = new Set<HeldFile>()
  /** Directories that were made and not removed. */
  readonly directories = new Set<MemoryDirectory>()
  /** Whether there is room for more; a script may say that there is not. */
  full = false

  create(bytes: number): HeldFile | undefined {
    return this.full ? undefined : this.hold({ bytes: new Uint8Array(0) }, bytes)
  }

  open(): MemoryDirectory {
    const directory = new MemoryDirectory(this)
    this.directories.add(directory)
    return directory
  }

  hold(file: MemoryFile, bytes: number): MemoryHeld {
    const held = new MemoryHeld(this, file, bytes)
    this.held.add(held)
    return held
  }
}

class MemoryHeld implements HeldFile {
  readonly bytes: number
  readonly file: MemoryFile
  readonly #files: MemoryFiles

  constructor(files: MemoryFiles, file: MemoryFile, bytes: number) {
    this.#files = files
    this.file = file
    this.bytes = bytes
  }

  read(into: Uint8Array, length: number, position: number): number {
    this.#alive()
    const part = this.file.bytes.subarray(position, position + length)
    into.set(part)
    return part.length
  }

  write(from: Uint8Array): string | undefined {
    this.#alive()
    if (this.#files.full) return 'ENOSPC'
    const bytes = new Uint8Array(this.file.bytes.length + from.length)
    bytes.set(this.file.bytes)
    bytes.set(from, this.file.bytes.length)
    this.file.bytes = bytes
    return undefined
  }

  drop(): void {
    this.#files.held.delete(this)
  }

  recycle(): void {
    this.drop()
  }

  moved(): void {
    this.#alive()
    this.drop()
  }

  #alive(): void {
    if (!this.#files.held.has(this)) throw new Error('a payload file is used after it was given away or dropped')
  }
}

/** The payload directory of one worker in memory. */
export class MemoryDirectory implements PayloadDirectory {
  /** What lies in it, by name. */
  readonly files = new Map<string, MemoryFile>()
  /** Whether a file can be moved in; a script may take that away. */
  broken = false
  readonly #all: MemoryFiles
  #number = 0

  constructor(all: MemoryFiles) {
    this.#all = all
  }

  take(name: string, bytes: number): HeldFile | FileFault {
    const file = this.files.get(name)
    if (file === undefined) return { rule: 'file-regular', message: `there is no payload file ${name}` }
    this.files.delete(name)
    if (file.odd !== undefined) return { rule: 'file-regular', message: `the payload file ${name} is ${file.odd}` }
    if (file.bytes.length === bytes) return this.#all.hold(file, bytes)
    const message = `the payload file ${name} has ${file.bytes.length} bytes, not ${bytes}`
    return { rule: 'file-size-exact', message }
  }

  give(file: HeldFile): string | undefined {
    if (this.broken) return undefined
    const held = file as MemoryHeld
    held.moved()
    this.#number += 1
    const name = `e${this.#number}`
    this.files.set(name, held.file)
    return name
  }

  /** The worker has ended. */
  remove(): void {
    this.files.clear()
    this.#all.directories.delete(this)
  }
}
