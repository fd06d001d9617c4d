/** Engines side by side with real workers and real FIFOs, in one process: what happens to a link and to the calls on it. */
import { writeFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import type { Engine } from '../../src/engine-api.ts'
import type { EngineOptions, ProgramOptions } from '../../src/options.ts'
import { Neighbours } from '../../src/testing/neighbours.ts'
import { freshDirectory, NODE } from './host.ts'

const FUNCTIONS = `${import.meta.dirname}/../fixtures/shard-functions.ts`

/** A program whose functions are `echo`, `call` and `hold` with `side` and a dot before. */
function program(side: string, more: Partial<ProgramOptions> = {}): ProgramOptions {
  const functions = ['echo', 'call', 'hold', 'gate'].map((name) => ({ name: `${side}.${name}` }))
  return { name: side, command: [...NODE, FUNCTIONS, side], functions, ...more }
}

async function two(left: Partial<ProgramOptions> = {}, options: Partial<EngineOptions> = {}): Promise<Neighbours> {
  const runtimeDirectory = freshDirectory()
  const neighbours = new Neighbours([
    { programs: [program('left', left)], options: { runtimeDirectory, ...options } },
    { programs: [program('right')], options: { runtimeDirectory, ...options } },
  ])
  onTestFinished(() => neighbours.stop())
  return await neighbours.start()
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

async function call(engine: Engine, name: string, input: unknown, options = {}) {
  const outcome = await engine.invoke(name, json(input), options)
  if (!outcome.ok) return outcome.failure
  return JSON.parse(new TextDecoder().decode(outcome.output))
}

it('refuses a call to a shard that is down at once, with a reason to try again, and serves it when that is back', async () => {
  const { engines } = await two()
  const [left] = engines as [Engine, Engine]
  left.peers!.down(1, 'it was killed by SIGKILL')
  expect(await call(left, 'right.echo', 1)).toMatchObject({
    reason: 'worker_unavailable',
    retryable: true,
    message: 'shard 1, which serves this function, is down: it was killed by SIGKILL',
  })
  left.peers!.up(1)
  // It waits for no link: what says that a shard is down holds until the new one is there.
  await linked(left)
  expect(await call(left, 'right.echo', 2)).toBe(2)
})

it('fails the calls that are open on a link that breaks, each once, and makes another', async () => {
  const { engines } = await two()
  const [left, right] = engines as [Engine, Engine]
  const held = Array.from({ length: 20 }, () => call(left, 'right.hold', null))
  await running(right, 'right.hold', 20)
  right.peers!.down(0, 'a test cuts what it serves')
  for (const failure of await Promise.all(held)) {
    expect(failure).toMatchObject({ reason: 'worker_crashed', message: 'shard 1 ended while it had the call' })
  }
  // The other engine has lost the caller of these, and cancels them.
  await running(right, 'right.hold', 0)
  await linked(left)
  expect(await call(left, 'right.echo', 3)).toBe(3)
})

it('refuses a call without a time limit that finds no place on the other shard, so that a ring of them cannot wait for itself', async () => {
  const { engines } = await two({ exclusive: true }, { timeoutUs: 0 })
  const [left] = engines as [Engine, Engine]
  const failure = await call(left, 'left.call', { to: 'right.call', input: { to: 'left.echo', input: 1 } })
  expect(failure.message).toMatch(
    /^queue_full: no place is free for left.echo, and its call comes from another shard without a time limit/,
  )
  // With one, the ring waits no longer than that.
  const late = await call(
    left,
    'left.call',
    { to: 'right.call', input: { to: 'left.echo', input: 1 } },
    { timeoutUs: 50_000 },
  )
  expect(late).toMatchObject({ reason: 'deadline_exceeded' })
})

it('keeps a shard that has nothing to do until no other has a call open, as that may still come', async () => {
  const neighbours = await two()
  const [left, right] = neighbours.engines as [Engine, Engine]
  const directory = freshDirectory()
  const open = call(left, 'left.gate', { directory, to: 'right.echo' })
  await running(left, 'left.gate', 1)
  const stopped = neighbours.stop()
  await Promise.race([neighbours.someIdle, right.stop()])
  writeFileSync(`${directory}/open`, '')
  expect(await open).toBe('through')
  await stopped
})

/** Resolves when calls of the engine `left` reach the other again. Each try is a call, and a turn of the event loop. */
async function linked(left: Engine): Promise<void> {
  while ((await call(left, 'right.echo', 0)) !== 0) await new Promise(setImmediate)
}

/** Resolves when so many calls of a function run. Each look is a turn of the event loop. */
async function running(engine: Engine, name: string, count: number): Promise<void> {
  while (engine.functions().find((fn) => fn.name === name)!.running !== count) await new Promise(setImmediate)
}
