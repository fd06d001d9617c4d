/** This worker's payload directory: files that it reads once and files that it writes. Touches the OS. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { FILES_KEPT_MAX } from '@millrace/protocol'
import { FILES_KEPT_BYTES_MAX } from './limits.ts'
import type { FileFault, PayloadFiles } from './world.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants

/** A file that was read and may be written again. */
interface Kept {
  readonly owner: string
  readonly name: string
  readonly fd: number
  readonly bytes: number
}

/** The directory that `MILLRACE_PAYLOAD_DIR` names. Rules `file-regular`, `file-size-exact`, `file-read-once`. */
export function openPayloadFiles(directory: string): PayloadFiles {
  return new Directory(directory)
}

class Directory implements PayloadFiles {
  readonly #path: string
  /** Oldest first. Rule `file-removed`. */
  #kept: Kept[] = []
  #keptBytes = 0
  #number = 0

  constructor(path: string) {
    this.#path = path
  }

  read(name: string, bytes: number, owner: string): Uint8Array | FileFault {
    let fd: number
    try {
      // Without waiting: a FIFO would hold it up. For writing, too: it may be used again.
      fd = openSync(join(this.#path, name), O_RDWR | O_NOFOLLOW | O_NONBLOCK)
    } catch (error) {
      this.discard(name)
      return { rule: 'file-regular', message: `the payload file ${name} can't be opened (${code(error)})` }
    }
    const read = readWhole(fd, name, bytes)
    if (read instanceof Uint8Array) this.#keep({ owner, name, fd, bytes })
    else this.#drop(name, fd)
    return read
  }

  write(bytes: Uint8Array, owner: string): string | undefined {
    const at = this.#kept.findIndex((one) => one.owner === owner)
    const kept = at === -1 ? undefined : this.#kept.splice(at, 1)[0]!
    if (kept !== undefined) this.#keptBytes -= kept.bytes
    let name = kept?.name
    let fd = kept?.fd
    try {
      if (name === undefined || fd === undefined) {
        this.#number += 1
        name = `w${this.#number}`
        fd = openSync(join(this.#path, name), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      }
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, done)
      if (kept !== undefined && kept.bytes > bytes.length) ftruncateSync(fd, bytes.length)
    } catch {
      if (name !== undefined) this.#drop(name, fd)
      return undefined // No room: it goes in DATA.
    }
    closeSync(fd)
    return name
  }

  release(owner: string): void {
    for (const one of this.#kept.filter((kept) => kept.owner === owner)) this.#forget(one)
  }

  discard(name: string): void {
    try {
      unlinkSync(join(this.#path, name))
    } catch {
      // It is not there, or no file: the engine removes the directory with all that is left in it.
    }
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept)
    this.#keptBytes += kept.bytes
    while (this.#kept.length > FILES_KEPT_MAX || this.#keptBytes > FILES_KEPT_BYTES_MAX) this.#forget(this.#kept[0]!)
  }

  #forget(kept: Kept): void {
    this.#kept.splice(this.#kept.indexOf(kept), 1)
    this.#keptBytes -= kept.bytes
    this.#drop(kept.name, kept.fd)
  }

  #drop(name: string, fd: number | undefined): void {
    if (fd !== undefined) closeSync(fd)
    this.discard(name)
  }
}

/** All of an open file, if it is what it should be. */
function readWhole(fd: number, name: string, bytes: number): Uint8Array | FileFault {
  const found = fstatSync(fd)
  if (!found.isFile() || found.nlink !== 1) {
    return { rule: 'file-regular', message: `the payload file ${name} is no regular file with one link` }
  }
  const size = (is: number): FileFault => {
    return { rule: 'file-size-exact', message: `the payload file ${name} has ${is} bytes, not ${bytes}` }
  }
  if (found.size !== bytes) return size(found.size)
  // Not zeroed, as each byte is read over: fresh zeroed pages take four times as long as the read itself.
  const whole = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  for (let at = 0; at < bytes; ) {
    const taken = readSync(fd, whole, at, bytes - at, at)
    if (taken === 0) return size(at) // It was cut meanwhile.
    at += taken
  }
  return whole
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
