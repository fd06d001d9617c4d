/** The payload directory of the mutant worker: files that come and go by name. */
import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { is } from './switch.ts'

const { MILLRACE_PAYLOAD_DIR: directory } = process.env
if (!is('environment-kept')) delete process.env.MILLRACE_PAYLOAD_DIR

/** Whether the launch named a directory. */
export const HAS_FILES = directory !== undefined

let written = 0

/** Reads a file that is the worker's now, and removes it. Throws for one that is not as it should be. */
export function readFile(name: string, bytes: number): Uint8Array {
  const path = join(directory!, name)
  let fd: number | undefined
  try {
    const follows = is('file-links-followed') ? 0 : constants.O_NOFOLLOW
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | follows)
    const found = fstatSync(fd)
    if (!found.isFile() || (found.nlink !== 1 && !is('file-links-uncounted'))) throw new Error('no regular file')
    if (found.size !== bytes && !is('file-size-unchecked')) throw new Error(`${found.size} bytes`)
    if (is('file-empty-refused') && found.size === 0) throw new Error('no bytes')
    return new Uint8Array(readFileSync(fd))
  } catch (error) {
    if (is('file-odd-as-empty')) return new Uint8Array(0)
    throw new Error(`the payload file ${name}: ${(error as Error).message}`)
  } finally {
    if (fd !== undefined) closeSync(fd)
    if (!is('files-left')) rmSync(path, { force: true, recursive: true })
  }
}

/** Removes a file unread. */
export function dropFile(name: string): void {
  rmSync(join(directory!, name), { force: true })
}

/** Writes a file. Returns the name to send, which a mutant gets wrong. */
export function writeFile(bytes: Uint8Array): string {
  written += 1
  const name = `w${written}`
  if (is('file-link-sent')) {
    writeFileSync(join(directory!, `${name}.twin`), bytes)
    symlinkSync(`${name}.twin`, join(directory!, name))
  } else if (!is('file-not-there')) writeFileSync(join(directory!, name), bytes)
  return is('file-name-path') ? `./${name}` : name
}
