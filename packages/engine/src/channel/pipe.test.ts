/** The pipes of the OS: FIFOs, as between an engine and its workers, with and without a poller. */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkPipe, KeepingSink } from '../testing/check-pipe.ts'
import { openDirectCalls } from './direct-calls.ts'
import { pipePair } from './pipe-pair.ts'
import { PipePoller } from './pipe-poller.ts'
import { FdPipeReader, type Polling } from './pipe-reader.ts'
import { FdPipeWriter } from './pipe-writer.ts'

let directory = ''
let count = 0

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-pipe-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Both ends of a fresh FIFO, non-blocking. */
function fifo(): { readFd: number; writeFd: number } {
  count += 1
  const path = join(directory, `${count}`)
  spawnSync('mkfifo', ['-m', '600', path])
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { readFd, writeFd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) }
}

/** A poller of this process, by default as on one processor; `run`: what others do while they are let, in no time. */
function polling(run: () => void = () => {}, oneProcessor = true): Polling {
  const calls = openDirectCalls()
  if (typeof calls === 'string') throw new Error(calls)
  const yieldProcessor = (): void => {
    calls.yieldProcessor()
    run()
  }
  return {
    poller: new PipePoller({ nowUs: () => 0, yieldProcessor, oneProcessor }),
    calls,
  }
}

checkPipe('a FIFO', () => {
  const { readFd, writeFd } = fifo()
  return { reader: new FdPipeReader(readFd), writer: new FdPipeWriter(writeFd) }
})

checkPipe('a FIFO that is polled', () => {
  const { readFd, writeFd } = fifo()
  const { input, output } = pipePair(writeFd, readFd, polling())
  return { reader: output, writer: input }
})

test('answers that come while the worker is let run are handed on within one event', async () => {
  const [toWorker, fromWorker] = [fifo(), fifo()]
  const asked = new Uint8Array(16)
  let answers = 0
  // Answers each byte by the next number, three times.
  const answer = (): void => {
    if (answers === 3 || readSync(toWorker.readFd, asked) === 0) return
    answers += 1
    writeSync(fromWorker.writeFd, Uint8Array.of(asked[0]! + 1))
  }
  const { input, output } = pipePair(toWorker.writeFd, fromWorker.readFd, polling(answer))
  const kept = new KeepingSink()
  const question = new Uint8Array(1_024) // Of a size that an outbox may have: a small one could be moved.
  output.start({
    onBytes: (bytes, length) => {
      kept.onBytes(bytes, length)
      question[100 + bytes[0]!] = bytes[0]!
      if (bytes[0]! < 3) input.write(question, 100 + bytes[0]!, 101 + bytes[0]!)
    },
    onEnd: (error) => kept.onEnd(error),
  })
  writeSync(fromWorker.writeFd, Uint8Array.of(0))
  await kept.has(1) // Goes on after the event that brought the first byte.
  expect([...kept.bytes]).toEqual([0, 1, 2, 3])
  output.close()
  input.close()
  closeSync(toWorker.readFd)
  closeSync(fromWorker.writeFd)
})

test.each([
  ['in parts where workers have processors of their own', false, [16, 16, 16, 2]],
  ['at once where they share the engine’s', true, [50]],
])('what one read brought is handed on %s', async (_, oneProcessor, sizes) => {
  const { readFd, writeFd } = fifo()
  const sent = Buffer.from(Array.from({ length: 50 * 1_024 }, (_, at) => at >> 8))
  writeSync(writeFd, sent)
  const reader = new FdPipeReader(
    readFd,
    polling(() => {}, oneProcessor),
  )
  const kept = new KeepingSink()
  const parts: number[] = []
  reader.start({
    onBytes: (bytes, length) => {
      parts.push(length / 1_024)
      kept.onBytes(bytes, length)
    },
    onEnd: (error) => kept.onEnd(error),
  })
  await kept.has(sent.length)
  expect(parts).toEqual(sizes)
  expect(sent.equals(kept.bytes)).toBe(true)
  reader.close()
  closeSync(writeFd)
})

test('a reader that is closed by a part hands on no other', async () => {
  const { readFd, writeFd } = fifo()
  writeSync(writeFd, new Uint8Array(40 * 1_024))
  const reader = new FdPipeReader(readFd)
  const parts: number[] = []
  await new Promise<void>((resolve) => {
    reader.start({
      onBytes: (_, length) => {
        parts.push(length)
        reader.close()
        setImmediate(resolve)
      },
      onEnd: () => {},
    })
  })
  expect(parts).toEqual([16 * 1_024])
  closeSync(writeFd)
})

test('a polled pipe that nobody reads takes everything', () => {
  const { readFd, writeFd } = fifo()
  const other = fifo()
  const { input, output } = pipePair(writeFd, other.readFd, polling())
  closeSync(readFd)
  expect(input.write(new Uint8Array(1_024), 0, 1_024)).toBe(1_024)
  expect(input.write(new Uint8Array(1_024), 0, 1_024)).toBe(1_024)
  input.close()
  output.close()
  closeSync(other.writeFd)
})
