/** Workers that a real Python zygote forks: their calls, and every end of theirs and of the zygote. */
import { readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Content } from '@millrace/protocol'
import { expect, test } from 'vitest'
import type { Engine, Outcome } from '../../src/engine-api.ts'
import type { Isolation } from '../../src/isolation/level.ts'
import { OptionError } from '../../src/option-check.ts'
import type { ProgramOptions } from '../../src/options.ts'
import { lifeOf } from '../../src/worker/processes.ts'
import { bytes, text } from '../stage.ts'
import { freshDirectory, type Host, host, rawProgram } from './host.ts'

const SDK = join(import.meta.dirname, '../../../../sdks/python/src')
const APP = join(import.meta.dirname, '../fixtures/forked_app.py')

interface Who {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly loadedBy: number
}

function forked(more: Partial<ProgramOptions> = {}, app = APP): ProgramOptions {
  const path = process.env.PYTHONPATH === undefined ? SDK : `${SDK}${delimiter}${process.env.PYTHONPATH}`
  return { name: 'app', command: ['python3', '-m', 'millrace', app], env: { PYTHONPATH: path }, fork: true, ...more }
}

const call = (engine: Engine, name: string, value?: unknown): Promise<Outcome> =>
  engine.invoke(name, bytes(value === undefined ? '' : JSON.stringify(value)), {
    content: value === undefined ? Content.BYTES : Content.JSON,
  })

async function who(engine: Engine): Promise<Who> {
  const outcome = await call(engine, 'who')
  return JSON.parse(text(outcome.ok ? outcome.output : bytes(JSON.stringify(outcome.failure)))) as Who
}

const pids = (engine: Engine): number[] => engine.workers().map(({ pid }) => pid!)

/** Resolves when so many workers are ready; to be called before they are asked for. */
function ready({ event }: Host, count: number): Promise<unknown> {
  let left = count
  return event((one) => {
    if (one.event === 'ready') left -= 1
    return left === 0
  })
}

test('workers are forked from one zygote, each a process group of its own, and serve; stop leaves no process', async () => {
  let count = 0
  let allReady = (): void => {}
  const two = new Promise<void>((resolve) => {
    allReady = resolve
  })
  const one = await host({
    programs: [forked({ workers: 2, exclusive: true })],
    onWorker: ({ event }) => {
      if (event === 'ready') count += 1
      if (count === 2) allReady()
    },
  })
  await two
  expect(one.failures).toEqual([])
  // Both at once, so that each worker has one.
  const held = call(one.engine, 'hold')
  const free = await who(one.engine)
  expect(pids(one.engine)).toContain(free.pid)
  expect(new Set(pids(one.engine)).size).toBe(2)
  expect(free).toMatchObject({ group: free.pid, parent: free.loadedBy })
  expect(free.loadedBy).not.toBe(free.pid)
  const [other] = pids(one.engine).filter((pid) => pid !== free.pid)
  process.kill(other!, 'SIGKILL')
  expect(await held).toMatchObject({ ok: false, failure: { message: 'the worker was killed by SIGKILL' } })
  await call(one.engine, 'say', 'said by a child')
  const all = [...pids(one.engine), free.loadedBy]
  await one.engine.stop()
  expect(one.lines).toContain('said by a child')
  expect(all.filter((pid) => lifeOf(pid) !== undefined)).toEqual([])
  expect(readdirSync(one.directory)).toEqual([])
})

test('a worker that is killed fails its call, and the same zygote forks the next', async () => {
  const one = await host({ programs: [forked()] })
  const before = await who(one.engine)
  const again = ready(one, 1)
  const held = call(one.engine, 'hold')
  process.kill(before.pid, 'SIGKILL')
  expect(await held).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker was killed by SIGKILL' },
  })
  await again
  const after = await who(one.engine)
  expect(after.pid).not.toBe(before.pid)
  expect(after.loadedBy).toBe(before.loadedBy)
})

test('a worker that exits in a call fails it with its exit code', async () => {
  const { engine } = await host({ programs: [forked()] })
  expect(await call(engine, 'leave', 3)).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker exited with code 3' },
  })
})

test('workers go on when their zygote is killed, their ends are seen, and the next launch has a new zygote', async () => {
  const one = await host({ programs: [forked()] })
  const before = await who(one.engine)
  process.kill(before.loadedBy, 'SIGKILL')
  expect(await who(one.engine)).toMatchObject({ pid: before.pid })
  const again = ready(one, 1)
  const held = call(one.engine, 'hold')
  process.kill(before.pid, 'SIGKILL')
  expect(await held).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker ended, and so had its zygote, which alone is told how' },
  })
  await again
  const after = await who(one.engine)
  expect(after).toMatchObject({ parent: after.loadedBy })
  expect(after.loadedBy).not.toBe(before.loadedBy)
  // Which of the two ends of a killed process is seen first is the system's choice.
  const told =
    /^the zygote of program app (was killed by SIGKILL|closed its channel); its workers are started without it$/
  expect(one.lines).toEqual([expect.stringMatching(told)])
})

test('stop ends workers whose zygote is gone, and leaves no process', async () => {
  const one = await host({ programs: [forked()] })
  const { pid, loadedBy } = await who(one.engine)
  process.kill(loadedBy, 'SIGKILL')
  await one.engine.stop()
  expect([pid, loadedBy].filter((each) => lifeOf(each) !== undefined)).toEqual([])
})

test('a worker that ignores DRAIN and SIGTERM is killed in its own group, and its zygote drained after it', async () => {
  const one = await host({ programs: [forked()], drainTimeoutUs: 1 })
  const { pid, loadedBy } = await who(one.engine)
  await call(one.engine, 'ignore_sigterm')
  const held = call(one.engine, 'hold')
  await one.engine.stop()
  expect(await held).toMatchObject({ ok: false })
  expect([pid, loadedBy].filter((each) => lifeOf(each) !== undefined)).toEqual([])
  expect(one.lines).toEqual([])
})

test('a new version has a zygote of its own, and the old one ends with its last worker', async () => {
  const one = await host({ programs: [forked()] })
  const before = await who(one.engine)
  const gone = one.event((event) => event.event === 'gone' && event.pid === before.pid)
  expect(await one.engine.replaceProgram(forked({ env: { ...forked().env, VERSION: '2' } }))).toBeUndefined()
  await gone
  const after = await who(one.engine)
  expect(after.loadedBy).not.toBe(before.loadedBy)
  await one.engine.stop()
  expect([before.loadedBy, after.loadedBy].filter((pid) => lifeOf(pid) !== undefined)).toEqual([])
})

test('a command that makes no zygote is told, and its workers are started by themselves', async () => {
  const { engine, failures, lines } = await host({ programs: [rawProgram({ fork: true, workers: 2 })] })
  expect(failures).toEqual([])
  const outcome = await engine.invoke('echo', bytes('plain'))
  expect(outcome.ok && text(outcome.output)).toBe('plain')
  expect(lines.some((line) => line.includes('the command does not know --zygote; its workers'))).toBe(true)
})

test.each([
  ['raise ValueError("no luck")\n', /ValueError: no luck/, 1],
  [
    'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\ndef f(): ...\n',
    /OPENBLAS/,
    0,
  ],
])(
  'code that cannot be loaded fails as without a zygote, code that has threads is run without: %j',
  async (code, said, failed) => {
    const app = join(freshDirectory(), 'app.py')
    writeFileSync(app, code)
    const { failures, lines } = await host({ programs: [forked({}, app)] })
    expect(failures.length).toBe(failed)
    expect(lines.some((line) => said.test(line))).toBe(true)
  },
)

test('fork together with an isolation that it cannot have is refused with the fix', async () => {
  const refused = (isolation: Isolation) => host({ programs: [forked({ isolation })] })
  await expect(refused({ level: 'sandbox' })).rejects.toThrow(OptionError)
  await expect(refused({ level: 'sandbox' })).rejects.toThrow(
    "programs[0].fork: a zygote's workers cannot have isolation sandbox yet: leave out fork, or the isolation sandbox",
  )
  await expect(refused({ level: 'process', limits: { memoryBytes: 1 } })).rejects.toThrow(/cannot have limits yet/)
})
