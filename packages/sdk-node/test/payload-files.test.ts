/** The payload directory of a worker, on a real file system. */
import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILES_KEPT_MAX } from '@millrace/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { FILES_KEPT_BYTES_MAX } from '../src/limits.ts'
import { openPayloadFiles } from '../src/payload-files.ts'

function fresh() {
  const path = mkdtempSync(join(tmpdir(), 'millrace-payloads-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return {
    path,
    files: openPayloadFiles(path),
    put: (name: string, bytes: Uint8Array) => writeFileSync(join(path, name), bytes),
  }
}

const some = (length: number, salt = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + salt) & 0xff)

test('what is written is there under its name, and what is read is read whole', () => {
  const { path, files, put } = fresh()
  const name = files.write(some(5_000), 'a')!
  expect(new Uint8Array(readFileSync(join(path, name)))).toEqual(some(5_000))
  put('e1', some(0))
  expect(files.read('e1', 0, 'a')).toEqual(some(0))
})

test('a file that was read is written again for the same owner alone, at its new size', () => {
  const { path, files, put } = fresh()
  put('e1', some(5_000))
  expect(files.read('e1', 5_000, 'call 2')).toEqual(some(5_000))
  expect(files.write(some(10), 'call 4')).not.toBe('e1')
  expect(files.write(some(4_000, 1), 'call 2')).toBe('e1')
  expect(new Uint8Array(readFileSync(join(path, 'e1')))).toEqual(some(4_000, 1))
  put('e2', some(100))
  files.read('e2', 100, 'call 6')
  expect(files.write(some(9_000, 2), 'call 6')).toBe('e2')
  expect(new Uint8Array(readFileSync(join(path, 'e2')))).toEqual(some(9_000, 2))
})

test('what is kept for an owner goes with it', () => {
  const { path, files, put } = fresh()
  put('e1', some(10))
  files.read('e1', 10, 'call 2')
  expect(readdirSync(path)).toEqual(['e1'])
  files.release('call 2')
  expect(readdirSync(path)).toEqual([])
})

test(`at most ${FILES_KEPT_MAX} files are kept, the newest, and at most ${FILES_KEPT_BYTES_MAX} bytes of them`, () => {
  const { path, files, put } = fresh()
  for (let i = 0; i < FILES_KEPT_MAX + 3; i += 1) {
    put(`e${i}`, some(10))
    files.read(`e${i}`, 10, `call ${i}`)
  }
  expect(readdirSync(path)).toHaveLength(FILES_KEPT_MAX)
  expect(readdirSync(path)).not.toContain('e2')
  put('large', new Uint8Array(FILES_KEPT_BYTES_MAX + 1))
  files.read('large', FILES_KEPT_BYTES_MAX + 1, 'call 99')
  expect(readdirSync(path)).toEqual([])
})

const odd: readonly (readonly [string, string, (path: string) => void])[] = [
  ['nothing', 'file-regular', () => {}],
  ['a symbolic link', 'file-regular', (path) => symlinkSync('/etc/hostname', path)],
  ['a FIFO', 'file-regular', (path) => void execFileSync('mkfifo', [path])],
  ['a directory', 'file-regular', (path) => mkdirSync(path)],
  [
    'a file with two links',
    'file-regular',
    (path) => {
      writeFileSync(`${path}.twin`, some(5))
      linkSync(`${path}.twin`, path)
    },
  ],
  ['one byte less', 'file-size-exact', (path) => writeFileSync(path, some(4))],
  ['one byte more', 'file-size-exact', (path) => writeFileSync(path, some(6))],
]

test.each(odd)('%s in the place of a file of 5 bytes breaks %s, and is not left', (what, rule, make) => {
  const { path, files } = fresh()
  make(join(path, 'odd'))
  expect(files.read('odd', 5, 'a')).toMatchObject({ rule })
  if (what !== 'a directory') expect(readdirSync(path)).not.toContain('odd')
})

test('where no file can be made, nothing is written, and the next one may be', () => {
  const { path, files } = fresh()
  rmSync(path, { recursive: true })
  expect(files.write(some(5), 'a')).toBeUndefined()
  mkdirSync(path)
  const name = files.write(some(5), 'a')
  expect(readdirSync(path)).toEqual([name])
  expect(readFileSync(join(path, name!))).toEqual(Buffer.from(some(5)))
})

/** Run beside a file system of 64 KiB: writes what has no room, then what has. */
const WITHOUT_ROOM = `
  const { openPayloadFiles } = await import(process.argv[1])
  const { readdirSync } = await import('node:fs')
  const path = process.argv[2]
  const files = openPayloadFiles(path)
  const written = files.write(new Uint8Array(1_048_576), 'a') ?? null
  const left = readdirSync(path)
  const next = files.write(new Uint8Array(32_768), 'a') ?? null
  console.log(JSON.stringify({ written, left, isThere: readdirSync(path).includes(next) }))
`

test('where there is no room, what was written of a file is taken away', () => {
  const { path } = fresh()
  const module = new URL('../src/payload-files.ts', import.meta.url).href
  const node = [
    process.execPath,
    '--conditions=millrace-source',
    '--input-type=module',
    '-e',
    WITHOUT_ROOM,
    module,
    path,
  ]
  // A mount of its own ends with the process, whatever becomes of it.
  const mounted = ['sh', '-c', 'mount -t tmpfs -o size=64k none "$0" && exec "$@"', path, ...node]
  const answer = execFileSync('unshare', ['--map-root-user', '--mount', ...mounted], { encoding: 'utf8' })
  expect(JSON.parse(answer)).toEqual({ written: null, left: [], isThere: true })
})
