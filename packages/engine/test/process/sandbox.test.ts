/** What the level `sandbox` shuts off, with real processes; each is also seen to be open at the level `process`. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Isolation } from '../../src/isolation/level.ts'
import { LocalLauncher } from '../../src/worker/local-launcher.ts'
import { RuntimeDirectory } from '../../src/worker/runtime-directory.ts'
import type { LaunchedWorker, ProcessExit } from '../../src/world.ts'
import { bytes, text } from '../stage.ts'
import { freshDirectory, host, NODE, rawProgram } from './host.ts'

const SANDBOX: Isolation = { level: 'sandbox' }
const PROCESS: Isolation = { level: 'process' }
const REPOSITORY = join(import.meta.dirname, '../../../..')

interface End extends ProcessExit {
  readonly why: string | undefined
}

/** Runs a shell script as a worker to its end. `onLine`: told of each line, and may signal the worker. */
async function run(
  script: string,
  isolation: Isolation,
  onLine: (worker: LaunchedWorker) => void = () => {},
): Promise<End> {
  const launcher = new LocalLauncher(await RuntimeDirectory.create(freshDirectory(), 'sandbox-test'))
  const end = await new Promise<End>((resolve) => {
    const command = ['bash', '-c', script]
    const request = { program: 'p', workerId: 1, command, cwd: freshDirectory(), env: {}, token: 't', isolation }
    const worker = launcher.launch(request, {
      onExit: (exit, why) => resolve({ ...exit, why }),
      onOutput: () => onLine(worker),
    })
  })
  launcher.close()
  return end
}

const FINE: End = { code: 0, signal: null, why: undefined }

test('a sandboxed worker cannot read a file of the host outside its own', async () => {
  const secret = join(freshDirectory(), 'secret')
  writeFileSync(secret, 'x')
  expect(await run(`cat ${secret}`, PROCESS)).toEqual(FINE)
  expect(await run(`cat ${secret}`, SANDBOX)).toMatchObject({ code: 1 })
  expect(await run(`cat ${secret}`, { ...SANDBOX, mounts: [secret] })).toEqual(FINE)
})

test('a sandboxed worker cannot change a file that it may read', async () => {
  const file = join(freshDirectory(), 'file')
  writeFileSync(file, 'x')
  expect(await run(`echo y > ${file}`, PROCESS)).toEqual(FINE)
  expect(await run(`echo y > ${file}`, { ...SANDBOX, mounts: [file] })).toMatchObject({ code: 1 })
})

test('a sandboxed worker reaches the network only where it is allowed', async () => {
  const server = createServer((socket) => socket.destroy())
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  onTestFinished(() => void server.close())
  const connect = `exec 3<>/dev/tcp/127.0.0.1/${port}`
  expect(await run(connect, PROCESS)).toEqual(FINE)
  expect(await run(connect, SANDBOX)).toMatchObject({ code: 1 })
  expect(await run(connect, { ...SANDBOX, network: true })).toEqual(FINE)
})

test('a sandboxed worker cannot signal a process of the host', async () => {
  const other = spawn('sleep', ['1000'])
  onTestFinished(() => void other.kill('SIGKILL'))
  // Where the number is that of nobody inside, `kill` fails; signal 0 harms nobody at the level `process`.
  expect(await run(`kill -0 ${other.pid}`, PROCESS)).toEqual(FINE)
  expect(await run(`kill -0 ${other.pid}`, SANDBOX)).toMatchObject({ code: 1 })
})

test('a sandboxed worker sees no variable of the engine but PATH, LANG and TZ', async () => {
  process.env.MILLRACE_TEST_SECRET = 'x'
  onTestFinished(() => void delete process.env.MILLRACE_TEST_SECRET)
  expect(await run('test -n "$MILLRACE_TEST_SECRET"', PROCESS)).toEqual(FINE)
  expect(await run('test -n "$MILLRACE_TEST_SECRET"', SANDBOX)).toMatchObject({ code: 1 })
})

test.each([PROCESS, SANDBOX])('exit codes, signals and SIGTERM come through at the level $level', async (isolation) => {
  const onceReady = (signal: 'SIGTERM' | 'SIGKILL') => (worker: LaunchedWorker) => worker.signal(signal)
  expect(await run('exit 7', isolation)).toMatchObject({ code: 7, signal: null })
  expect(await run('kill -SEGV $$', isolation)).toMatchObject({ code: null, signal: 'SIGSEGV' })
  const sleeper = 'echo ready; exec sleep 1000'
  expect(await run(sleeper, isolation, onceReady('SIGTERM'))).toMatchObject({ code: null, signal: 'SIGTERM' })
  expect(await run(sleeper, isolation, onceReady('SIGKILL'))).toMatchObject({ code: null, signal: 'SIGKILL' })
  const handler = 'trap "exit 3" TERM; echo ready; sleep 1000 & wait'
  expect(await run(handler, isolation, onceReady('SIGTERM'))).toMatchObject({ code: 3, signal: null })
})

test('a level that the engine does not know is refused, never lowered', async () => {
  const { why } = await run('true', { level: 'oci' as 'sandbox' })
  expect(why).toMatch(/isolation oci is not known: choose process or sandbox/)
})

test('a mount that does not exist is told in one line', async () => {
  const { why } = await run('true', { ...SANDBOX, mounts: ['/no/such/path'] })
  expect(why).toMatch(/mount \/no\/such\/path is not an absolute path that exists/)
})

test('a Node worker in the sandbox answers calls', async () => {
  const isolation = { ...SANDBOX, mounts: [REPOSITORY] }
  const { engine } = await host({
    programs: [rawProgram({ isolation, command: [...NODE, ...rawProgram().command.slice(2)] })],
  })
  const outcome = await engine.invoke('launch', bytes(''))
  expect(text(outcome.ok ? outcome.output : bytes(outcome.failure.message))).toContain('"isFifo":true')
})
