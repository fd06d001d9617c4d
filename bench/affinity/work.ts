/** A worker whose function computes: the same work each time, some tenths of a millisecond, however the time passes. */
import { createHash } from 'node:crypto'
import { fn, serve } from '@millrace/sdk'
import { WORK_ANSWER } from './work-answer.ts'

const INPUT = new Uint8Array(262_144)

const work = fn('work', () => {
  createHash('sha256').update(INPUT).digest()
  return new TextEncoder().encode(WORK_ANSWER)
})

await serve({ work })
