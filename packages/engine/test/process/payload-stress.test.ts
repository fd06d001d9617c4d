/** Payload files while workers are killed: each call ends once, and no file outlives its owner. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { pattern } from '../stage.ts'
import { host, NODE, tally } from './host.ts'

const HOST = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
const FUNCTIONS = join(import.meta.dirname, '../fixtures/file-functions.ts')
/** Far above what a removal takes; only a hang comes near. */
const PATIENCE = { timeout: 20_000 }
const CALLS = 200
const KILLS = 4
/** Each side keeps so many files at most to write them anew: caller, callee and engine. */
const KEPT_MAX = 3 * 16

test('200 calls with files under kill -9 end once each, and only what is kept stays until the engine stops', async () => {
  const memory = mkdtempSync('/dev/shm/millrace-test-')
  onTestFinished(() => rmSync(memory, { recursive: true, force: true }))
  onTestFinished(() => expect(readdirSync(memory)).toEqual([]))
  const program = (name: string) => {
    return { name, command: [...NODE, HOST, FUNCTIONS], functions: [{ name }], workers: 2 }
  }
  const { engine, records } = await host({
    programs: [program('relay'), program('echo')],
    payloadFiles: { directory: memory },
  })
  const inputs = Array.from({ length: CALLS }, (_, i) => pattern(40_000 + i * 500, i))
  let ended = 0
  let killed = 0
  const outcomes = await Promise.all(
    inputs.map(async (input) => {
      const outcome = await engine.invoke('relay', input)
      ended += 1
      // A worker in the middle of what is left of the calls.
      if (killed < KILLS && ended >= (killed + 1) * 10) {
        const workers = engine.workers().filter(({ running }) => running > 0)
        const victim = workers[killed % Math.max(1, workers.length)]
        killed += 1
        if (victim?.pid !== undefined) kill(victim.pid)
      }
      return outcome.ok ? (Buffer.compare(outcome.output, input) === 0 ? 'ok' : 'other bytes') : outcome.failure.reason
    }),
  )
  const counts = tally(outcomes)
  expect(Object.keys(counts).filter((key) => !['ok', 'worker_crashed', 'handler_error'].includes(key))).toEqual([])
  expect(counts.ok).toBeGreaterThan(0)
  expect((counts.worker_crashed ?? 0) + (counts.handler_error ?? 0)).toBeGreaterThan(0)
  expect(records.filter((record) => record.function === 'relay')).toHaveLength(CALLS)
  const files = (): number =>
    readdirSync(memory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
  await vi.waitUntil(() => files() <= KEPT_MAX, PATIENCE)
})

/** Nothing happens when it has just ended: the engine hears of that a moment later. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
