/** Engines with real worker processes, for tests: each in a runtime directory of its own, which must be empty after it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import type { Engine } from '../../src/engine-api.ts'
import type { CallRecord, EngineOptions, ProgramOptions, WorkerEventRecord } from '../../src/options.ts'

export const RAW_WORKER = join(import.meta.dirname, '../fixtures/raw-worker.mjs')
export const ENGINE_MAIN = join(import.meta.dirname, '../fixtures/engine-main.mjs')
export const NODE = [process.execPath, '--conditions=millrace-source'] as const

/** A fresh directory, removed after the test. */
export function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A program of raw workers. `env.MILLRACE_TEST_FUNCTIONS`: the functions they serve, by commas; default all. */
export function rawProgram(more: Partial<ProgramOptions> = {}): ProgramOptions {
  return { name: 'raw', command: [...NODE, RAW_WORKER], ...more }
}

/** A socket that workers hold open while they live. */
export async function lifeline(): Promise<{
  path: string
  alive: () => number
  dead: (count: number) => Promise<void>
}> {
  const path = join(freshDirectory(), 'life.sock')
  let alive = 0
  let deaths = 0
  const waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((socket) => {
    alive += 1
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      alive -= 1
      deaths += 1
      for (const { count, resolve } of waiting) if (deaths >= count) resolve()
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  const dead = (count: number): Promise<void> =>
    deaths >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))
  return { path, alive: () => alive, dead }
}

/** A started engine that is stopped after the test, and then has left nothing in its runtime directory. */
export interface Host {
  readonly engine: Engine
  readonly directory: string
  readonly records: CallRecord[]
  readonly events: WorkerEventRecord[]
  readonly failures: readonly { readonly program: string; readonly message: string }[]
  /** Lines of the workers' standard output and error. */
  readonly lines: string[]
  /** Resolves with the first event for which `wanted` holds, among those that come from now on. */
  event(wanted: (event: WorkerEventRecord) => boolean): Promise<WorkerEventRecord>
}

export async function host(options: Partial<EngineOptions> = {}): Promise<Host> {
  const directory = freshDirectory()
  const records: CallRecord[] = []
  const events: WorkerEventRecord[] = []
  const lines: string[] = []
  const watchers = new Set<(event: WorkerEventRecord) => void>()
  const engine = createEngine({
    programs: [rawProgram()],
    runtimeDirectory: directory,
    onCall: (record) => records.push(record),
    onOutput: (_program, _worker, _stream, line) => lines.push(line),
    onWorker: (event) => {
      events.push(event)
      for (const watch of [...watchers]) watch(event)
    },
    ...options,
  })
  const { failures } = await engine.start()
  onTestFinished(async () => {
    await engine.stop()
    expect(readdirSync(directory)).toEqual([])
  })
  const event = (wanted: (event: WorkerEventRecord) => boolean): Promise<WorkerEventRecord> =>
    new Promise((resolve) => {
      const watch = (one: WorkerEventRecord): void => {
        if (!wanted(one)) return
        watchers.delete(watch)
        resolve(one)
      }
      watchers.add(watch)
    })
  return { engine, directory, records, events, failures, lines, event }
}

/** Counts how often each outcome is in a list. */
export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
