import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { createEngine } from '../../src/engine.ts'
import { bytes, text } from '../stage.ts'
import { ENGINE_MAIN, freshDirectory, host, lifeline, NODE, RAW_WORKER, rawProgram } from './host.ts'

interface Launch {
  readonly isFifo: boolean
  readonly modes: readonly string[]
  readonly pid: number
  readonly group: number
  readonly names: readonly string[]
  readonly after: readonly string[]
}

test('a worker finds two FIFOs of mode 600 in a directory of mode 700, three variables, a group of its own, and no FIFO after HELLO', async () => {
  const { engine } = await host()
  const outcome = await engine.invoke('launch', bytes(''))
  const launch = JSON.parse(text(outcome.ok ? outcome.output : bytes('{}'))) as Launch
  expect(launch.isFifo).toBe(true)
  expect(launch.modes).toEqual(['600', '600', '700'])
  expect(launch.names).toEqual(['MILLRACE_CHANNEL_IN', 'MILLRACE_CHANNEL_OUT', 'MILLRACE_TOKEN'])
  expect(launch.group).toBe(launch.pid)
  // Those made ahead are nobody's yet.
  expect(launch.after.filter((name) => !name.startsWith('ahead-'))).toEqual([])
})

test.each<[string, Partial<Parameters<typeof rawProgram>[0]>, RegExp]>([
  [
    'an interpreter that is not on the PATH',
    { command: ['no-such-program', 'x'] },
    /no-such-program is not on the PATH: install it/,
  ],
  ['a program file that is missing', { command: ['./no/such/file'] }, /there is no file .*no\/such\/file/],
  [
    'a working directory that is missing',
    { cwd: '/no/such/directory' },
    /its directory \/no\/such\/directory does not exist/,
  ],
  [
    'a script that is missing',
    { command: [process.execPath, 'no-such-script.js'] },
    /exited with code 1 before its HELLO/,
  ],
  ['a NUL byte in an argument', { command: [process.execPath, 'a\0b'] }, /could not be started/],
  ['an environment that is too large', { env: { HUGE: 'x'.repeat(4_000_000) } }, /could not be started/],
])('%s is told in one line', async (_, program, why) => {
  const { failures, directory } = await host({ programs: [rawProgram(program)] })
  expect(failures).toHaveLength(1)
  expect(failures[0]!.message).toMatch(why)
  expect(failures[0]!.message).not.toContain('\n')
  expect(readdirSync(directory)).not.toEqual([])
})

test('a program that may not be executed is told in one line', async () => {
  const file = join(freshDirectory(), 'worker.sh')
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o600)
  const { failures } = await host({ programs: [rawProgram({ command: [file] })] })
  expect(failures[0]!.message).toMatch(/could not be started: .*EACCES/)
})

test('pipes that cannot be made are a failure of the worker, not of the engine', async () => {
  const { engine, directory, event } = await host()
  // Where the FIFOs of the second worker would be there is something else.
  const [own] = readdirSync(directory).filter((name) => !name.endsWith('.sock'))
  mkdirSync(join(directory, own!, 'worker-2.in'))
  const failed = event((one) => one.event === 'start-failed' && one.workerId === 2)
  const crashed = await engine.invoke('crash', bytes(''))
  expect(crashed).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: expect.stringMatching(/SIGKILL/) },
  })
  expect((await failed).message).toMatch(/its pipes could not be made: .*worker-2\.in/)
  const outcome = await engine.invoke('echo', bytes('third'))
  expect(outcome.ok && text(outcome.output)).toBe('third')
})

test('a runtime directory with a path too long for a socket is refused with a clear message', async () => {
  const directory = join(freshDirectory(), 'd'.repeat(120))
  const engine = createEngine({ programs: [rawProgram()], runtimeDirectory: directory })
  await expect(engine.start()).rejects.toThrow(/too long.*choose a shorter runtime directory/)
  await engine.stop()
})

test.for([
  [
    'below a directory that takes none',
    '/proc/none/such',
    /\/proc\/none\/such can't be made: ENOENT.*choose another directory/,
  ],
  ['that is a file', '/proc/version', /\/proc\/version can't be made: EEXIST.*choose another directory/],
] as const)('a runtime directory %s is refused with a clear message', async ([, directory, message]) => {
  const engine = createEngine({ programs: [rawProgram()], runtimeDirectory: directory })
  await expect(engine.start()).rejects.toThrow(message)
  await engine.stop()
})

test('stop leaves no process, FIFO, directory or socket', async () => {
  const life = await lifeline()
  const directory = freshDirectory()
  let readyCount = 0
  let allReady = (): void => {}
  const ready = new Promise<void>((resolve) => {
    allReady = resolve
  })
  const engine = createEngine({
    runtimeDirectory: directory,
    onWorker: ({ event }) => {
      if (event === 'ready') readyCount += 1
      if (readyCount === 3) allReady()
    },
    programs: [rawProgram({ workers: 3, env: { MILLRACE_TEST_LIFELINE: life.path } })],
  })
  await engine.start()
  await ready
  await Promise.all(Array.from({ length: 9 }, () => engine.invoke('echo', bytes('x'))))
  await engine.stop()
  await life.dead(3)
  expect(life.alive()).toBe(0)
  expect(readdirSync(directory)).toEqual([])
})

test('stop before start has come to an end starts nothing and leaves nothing', async () => {
  const directory = freshDirectory()
  const engine = createEngine({ runtimeDirectory: directory, programs: [rawProgram()], http: { port: 0 } })
  const started = engine.start()
  await engine.stop()
  await started
  expect(engine.workers()).toEqual([])
  expect(readdirSync(directory)).toEqual([])
})

test('the workers of an engine that is killed exit by themselves; the next engine removes what it left, a live one keeps its own', async () => {
  const life = await lifeline()
  const directory = freshDirectory()
  const live = await host({ runtimeDirectory: directory })
  const [liveName] = readdirSync(directory).filter((name) => !name.endsWith('.sock'))
  const child = spawn(NODE[0], [NODE[1], ENGINE_MAIN, directory, RAW_WORKER], {
    env: { ...process.env, MILLRACE_TEST_LIFELINE: life.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await new Promise<string[]>((resolve) => {
    createInterface(child.stdout).once('line', (first) => resolve([first]))
  })
  expect(JSON.parse(line!)).toMatchObject({ failures: [], workers: [expect.any(Number), expect.any(Number)] })
  // Its own end, too: the workers see theirs as soon as one of its descriptors is closed, which may be before the last.
  const killed = once(child, 'exit')
  child.kill('SIGKILL')
  await killed
  await life.dead(2)
  expect(readdirSync(directory).length).toBe(4)

  const next = createEngine({ runtimeDirectory: directory, programs: [rawProgram()] })
  await next.start()
  expect(readdirSync(directory)).toContain(liveName)
  expect(readdirSync(directory).length).toBe(4)
  const outcome = await live.engine.invoke('echo', bytes('untouched'))
  expect(outcome.ok && text(outcome.output)).toBe('untouched')
  await next.stop()
  expect(readdirSync(directory)).toEqual(expect.arrayContaining([liveName, `${liveName}.sock`]))
  expect(readdirSync(directory).length).toBe(2)
  await live.engine.stop()
  expect(readdirSync(directory)).toEqual([])
})
