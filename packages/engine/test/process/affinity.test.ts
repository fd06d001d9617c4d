/** Where real engines and workers run, read from the kernel: each thread of each process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { arrange, parseProcessors } from '../../src/affinity/arrangement.ts'
import { openMover, openProcessors, processorsOf } from '../../src/affinity/processors.ts'
import { measureWakes } from '../../src/affinity/wake-cost.ts'
import { FdPipeReader } from '../../src/channel/pipe-reader.ts'
import { createEngine } from '../../src/engine.ts'
import type { Engine } from '../../src/engine-api.ts'
import { onPath } from '../../src/isolation/host-facts.ts'
import type { IsolationLevel } from '../../src/isolation/level.ts'
import { OptionError } from '../../src/option-check.ts'
import type { Affinity } from '../../src/options.ts'
import { bytes } from '../stage.ts'
import { freshDirectory, host, NODE, rawProgram } from './host.ts'

const REPOSITORY = join(import.meta.dirname, '../../../..')
const SDK = join(REPOSITORY, 'sdks/python/src')
const APP = join(import.meta.dirname, '../fixtures/forked_app.py')
/** Far above what a change of placement takes; only a hang comes near. */
const PATIENCE = { timeout: 30_000 }

/** What this process may use when no engine has placed it. */
const allowed = processorsOf(process.pid)

type Threads = 'helpers' | 'others' | 'all'

/** The processors of these threads of a process, each list once. */
function threadLists(pid: number, which: Threads = 'all'): number[][] {
  const lists = readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1')
    const [, name, list] = /^Name:\s*(\S+)$.*^Cpus_allowed_list:\s*(\S+)$/ms.exec(status)!
    return which === 'all' || (name === 'V8Worker') === (which === 'helpers') ? [list!] : []
  })
  return [...new Set(lists)].map(parseProcessors)
}

/** The same of all processes of the workers, whatever wraps them. */
function workerLists(engine: Engine, which: Threads): number[][] {
  const processors = openProcessors()
  if (typeof processors === 'string') throw new Error(processors)
  const pids = engine.workers().flatMap(({ pid }) => processors.family(pid!))
  const lists = pids.flatMap((pid) => threadLists(pid, which)).map((list) => list.join(','))
  return [...new Set(lists)].map(parseProcessors)
}

/** The engine's own processor, and where its workers must be with it; a while after their start their helper threads, too. */
async function expectPlaced(engine: Engine, placement: 'pack' | 'spread'): Promise<void> {
  const own = threadLists(process.pid, 'others')
  expect(own).toEqual([[expect.any(Number)]])
  expect(allowed).toContain(own[0]![0])
  const { workers, helpers } = arrange(placement, allowed, own[0]![0]!)
  expect(workerLists(engine, 'others')).toEqual([workers])
  expect(threadLists(process.pid, 'helpers')).toEqual([helpers])
  const isApart = (): boolean => isDeepStrictEqual(workerLists(engine, 'helpers'), [helpers])
  if (workerLists(engine, 'helpers').length > 0) await vi.waitUntil(isApart, PATIENCE) // In Python a worker has none.
}

const LEVELS: readonly IsolationLevel[] = ['process', 'sandbox', 'oci']
const PLACED = (['pack', 'spread'] as const).flatMap((affinity) => LEVELS.map((level) => ({ affinity, level })))

test.each(PLACED)(
  '$affinity at the level $level: all threads of the engine and of its workers are in their place, and the engine is back after stop',
  async ({ affinity, level }) => {
    const isolation = { level, mounts: [REPOSITORY] }
    const { engine, failures } = await host({ programs: [rawProgram({ workers: 2, isolation })], affinity })
    expect(failures).toEqual([])
    await expectPlaced(engine, affinity)
    expect(await engine.metrics()).toContain(`millrace_placement{placement="${affinity}"} 1`)
    await engine.stop()
    expect(threadLists(process.pid)).toEqual([allowed])
  },
)

test('without the option nobody is placed', async () => {
  const { engine } = await host()
  expect(threadLists(process.pid)).toEqual([allowed])
  expect(workerLists(engine, 'all')).toEqual([allowed])
  expect(await engine.metrics()).toContain('millrace_placement{placement="kernel"} 1')
})

test.each([
  ['pack', true],
  ['spread', allowed.length === 1],
  [undefined, allowed.length === 1],
] as const)('with affinity %s the engine polls pipes: %s', async (affinity, polls) => {
  const look = vi.spyOn(FdPipeReader.prototype, 'look')
  onTestFinished(() => look.mockRestore())
  const { engine } = await host(affinity === undefined ? {} : { affinity })
  expect((await engine.invoke('relay', bytes('x'))).ok).toBe(true)
  expect(look.mock.calls.length > 0).toBe(polls)
})

test.each(['pack', 'spread'] as const)(
  '%s: what follows a killed worker, and what is added for waiting calls, is in its place',
  async (affinity) => {
    const { engine, event } = await host({
      programs: [rawProgram({ workers: { min: 1, max: 2 }, concurrency: 1 })],
      affinity,
    })
    const again = event((one) => one.event === 'ready')
    process.kill(engine.workers()[0]!.pid!, 'SIGKILL')
    await again
    await expectPlaced(engine, affinity)
    const second = event((one) => one.event === 'ready')
    const held = [1, 2].map(() => engine.invoke('hold', bytes('')))
    await second
    expect(engine.workers().length).toBe(2)
    await expectPlaced(engine, affinity)
    for (const { pid } of engine.workers()) process.kill(pid!, 'SIGKILL')
    await Promise.all(held)
  },
)

test.each(['pack', 'spread'] as const)(
  '%s: a zygote and the workers that it forks are in their place',
  async (affinity) => {
    const path = process.env.PYTHONPATH === undefined ? SDK : `${SDK}${delimiter}${process.env.PYTHONPATH}`
    const program = { name: 'app', command: ['python3', '-m', 'millrace', APP], env: { PYTHONPATH: path }, fork: true }
    const { engine, event, failures } = await host({ programs: [program], affinity })
    expect(failures).toEqual([])
    await expectPlaced(engine, affinity)
    const zygote = Number(
      /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${engine.workers()[0]!.pid}/status`, 'latin1'))![1],
    )
    expect(threadLists(zygote)).toEqual(workerLists(engine, 'all'))
    const again = event((one) => one.event === 'ready')
    process.kill(engine.workers()[0]!.pid!, 'SIGKILL')
    await again
    await expectPlaced(engine, affinity)
  },
)

test('auto: packed at first; under load workers that run are moved; packed again when the load is gone', async () => {
  const { engine } = await host({ affinity: 'auto' })
  await expectPlaced(engine, 'pack')
  const [home] = threadLists(process.pid, 'others')[0]!
  const isPacked = (): boolean =>
    workerLists(engine, 'others')
      .flat()
      .every((one) => one === home)
  const hasMoved = allowed.length === 1 ? () => true : () => !isPacked()
  // Without a pause: a trial of a placement that is worse may last only some milliseconds.
  do await Promise.all(Array.from({ length: 256 }, () => engine.invoke('echo', bytes('x'))))
  while (!hasMoved())
  await vi.waitUntil(isPacked, PATIENCE)
  await vi.waitUntil(async () => (await engine.metrics()).includes('millrace_placement{placement="pack"} 1'), PATIENCE)
  await engine.stop()
  expect(threadLists(process.pid)).toEqual([allowed])
})

test('with a single processor spread is the same as pack, and the log says so', async () => {
  const processors = openProcessors()
  if (typeof processors === 'string') throw new Error(processors)
  const only = allowed.at(-1)!
  expect(processors.place(process.pid, [only])).toBeUndefined()
  onTestFinished(() => expect(processors.place(process.pid, allowed)).toBeUndefined())
  const told: string[] = []
  const log = { info: () => {}, warn: (text: string) => told.push(text), error: () => {}, debug: () => {} } as never
  const { engine } = await host({ affinity: 'spread', log })
  expect(workerLists(engine, 'all')).toEqual([[only]])
  expect(told).toEqual([`affinity spread is the same as pack: this process may use one processor, ${only}`])
  await engine.stop()
})

test('a second engine of the process is refused while the first one places it, and has it afterwards', async () => {
  const { engine } = await host({ affinity: 'pack' })
  const options = { programs: [rawProgram()], runtimeDirectory: freshDirectory(), affinity: 'spread' as const }
  const second = createEngine(options)
  await expect(second.start()).rejects.toThrow(
    /another engine of this process places it already: give the option to one/,
  )
  await second.stop()
  await expectPlaced(engine, 'pack')
  await engine.stop()
  const third = await host({ affinity: 'spread' })
  await expectPlaced(third.engine, 'spread')
})

test('an affinity that there is not is refused with those that there are', () => {
  const options = { programs: [rawProgram()], affinity: 'pinned' as Affinity }
  expect(() => createEngine(options)).toThrow(OptionError)
  expect(() => createEngine(options)).toThrow('affinity: pinned is not one of pack, spread, auto')
})

test('what a wake-up costs is measured between two threads, and the calling one is back on all processors', async () => {
  const processors = openProcessors()
  if (typeof processors === 'string') throw new Error(processors)
  const cost = await measureWakes(processors)
  expect(cost).toEqual({
    onOneUs: expect.any(Number),
    acrossUs: allowed.length === 1 ? undefined : expect.any(Number),
  })
  expect(threadLists(process.pid)).toEqual([allowed])
})

const NO_KOFFI = 'koffi cannot be loaded: not here: npm install koffi'

/** A process with several threads. */
async function threaded(): Promise<ChildProcess> {
  const child = spawn(NODE[0], ['-e', 'process.stdout.write("up"); process.stdin.resume()'])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  expect(readdirSync(`/proc/${child.pid}/task`).length).toBeGreaterThan(1)
  return child
}

test.each([
  ['koffi', openMover()],
  ['taskset, without koffi', openMover({ koffi: NO_KOFFI, taskset: onPath('taskset', process.env.PATH!) })],
])(
  'all threads of a process are moved by %s, its helper threads apart, and one that is gone is no fault',
  async (_, mover) => {
    if (typeof mover === 'string') throw new Error(mover)
    const child = await threaded()
    const only = [allowed.at(-1)!]
    const other = [allowed[0]!]
    expect(mover.process(child.pid!, only, other)).toBeUndefined()
    expect(threadLists(child.pid!, 'others')).toEqual([only])
    expect(threadLists(child.pid!, 'helpers')).toEqual([other])
    expect(mover.process(child.pid!, only)).toBeUndefined()
    expect(threadLists(child.pid!)).toEqual([only])
    expect(mover.process(child.pid!, [4_095])).toMatch(/errno 22|Invalid argument/)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    expect(mover.process(child.pid!, only)).toBeUndefined()
    expect(mover.thread(child.pid!, only)).toBeUndefined()
  },
)

test('without koffi and taskset the fault names both', () => {
  expect(openProcessors(openMover({ koffi: NO_KOFFI, taskset: undefined }))).toBe(
    `affinity needs the package koffi or the program taskset: ${NO_KOFFI}; or apt-get install util-linux`,
  )
})
