import { MessageType } from '@millrace/protocol'
import { encodeBody, LogSchema, Reason } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { set } from '../../src/testing/index.ts'
import { CODE, PrewarmStage } from '../prewarm-stage.ts'
import { bytes, text } from '../stage.ts'

const GREET = { offers: [{ name: 'hello', timeoutUs: 5 }] }

test('a worker that waits is welcomed without functions, gets its code by LOAD, and serves it', async () => {
  const stage = new PrewarmStage()
  await stage.hello()
  expect([stage.worker.state, stage.worker.program, stage.told]).toEqual(['waiting', 'node-24', ['waiting']])
  stage.worker.load(CODE)
  await stage.schedule.settle()
  expect([stage.worker.state, stage.worker.program]).toEqual(['loading', 'greetings'])
  const { entry, handler, function: name, cwd, env } = CODE
  expect(stage.load).toEqual({ entry, handler, function: name, cwd, env })
  await stage.loaded(GREET)
  expect(stage.worker.state).toBe('ready')
  expect(stage.told).toEqual(['waiting', 'loaded', 'ready'])
  expect(stage.terms).toMatchObject({ functions: [{ name: 'hello', timeoutUs: 5 }], maxCalls: 8 })
  expect(stage.ids).toEqual({ functions: [{ name: 'hello', id: 1 }], maxCalls: 8 })
  const { outcome } = await stage.invoke('hello')
  const [invoke] = stage.scripted.of(MessageType.INVOKE)
  expect(invoke!.functionId).toBe(1)
  stage.scripted.result(invoke!.callId, bytes('hi'))
  await stage.schedule.settle()
  const ended = await outcome
  expect(ended.ok && text(ended.output)).toBe('hi')
  stage.worker.drain()
  await stage.schedule.settle()
  expect(stage.told.slice(3)).toEqual(['draining', 'gone', 'exited'])
})

test('a worker that loads may say how many calls it takes at once, and log', async () => {
  const stage = new PrewarmStage()
  await stage.loading()
  stage.scripted.send(MessageType.LOG, () => {}, encodeBody(LogSchema, { message: 'loading' }))
  await stage.loaded({ ...GREET, maxCalls: 3 })
  expect(stage.told).toEqual(['waiting', 'log: loading', 'loaded', 'ready'])
  expect(stage.worker.terms?.maxCalls).toBe(3)
  expect(stage.ids.maxCalls).toBe(3)
})

test.each([
  ['load', 'wait for its code, and does not offer the feature load', ['log'], []],
  ['no function', 'serves f already', ['load'], ['f']],
])('a worker that should wait must offer %s', async (_what, message, features, functions) => {
  const stage = new PrewarmStage()
  await stage.hello(features, functions)
  expect(stage.why).toMatchObject({ reason: 'load_failed', message: expect.stringContaining(message) })
  expect(stage.rule).toBe('')
})

test.each([
  ['with its own words', 'greet.ts:3: no', { failure: { reason: Reason.LOAD_FAILED, message: 'greet.ts:3: no' } }, 9],
  ['without words', 'could not load greet.ts, and does not say why', {}, 9],
  ['when a wanted function is missing', 'does not serve hello; it serves other', { offers: [{ name: 'other' }] }, 0],
])('a load that failed ends the worker %s', async (_what, message, loaded, status) => {
  const stage = new PrewarmStage()
  await stage.loading()
  await stage.loaded(loaded, status)
  expect(stage.told).toEqual(['waiting', 'start-failed'])
  expect(stage.why).toMatchObject({ reason: 'load_failed', message: expect.stringContaining(message) })
  expect(stage.rule).toBe('')
  expect(stage.scripted.of(MessageType.LOADED)).toEqual([])
})

test('code without functions has failed to load, when any would do', async () => {
  const stage = new PrewarmStage()
  await stage.loading({ wanted: undefined })
  await stage.loaded({})
  expect(stage.why).toMatchObject({ reason: 'load_failed', message: 'the worker serves no function' })
})

test.each([
  ['name-form', [{ name: '../f' }]],
  ['handshake-functions-once', [{ name: 'hello' }, { name: 'hello' }]],
  ['handshake-functions-max', Array.from({ length: 1_025 }, (_, i) => ({ name: `f${i}` }))],
])('the functions of LOADED obey %s', async (rule, offers) => {
  const stage = new PrewarmStage()
  await stage.loading()
  await stage.loaded({ offers })
  expect(stage.rule).toBe(rule)
  expect(stage.why?.reason).toBe('worker_unavailable')
})

test('a LOADED that is no protobuf breaks cold-body', async () => {
  const stage = new PrewarmStage()
  await stage.loading()
  stage.scripted.send(MessageType.LOADED, () => {}, Uint8Array.of(0xff))
  await stage.schedule.settle()
  expect(stage.rule).toBe('cold-body')
})

test('a LOADED that nobody asked for breaks loaded-asked: before LOAD, and after it was answered', async () => {
  const early = new PrewarmStage()
  await early.hello()
  await early.loaded(GREET)
  expect(early.rule).toBe('loaded-asked')
  const late = new PrewarmStage()
  await late.loading()
  await late.loaded(GREET)
  await late.loaded(GREET)
  expect(late.rule).toBe('loaded-asked')
})

test.each([
  ['load-before-calls', MessageType.RESOLVE, {}, bytes('f')],
  ['load-before-calls', MessageType.INVOKE, { callId: 1, functionId: 1, attempt: 1, priority: 3 }, undefined],
  ['load-before-calls', MessageType.CAPACITY, { capacity: 1 }, undefined],
  ['call-id-known', MessageType.RESULT, { callId: 2 }, undefined],
  ['call-id-known', MessageType.ERROR, { callId: 2, status: 2 }, undefined],
  ['call-id-known', MessageType.CANCEL, { callId: 1 }, undefined],
  ['handshake-hello-once', MessageType.HELLO, {}, undefined],
])('a worker without its code breaks %s by type %i', async (rule, type, fields, body) => {
  for (const loads of [false, true]) {
    const stage = new PrewarmStage()
    if (loads) await stage.loading()
    else await stage.hello()
    stage.scripted.send(type, set(fields), body)
    await stage.schedule.settle()
    expect(stage.rule).toBe(rule)
  }
})

test('a worker that waits, or loads, answers DRAIN; a LOADED that crosses it is dropped', async () => {
  const waiting = new PrewarmStage()
  await waiting.hello()
  waiting.worker.drain()
  await waiting.schedule.settle()
  expect(waiting.told).toEqual(['waiting', 'start-failed', 'exited'])
  const loading = new PrewarmStage()
  await loading.loading()
  loading.scripted.onMessage = () => {}
  loading.worker.drain()
  await loading.loaded(GREET)
  expect([loading.worker.state, loading.told]).toEqual(['draining', ['waiting']])
  expect(loading.scripted.of(MessageType.LOADED)).toEqual([])
  loading.scripted.leave()
  await loading.schedule.settle()
  expect(loading.told).toEqual(['waiting', 'start-failed', 'exited'])
})

test('a PING is answered while the code is loaded', async () => {
  const stage = new PrewarmStage()
  await stage.loading()
  stage.scripted.send(MessageType.PING, set({ nonce: 7 }))
  await stage.schedule.settle()
  expect(stage.scripted.of(MessageType.PONG)[0]!.nonce).toBe(7)
})

test('a worker that ends while it waits or loads is told apart', async () => {
  const waiting = new PrewarmStage()
  await waiting.hello()
  waiting.scripted.process.exit(1)
  await waiting.schedule.settle()
  expect(waiting.why).toMatchObject({
    reason: 'worker_unavailable',
    message: expect.stringMatching(/before it was given/),
  })
  const loading = new PrewarmStage()
  await loading.loading()
  loading.scripted.process.exit(1)
  await loading.schedule.settle()
  expect(loading.why).toMatchObject({
    reason: 'load_failed',
    message: 'the worker exited with code 1 while it loaded its code',
  })
})

test('a worker that never answers LOAD is ended when the time of the handshake is up', async () => {
  const stage = new PrewarmStage()
  await stage.loading()
  await stage.schedule.until(() => stage.why !== undefined)
  expect(stage.why).toMatchObject({ reason: 'load_failed', message: 'the worker did not load greet.ts within 30 s' })
})

test('a LOAD that would be too long is not sent', async () => {
  const stage = new PrewarmStage()
  await stage.loading({ env: { BIG: 'x'.repeat(66_000) } })
  expect(stage.why).toMatchObject({
    reason: 'load_failed',
    message: expect.stringMatching(/fewer or shorter variables/),
  })
  expect(stage.scripted.of(MessageType.LOAD)).toEqual([])
})

test('code is given once, to a worker that waits', async () => {
  const stage = new PrewarmStage()
  expect(() => stage.worker.load(CODE)).toThrow(/cannot be load_sent/)
  await stage.loading()
  expect(() => stage.worker.load(CODE)).toThrow(/cannot be load_sent/)
})
