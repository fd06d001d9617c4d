/** Payload files on a real memory file system, with real workers at every level, and what is left of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import type { Outcome } from '../../src/engine-api.ts'
import type { IsolationLevel } from '../../src/isolation/level.ts'
import type { EngineOptions, ProgramOptions } from '../../src/options.ts'
import { bytes, pattern, text } from '../stage.ts'
import { ENGINE_MAIN, freshDirectory, host, NODE, RAW_WORKER, rawProgram } from './host.ts'
import { runScript } from './script-worker.ts'

const HOST = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url))
const FUNCTIONS = join(import.meta.dirname, '../fixtures/file-functions.ts')
const LEVELS: readonly IsolationLevel[] = ['process', 'sandbox', 'oci']
/** Far above what a removal takes; only a hang comes near. */
const PATIENCE = { timeout: 20_000 }
const BIG = pattern(3_000_000)

const reason = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.failure.reason)

/** A fresh directory in memory, which must be empty after the test. */
function memoryDirectory(): string {
  const path = mkdtempSync('/dev/shm/millrace-test-')
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Everything below a directory, directories excepted. */
const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

async function withFiles(programs: readonly ProgramOptions[], more: Partial<EngineOptions> = {}) {
  const memory = memoryDirectory()
  onTestFinished(() => expect(readdirSync(memory)).toEqual([])) // Comes before the removal, and after the engine's stop.
  const hosted = await host({ programs, payloadFiles: { directory: memory }, ...more })
  return { ...hosted, memory }
}

const raw = (...names: string[]): ProgramOptions =>
  rawProgram({ env: { MILLRACE_TEST_FILES: '1', MILLRACE_TEST_FUNCTIONS: names.join(',') } })

function sdkProgram(name: string, level: IsolationLevel): ProgramOptions {
  const functions = [{ name }]
  return { name, command: [...NODE, HOST, FUNCTIONS], functions, isolation: { level, mounts: [REPOSITORY] } }
}

test.each(LEVELS)(
  'a worker at the level %s hands its payloads to one at the level process, and back',
  async (level) => {
    const { engine, memory } = await withFiles([sdkProgram('relay', level), sdkProgram('echo', 'process')])
    expect(engine.workers().every(({ features }) => features.includes('payload-file'))).toBe(true)
    for (const size of [32_768, 32_767, BIG.length, 0]) {
      const input = BIG.subarray(0, size)
      const outcome = await engine.invoke('relay', input)
      expect(outcome.ok && Buffer.compare(outcome.output, input)).toBe(0)
    }
    // What a side keeps to write again: at most one for each of the two hops, in one directory each.
    expect(filesBelow(memory).length).toBeLessThanOrEqual(3)
  },
)

test('payloads over HTTP go in files, too', async () => {
  const { engine } = await withFiles([raw('file-back')], { http: { port: 0 } })
  const { host: hostname, port } = engine.address!
  const output = await new Promise<Buffer>((resolve, reject) => {
    const sent = request({ host: hostname, port, path: '/function/file-back', method: 'POST' }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts)))
    })
    sent.setHeader('Content-Length', BIG.length)
    sent.on('error', reject).end(BIG)
  })
  expect(Buffer.compare(output, BIG)).toBe(0)
})

test.each(['link', 'hard', 'fifo', 'directory', 'missing', 'short', 'long'])(
  'a worker that puts %s in the place of a file loses its channel, and the next one serves',
  async (kind) => {
    const { engine, memory } = await withFiles([raw('file-odd', 'file-back')])
    const rule = ['short', 'long'].includes(kind) ? 'file-size-exact' : 'file-regular'
    expect(await engine.invoke('file-odd', bytes(kind))).toMatchObject({
      ok: false,
      failure: { reason: 'protocol_error', message: expect.stringContaining(`(rule ${rule})`) },
    })
    expect(reason(await engine.invoke('file-back', BIG))).toBe('ok')
    await vi.waitUntil(() => filesBelow(memory).length <= 1, PATIENCE)
  },
)

test('a worker sees no other in the directory above its own, and what it leaves goes with it', async () => {
  const { engine, event } = await withFiles([{ ...raw('file-litter'), workers: 2 }])
  const outcome = await engine.invoke('file-litter', bytes(''))
  const { payloads, above, mode } = JSON.parse(text((outcome as { output: Uint8Array }).output))
  expect([above, mode]).toEqual([['files'], '700'])
  expect(statfsSync(payloads).type).toBe(0x01021994)
  const gone = event((one) => one.event === 'gone')
  for (const { pid } of engine.workers()) process.kill(pid!, 'SIGKILL')
  await gone
  await vi.waitUntil(() => !existsSync(dirname(payloads)), PATIENCE)
})

test('kill -9 of a worker frees the input that it had', async () => {
  const { engine, memory } = await withFiles([raw('hold', 'echo')])
  const held = engine.invoke('hold', BIG)
  await engine.invoke('echo', bytes('the other has arrived before this'))
  expect(filesBelow(memory).length).toBe(1)
  process.kill(engine.workers()[0]!.pid!, 'SIGKILL')
  expect(reason(await held)).toBe('worker_crashed')
  await vi.waitUntil(() => filesBelow(memory).length === 0, PATIENCE)
})

test('what an engine that is killed left in memory, the next one removes', async () => {
  const memory = memoryDirectory()
  const directory = freshDirectory()
  const child = spawn(NODE[0], [NODE[1], ENGINE_MAIN, directory, RAW_WORKER, memory], {
    env: { ...process.env, MILLRACE_TEST_FILES: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve) => createInterface(child.stdout).once('line', () => resolve()))
  expect(filesBelow(memory).length).toBe(1) // The input of the call that is held.
  const killed = once(child, 'exit')
  child.kill('SIGKILL')
  await killed
  const options = { runtimeDirectory: directory, payloadFiles: { directory: memory }, programs: [raw('echo')] }
  const next = createEngine(options)
  await next.start()
  expect(filesBelow(memory)).toEqual([])
  await next.stop()
  expect([readdirSync(memory), readdirSync(directory)]).toEqual([[], []])
})

test('a directory that is not in memory is refused at the start, and nothing is left', async () => {
  const directory = freshDirectory()
  const runtimeDirectory = freshDirectory()
  const engine = createEngine({ runtimeDirectory, payloadFiles: { directory }, programs: [raw('echo')] })
  await expect(engine.start()).rejects.toThrow(`${directory} is no memory file system`)
  expect([readdirSync(directory), readdirSync(runtimeDirectory)]).toEqual([[], []])
})

test('a runtime directory in memory has the payload files, and payloadFiles false has none', async () => {
  const runtimeDirectory = memoryDirectory()
  const within = createEngine({ runtimeDirectory, programs: [raw('file-litter')] })
  await within.start()
  const outcome = await within.invoke('file-litter', bytes(''))
  expect(JSON.parse(text((outcome as { output: Uint8Array }).output)).payloads).toContain(runtimeDirectory)
  await within.stop()
  expect(readdirSync(runtimeDirectory)).toEqual([])
  const { engine } = await host({ programs: [raw('echo')], payloadFiles: false })
  expect(engine.workers()[0]!.features).not.toContain('payload-file')
})

test.each(['sandbox', 'oci'] as const)(
  'a worker at the level %s sees its own payload directory alone',
  async (level) => {
    const memory = memoryDirectory()
    const script =
      'echo in $MILLRACE_PAYLOAD_DIR; touch $MILLRACE_PAYLOAD_DIR/own && ls $MILLRACE_PAYLOAD_DIR; ls /dev/shm'
    const end = await runScript(script, { level }, () => {}, { payloads: memory })
    expect(end.lines).toEqual(['in /run/millrace/payloads', 'own'])
    expect(readdirSync(memory)).toEqual([])
  },
)
