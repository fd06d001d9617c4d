/** The pipes of the OS: FIFOs, as between an engine and its workers. */
import { spawnSync } from 'node:child_process'
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { checkPipe } from '../testing/check-pipe.ts'
import { FdPipeReader } from './pipe-reader.ts'
import { FdPipeWriter } from './pipe-writer.ts'

let directory = ''
let count = 0

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-pipe-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

checkPipe('a FIFO', () => {
  count += 1
  const path = join(directory, `${count}`)
  spawnSync('mkfifo', ['-m', '600', path])
  const reader = new FdPipeReader(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
  const writer = new FdPipeWriter(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  return { reader, writer }
})
