/** Breaking a rule costs nobody but the worker that does it. */
import { Flag, MessageType, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { OPEN_INVOKES_MAX, OPEN_RESOLVES_MAX } from '../../src/base/limits.ts'
import { set } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

import { type Break, breaks, INLINE, invoke, raw } from './breach-table.ts'

test.each(breaks)('%s: %s ends that channel, and nothing else', async (rule, _, play) => {
  const stage = new Stage(
    {
      bad: { hello: { functions: ['bad'] } },
      hold: { hello: { functions: ['hold'] }, onMessage: drainAtOnce },
      good: { hello: { functions: ['echo'] }, onMessage: echo },
    },
    { queueMax: 2 * OPEN_INVOKES_MAX },
    { pipe: { capacityBytes: 16_777_216 } }, // One write is one read, so that all of it counts as open at once.
  )
  await stage.start()
  const inline = stage.invoke('bad')
  await stage.got(stage.worker('bad'), MessageType.INVOKE)
  const stream = stage.invoke('bad', new Uint8Array(40 * 960))
  const bad = stage.worker('bad')
  await stage.got(bad, MessageType.DATA, 32)
  const echoId = stage.worker('good').ids.get('echo')!
  await play({ stage, worker: bad, echoId })
  await stage.schedule.settle()

  expect(stage.rule(bad)).toBe(rule)
  expect(bad.received.at(-1)!.type).toBe(MessageType.GOODBYE)
  for (const call of [inline, stream]) {
    expect(call.outcome).toMatchObject({ ok: false, failure: { reason: 'protocol_error', function: 'bad' } })
    expect(call.outcome?.ok === false && call.outcome.failure.message).toContain(`(rule ${rule})`)
  }
  const ended = stage.records.filter((record) => record.function === 'bad').map(({ id }) => id)
  expect(new Set(ended).size).toBe(ended.length)
  const other = await stage.outcome(stage.invoke('echo', 'still here'))
  expect(other.ok && text(other.output)).toBe('still here')
  // The next worker takes its place, and calls go to it.
  await stage.schedule.until(
    () => stage.of('bad').length === 2 && stage.events.filter(({ event }) => event === 'ready').length === 4,
  )
  stage.worker('bad').onMessage = (view) => echo(stage.worker('bad'), view)
  const again = await stage.outcome(stage.invoke('bad', 'new'))
  expect(again.ok && text(again.output)).toBe('new')
  await stage.stop()
})

test('RESOLVEs beyond the bound, while a program starts, end the channel', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] } }, slow: { play: () => {} } })
  void stage.engine.start()
  await stage.schedule.settle()
  const worker = stage.worker('p')
  for (let i = 0; i < OPEN_RESOLVES_MAX; i += 1) worker.resolve('later')
  await stage.schedule.settle()
  expect(stage.rule(worker)).toBeUndefined()
  worker.resolve('later')
  await stage.schedule.settle()
  expect(stage.rule(worker)).toBe('limit-open-resolves')
  await stage.stop()
})

test.each<[string, Break]>([
  ['DATA', ({ worker }) => worker.data(INLINE, bytes('x'), true)],
  ['WINDOW', ({ worker }) => worker.window(INLINE, 1)],
  ['INVOKE', (scene) => invoke(scene, () => {})],
  ['RESOLVE', ({ worker }) => worker.resolve('f')],
  ['CAPACITY', ({ worker }) => worker.send(MessageType.CAPACITY, set({ capacity: 1 }))],
  ['LOG', ({ worker }) => worker.send(MessageType.LOG, () => {})],
  [
    'RESULT with MORE',
    ({ worker }) =>
      worker.send(MessageType.RESULT, set({ callId: INLINE, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN })),
  ],
])('%s from a worker without its feature breaks feature-accepted', async (_, play) => {
  const stage = new Stage({ bad: { hello: { functions: ['bad'], features: [] } } })
  await stage.start()
  const call = stage.invoke('bad')
  const worker = stage.worker('bad')
  await stage.got(worker, MessageType.INVOKE)
  await play({ stage, worker, echoId: 1 })
  await stage.schedule.settle()
  expect(stage.rule(worker)).toBe('feature-accepted')
  expect(call.outcome).toMatchObject({ ok: false, failure: { reason: 'protocol_error' } })
  await stage.stop()
})

test('an unknown type from 0x80 on is dropped', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } })
  await stage.start()
  stage.worker('p').sendBytes(raw(0x9f, { 60: 1 }))
  const outcome = await stage.outcome(stage.invoke('f', 'x'))
  expect(outcome.ok).toBe(true)
  await stage.stop()
})
