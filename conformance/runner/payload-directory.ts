/** A payload directory as an engine gives a worker one, and what a hostile one may put into it. One of the few files that touch the OS. */
import { execFileSync } from 'node:child_process'
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unlessGone } from './unless-gone.ts'

const MEMORY = '/dev/shm'

/** What may lie where a payload file should. */
export type FileKind = 'file' | 'link' | 'hard' | 'fifo' | 'directory'

/** A fresh directory, in memory where the host has one. */
export function freshPayloads(): string {
  return mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), 'millrace-conformance-'))
}

/** Whether the host has a memory file system where one is looked for. */
export function hasMemory(): boolean {
  return statSync(MEMORY, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Puts something under this name; what a link leads to has the bytes. */
export function put(directory: string, name: string, bytes: Uint8Array, kind: FileKind): void {
  const path = join(directory, name)
  if (kind === 'file') writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 })
  else if (kind === 'fifo') execFileSync('mkfifo', ['-m', '600', path])
  else if (kind === 'directory') mkdirSync(path)
  else {
    const twin = `${path}.twin`
    writeFileSync(twin, bytes, { mode: 0o600 })
    if (kind === 'hard') linkSync(twin, path)
    else symlinkSync(`${name}.twin`, path)
  }
}

/** What is wrong with a file of this size; undefined: nothing. `file-size-exact` when only its size is. */
export function fault(
  directory: string,
  name: string,
  bytes: number,
): { rule?: 'file-regular' | 'file-size-exact'; message: string } | undefined {
  const found = lstatSync(join(directory, name), { throwIfNoEntry: false })
  if (found === undefined) return { message: `there is no file ${name} in ${directory}` }
  if (!found.isFile() || found.nlink !== 1) {
    return { rule: 'file-regular', message: `${name} is no regular file with one link` }
  }
  if (found.size === bytes) return undefined
  return { rule: 'file-size-exact', message: `${name} has ${found.size} bytes, and ${bytes} were announced` }
}

/** Reads a file and removes it, as its new owner may. */
export function take(directory: string, name: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(join(directory, name)))
  unlinkSync(join(directory, name))
  return bytes
}

export function read(directory: string, name: string): Uint8Array | undefined {
  return unlessGone(() => new Uint8Array(readFileSync(join(directory, name))))
}

/** Names in a directory; undefined: it is gone. */
export function names(directory: string): readonly string[] | undefined {
  return unlessGone(() => readdirSync(directory))
}

/** What lies beside a payload directory, and the same for a worker that lists it. */
export function beside(directory: string): readonly string[] {
  return unlessGone(() => readdirSync(dirname(directory))) ?? []
}

export function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}
