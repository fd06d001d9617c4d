import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runtimeHosts } from '../../src/cli/runtime-hosts.ts'
import type { Outcome } from '../../src/engine-api.ts'
import type { ProgramOptions } from '../../src/options.ts'
import { bytes, pattern, text } from '../stage.ts'
import { host, NODE, rawProgram } from './host.ts'

const ringProgram = (name = 'ring'): ProgramOptions => ({
  name,
  command: [...NODE, join(import.meta.dirname, '../fixtures/ring-worker.mjs')],
})
/** Calls that it takes at once: as many as its ring has cells, so that the last one needs a look for room. */
const WORKER_CALLS = 64
const other = rawProgram({ name: 'pipes', env: { MILLRACE_TEST_FUNCTIONS: 'garbage' } })
const output = (outcome: Outcome): string => (outcome.ok ? text(outcome.output) : outcome.failure.message)
const reason = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.failure.reason)
const withRings = (rings: 'park' | 'auto' | { spinUs: number }) => host({ programs: [ringProgram(), other], rings })

test.each([
  ['park', 'park'],
  ['auto', 'auto'],
  ['spin', { spinUs: 100 }],
] as const)('calls go by rings and come back, one by one and many at once (%s)', async (_, rings) => {
  const { engine } = await withRings(rings)
  expect(engine.workers().map(({ program, features }) => [program, features.includes('shm-ring')])).toEqual([
    ['ring', true],
    ['pipes', false],
  ])
  for (let i = 0; i < 50; i += 1) expect(output(await engine.invoke('echo', bytes(`${i}`)))).toBe(`${i}`)
  const many = await Promise.all(Array.from({ length: 2_000 }, (_, i) => engine.invoke('echo', pattern(i % 961))))
  expect(many.every((outcome, i) => outcome.ok && Buffer.compare(outcome.output, pattern(i % 961)) === 0)).toBe(true)
})

test('without the option no worker has rings', async () => {
  const { engine } = await host({ programs: [ringProgram(), other] })
  expect(engine.workers().every(({ features }) => !features.includes('shm-ring'))).toBe(true)
})

test('the segment is sealed: the worker can make it neither shorter nor longer, and the engine goes on', async () => {
  const { engine } = await withRings('park')
  const facts = JSON.parse(output(await engine.invoke('facts', bytes('')))) as Record<string, unknown>
  expect(facts).toEqual({ cells: 64, size: 4_096 + 128 * 1_024, attempts: Array(4).fill('EPERM'), name: true })
  expect(reason(await engine.invoke('echo', bytes('x')))).toBe('ok')
})

test.each([
  ['tail', /ring-indices/],
  ['length', /message-body-length/],
  ['pipe', /ring-only/],
  ['wake', /ring-no-wake/],
])('%s: a worker that writes nonsense loses its channel by rule, and its successor serves', async (name, rule) => {
  const { engine, event } = await withRings('park')
  const ready = event((one) => one.event === 'ready')
  const held = engine.invoke('hold', bytes(''))
  const outcome = await engine.invoke(name, bytes(''))
  expect(outcome).toMatchObject({
    ok: false,
    failure: { reason: 'protocol_error', message: expect.stringMatching(rule) },
  })
  expect(reason(await held)).toBe('protocol_error')
  await ready
  expect(reason(await engine.invoke('echo', bytes('again')))).toBe('ok')
})

test('a head of nonsense is found when room is looked for, and ends that channel alone', async () => {
  const { engine, event } = await withRings('park')
  expect(reason(await engine.invoke('head', bytes('')))).toBe('ok')
  const ready = event((one) => one.event === 'ready')
  const calls = await Promise.all(Array.from({ length: WORKER_CALLS }, () => engine.invoke('hold', bytes('x'))))
  expect(calls.map(reason)).toEqual(Array(WORKER_CALLS).fill('protocol_error'))
  await ready
  expect(reason(await engine.invoke('echo', bytes('again')))).toBe('ok')
})

test('a worker that writes random bytes all over the segment while it is used ends its channel and nothing else', async () => {
  const { engine, event } = await host({ programs: [ringProgram()], rings: { spinUs: 100 } })
  for (let turn = 0; turn < 3; turn += 1) {
    const ready = event((one) => one.event === 'ready')
    const calls = ['scribble', ...Array.from({ length: 60 }, () => 'echo')].map((name) =>
      engine.invoke(name, bytes('x')),
    )
    const outcomes = await Promise.all(calls)
    expect(['protocol_error', 'worker_crashed']).toContain(reason(outcomes[0]!))
    await ready
    expect(reason(await engine.invoke('echo', bytes('again')))).toBe('ok')
  }
})

test('what a killed worker had written and not published is nobody’s output', async () => {
  const { engine } = await withRings('park')
  const outcome = await engine.invoke('killed', bytes(''))
  expect(outcome).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker was killed by SIGKILL' },
  })
})

test('an output that was published just before the exit, without WAKE, arrives', async () => {
  const { engine } = await withRings('park')
  expect(output(await engine.invoke('leave', bytes('')))).toBe('"the last words"')
})

test('a Node worker, which uses no rings, keeps neither the descriptor nor the variable', async () => {
  const script = join(import.meta.dirname, '../fixtures/ring-child.ts')
  const { node } = runtimeHosts()
  const { engine } = await host({ programs: [{ name: 'child', command: [...node.command, script] }], rings: 'park' })
  expect(output(await engine.invoke('child', bytes('')))).toBe('none')
})
