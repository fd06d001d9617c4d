/** What the levels `sandbox` and `oci` shut off, with real processes; each is also seen to be open at the level `process`. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, globSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Isolation } from '../../src/isolation/level.ts'
import type { LaunchedWorker } from '../../src/world.ts'
import { bytes, text } from '../stage.ts'
import { freshDirectory, host, NODE, rawProgram } from './host.ts'
import { runScript as run } from './script-worker.ts'

const SANDBOX: Isolation = { level: 'sandbox' }
const OCI: Isolation = { level: 'oci' }
const PROCESS: Isolation = { level: 'process' }
const REPOSITORY = join(import.meta.dirname, '../../../..')

const FINE = { code: 0, signal: null, why: undefined }

describe.each([SANDBOX, OCI])('a worker at the level $level', (shut) => {
  test('cannot read a file of the host outside its own', async () => {
    const secret = join(freshDirectory(), 'secret')
    writeFileSync(secret, 'x')
    expect(await run(`cat ${secret}`, PROCESS)).toMatchObject(FINE)
    expect(await run(`cat ${secret}`, shut)).toMatchObject({ code: 1 })
    expect(await run(`cat ${secret}`, { ...shut, mounts: [secret] })).toMatchObject(FINE)
  })

  test('cannot change a file that it may read', async () => {
    const file = join(freshDirectory(), 'file')
    writeFileSync(file, 'x')
    expect(await run(`echo y > ${file}`, PROCESS)).toMatchObject(FINE)
    expect(await run(`echo y > ${file}`, { ...shut, mounts: [file] })).toMatchObject({ code: 1 })
  })

  test('reaches the network only where it is allowed', async () => {
    const server = createServer((socket) => socket.destroy())
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    )
    onTestFinished(() => void server.close())
    const connect = `exec 3<>/dev/tcp/127.0.0.1/${port}`
    expect(await run(connect, PROCESS)).toMatchObject(FINE)
    expect(await run(connect, shut)).toMatchObject({ code: 1 })
    expect(await run(connect, { ...shut, network: true })).toMatchObject(FINE)
  })

  test('cannot signal a process of the host', async () => {
    const other = spawn('sleep', ['1000'])
    onTestFinished(() => void other.kill('SIGKILL'))
    // Where the number is that of nobody inside, `kill` fails; signal 0 harms nobody at the level `process`.
    expect(await run(`kill -0 ${other.pid}`, PROCESS)).toMatchObject(FINE)
    expect(await run(`kill -0 ${other.pid}`, shut)).toMatchObject({ code: 1 })
  })

  test('sees no variable of the engine but PATH, LANG and TZ', async () => {
    process.env.XDG_MILLRACE_TEST = 'x'
    onTestFinished(() => void delete process.env.XDG_MILLRACE_TEST)
    expect(await run('test -n "$XDG_MILLRACE_TEST"', PROCESS)).toMatchObject(FINE)
    expect(await run('test -n "$XDG_MILLRACE_TEST"', shut)).toMatchObject({ code: 1 })
  })

  test('cannot make namespaces of its own', async () => {
    // Without a filter it could: any user may make a user namespace.
    expect(await run('unshare --user true', PROCESS)).toMatchObject(FINE)
    const { code, lines } = await run('unshare --user true', shut)
    expect({ code, lines }).toEqual({ code: 1, lines: ['unshare: unshare failed: Operation not permitted'] })
  })

  test('a mount that does not exist is told in one line', async () => {
    const { why } = await run('true', { ...shut, mounts: ['/no/such/path'] })
    expect(why).toMatch(/mount \/no\/such\/path is not an absolute path that exists/)
  })

  test('a Node worker answers calls', async () => {
    const isolation = { ...shut, mounts: [REPOSITORY] }
    const { engine } = await host({
      programs: [rawProgram({ isolation, command: [...NODE, ...rawProgram().command.slice(2)] })],
    })
    const outcome = await engine.invoke('launch', bytes(''))
    expect(text(outcome.ok ? outcome.output : bytes(outcome.failure.message))).toContain('"isFifo":true')
  })
})

test.each([PROCESS, SANDBOX, OCI])(
  'exit codes, signals and SIGTERM come through at the level $level',
  async (isolation) => {
    const onceReady = (signal: 'SIGTERM' | 'SIGKILL') => (worker: LaunchedWorker) => worker.signal(signal)
    expect(await run('exit 7', isolation)).toMatchObject({ code: 7, signal: null })
    expect(await run('kill -SEGV $$', isolation)).toMatchObject({ code: null, signal: 'SIGSEGV' })
    const sleeper = 'echo ready; exec sleep 1000'
    expect(await run(sleeper, isolation, onceReady('SIGTERM'))).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(await run(sleeper, isolation, onceReady('SIGKILL'))).toMatchObject({ code: null, signal: 'SIGKILL' })
    const handler = 'trap "exit 3" TERM; echo ready; sleep 1000 & wait'
    expect(await run(handler, isolation, onceReady('SIGTERM'))).toMatchObject({ code: 3, signal: null })
  },
)

test.each([PROCESS, SANDBOX, OCI])(
  'what was left open for the engine is nothing to a worker at $level',
  async (isolation) => {
    const secret = join(freshDirectory(), 'secret')
    writeFileSync(secret, 'x')
    const fd = openSync(secret, 'r')
    onTestFinished(() => closeSync(fd))
    const request = { program: 'p', workerId: 1, command: ['bash', '-c', 'readlink /proc/$$/fd/*; true'], isolation }
    const script = `
    import { LocalLauncher } from '${REPOSITORY}/packages/engine/src/worker/local-launcher.ts'
    import { RuntimeDirectory } from '${REPOSITORY}/packages/engine/src/worker/runtime-directory.ts'
    const launcher = new LocalLauncher(await RuntimeDirectory.create('${freshDirectory()}', '0123456789abcdef'))
    const request = { ...${JSON.stringify(request)}, cwd: '${freshDirectory()}', env: {}, token: 't' }
    const onOutput = (stream, line) => console.log(line)
    launcher.launch(request, { onOutput, onExit: () => launcher.close() })`
    const [node, ...args] = [...NODE, '--input-type=module', '-e', script]
    const plain = execFileSync('bash', ['-c', 'readlink /proc/$$/fd/*; true'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', fd],
    })
    expect(plain).toContain(secret)
    const seen = execFileSync(node!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit', fd] })
    expect(seen).toMatch(/socket:|pipe:/)
    expect(seen).not.toContain(secret)
  },
)

test('a container that was killed leaves no cgroup', async () => {
  const own = (): string[] =>
    globSync(`/sys/fs/cgroup/**/millrace-${process.pid}-*`).filter((path) => path.includes('-oci'))
  let seen: string[] = []
  await run('echo ready; exec sleep 1000', OCI, (worker) => {
    seen = own()
    worker.signal('SIGKILL')
  })
  expect(seen).not.toEqual([])
  await vi.waitUntil(() => own().length === 0, { timeout: 10_000 })
})

test('a root file system of the user is all that a worker at oci sees', async () => {
  const rootfs = freshDirectory()
  for (const path of ['bin', 'lib', 'lib64', 'usr', 'etc', 'proc', 'dev', 'tmp', 'run']) mkdirSync(join(rootfs, path))
  writeFileSync(join(rootfs, 'etc/own'), 'x')
  const mounts = ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path))
  const { code, lines } = await run('ls /etc', { ...OCI, rootfs, mounts }, () => {}, { command: '/bin/bash', cwd: '/' })
  expect({ code, lines }).toEqual({ code: 0, lines: ['own'] })
})

test('a level that the engine does not know is refused, never lowered', async () => {
  const { why } = await run('true', { level: 'jail' as 'sandbox' })
  expect(why).toMatch(/isolation jail is not known: choose process, sandbox, oci/)
})

test('a level whose program is missing is refused, never lowered', async () => {
  const folder = freshDirectory()
  symlinkSync('/usr/bin/mkfifo', join(folder, 'mkfifo'))
  const path = process.env.PATH
  onTestFinished(() => {
    process.env.PATH = path
  })
  process.env.PATH = folder
  expect((await run('true', SANDBOX)).why).toMatch(/isolation sandbox needs bwrap: apt-get install bubblewrap/)
  expect((await run('true', OCI)).why).toMatch(/isolation oci needs runc: apt-get install runc/)
})
