/** Real processes that stand still: by the freezer where this host has one, and by SIGSTOP. */
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { IsolationLevel } from '../../src/isolation/level.ts'
import { bytes, text } from '../stage.ts'
import { host, NODE, RAW_WORKER, rawProgram } from './host.ts'

const REPOSITORY = new URL('../../../..', import.meta.url).pathname
/** Far above what a look for idle workers takes; only a hang comes near. */
const PATIENCE = { timeout: 10_000 }

const LEVELS: readonly IsolationLevel[] = ['process', 'sandbox', 'oci']

test.each(LEVELS)('a paused worker at the level %s stands still, and answers when it is called', async (level) => {
  const { engine } = await host({
    programs: [
      rawProgram({
        command: [...NODE, RAW_WORKER],
        isolation: { level, mounts: [REPOSITORY] },
        workers: { min: 1, max: 1, warm: 0, pauseAfterUs: 20_000 },
      }),
    ],
  })
  const state = (): string | undefined => engine.workers()[0]?.state
  await vi.waitUntil(() => state() === 'paused', PATIENCE)
  const { pid } = engine.workers()[0]!
  // T: stopped by a signal; D: in the freezer. The kernel gets there a little after it was told.
  const isStill = (): boolean => /^[TD] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!)
  await vi.waitUntil(isStill, PATIENCE)
  const outcome = await engine.invoke('echo', bytes('hello'))
  expect(outcome.ok && text(outcome.output)).toBe('hello')
  await vi.waitUntil(() => state() === 'paused', PATIENCE)
  // Ended while it stands still: DRAIN is heard, and no process stays.
})
