/**
 * That the way of a message from the read buffer through assembler and judge allocates nothing: measured in a process
 * of its own, with garbage collection at both ends, as bytes for each message.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** One object is at least 16 bytes, so a bound below it proves that there is none for each message. */
const BYTES_PER_MESSAGE_MAX = 4
/** A read of 64 messages whose last one is cut costs a few windows onto its pieces, shared among the 64. */
const BYTES_PER_SPLIT_MESSAGE_MAX = 64

const probe = (messages: number, cut: number): number => {
  const run = spawnSync(
    process.execPath,
    [
      '--conditions=millrace-source',
      '--expose-gc',
      '--max-semi-space-size=256',
      '--min-semi-space-size=256',
      join(import.meta.dirname, 'allocation.probe.ts'),
      `${messages}`,
      `${cut}`,
    ],
    { encoding: 'utf8' },
  )
  expect(run.stderr).toBe('')
  const result = JSON.parse(run.stdout) as { bytesPerMessage: number; accepted: number }
  expect(result.accepted).toBe(messages)
  return result.bytesPerMessage
}

it('1,000,000 whole messages through assembler and judge allocate less than 4 bytes each', () => {
  expect(probe(1_000_000, 0)).toBeLessThan(BYTES_PER_MESSAGE_MAX)
})

it('64,000 messages in reads that each end inside one allocate less than 64 bytes each', () => {
  expect(probe(64_000, 1)).toBeLessThan(BYTES_PER_SPLIT_MESSAGE_MAX)
})

it('the probe sees one object for each message', () => {
  expect(probe(1_000_000, -1)).toBeGreaterThan(BYTES_PER_MESSAGE_MAX)
})
