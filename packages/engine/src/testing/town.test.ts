import { expect, test } from 'vitest'
import { runTown } from './town.ts'

const REPLAY = 'make sim SEED='
const SEEDS = Array.from({ length: 120 }, (_, i) => i + 1)

const EVERY_REASON = [
  'handler_error',
  'bad_input',
  'not_found',
  'cancelled',
  'deadline_exceeded',
  'payload_too_large',
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'draining',
  'protocol_error',
  'overloaded',
]

/** Runs a town; a failure tells how to see it again. */
async function town(seed: number) {
  try {
    return await runTown({ seed })
  } catch (error) {
    throw new Error(`${(error as Error).message}\nagain: ${REPLAY}${seed}`, { cause: error })
  }
}

test(`${SEEDS.length} towns, each from its seed, keep every rule that is watched`, async () => {
  const told = new Set<string>()
  let ok = 0
  for (const seed of SEEDS) {
    const report = await town(seed)
    for (const reason of report.told) told.add(reason)
    ok += report.outcomes.get('ok') ?? 0
  }
  // The towns see life: whatever can become of a call has become of some.
  expect(ok).toBeGreaterThan(0)
  for (const reason of EVERY_REASON) expect([...told], `no caller was told ${reason}`).toContain(reason)
})

test('the same seed gives the same history, another seed another', async () => {
  const [once, twice, other] = [await town(7), await town(7), await town(8)]
  expect(twice).toEqual(once)
  expect(other.history).not.toBe(once.history)
})

test('a call whose end is never told is noticed', async () => {
  await expect(runTown({ seed: 5, loseRecord: 3 })).rejects.toThrow(/seed 5: \d+ calls entered, but \d+ ended/)
})
