import { MessageType } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

const SECOND = 1_000_000

test('calls overlap on one worker and may end in any order, each with its own output', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const calls = Array.from({ length: 20 }, (_, i) => stage.invoke('f', `in ${i}`))
  const worker = stage.worker('p')
  const invokes = await stage.got(worker, MessageType.INVOKE, 20)
  expect(invokes.map(({ callId }) => callId)).toEqual(invokes.map((_, i) => 2 * (i + 1)))
  for (const view of invokes.toReversed()) worker.result(view.callId, bytes(`out of ${text(view.body)}`))
  await stage.schedule.settle()
  for (const [i, { outcome }] of calls.entries()) expect(outcome?.ok && text(outcome.output)).toBe(`out of in ${i}`)
  await stage.stop()
})

test('what an INVOKE says of itself is what the caller asked and the engine knows', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } }, { timeoutUs: 7 * SECOND })
  await stage.start()
  const traceId = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
  stage.invoke('f', 'x', { content: 200, priority: 5, trace: { traceId, spanId: new Uint8Array(8).fill(9), flags: 1 } })
  stage.invoke('f', 'y', { timeoutUs: 3 * SECOND })
  const [first, second] = await stage.got(stage.worker('p'), MessageType.INVOKE, 2)
  expect(first).toMatchObject({
    content: 200,
    priority: 5,
    depth: 0,
    attempt: 1,
    parentCallId: 0,
    timeoutUs: 7 * SECOND,
  })
  expect([...first!.bytes.subarray(32, 48)]).toEqual([...traceId])
  expect(first!.bytes.subarray(48, 56).some((byte) => byte !== 0)).toBe(true)
  expect(first!.traceFlags).toBe(1)
  expect(second).toMatchObject({ priority: 3, timeoutUs: 3 * SECOND })
  await stage.stop()
})

test('a function that does not exist is not_found, and the name is in the message', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } })
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('nope'))
  expect(outcome).toMatchObject({
    ok: false,
    failure: { reason: 'not_found', message: expect.stringContaining('"nope"') },
  })
  await stage.stop()
})

test('a call beyond the queue is queue_full and may be retried; those in it run in their order', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 1 }, onMessage: drainAtOnce } }, { queueMax: 2 })
  await stage.start()
  const worker = stage.worker('p')
  const calls = ['a', 'b', 'c', 'd'].map((input) => stage.invoke('f', input))
  await stage.schedule.settle()
  expect(stage.engine.functions()).toMatchObject([{ running: 1, waiting: 2 }])
  expect(calls[3]!.outcome).toMatchObject({ ok: false, failure: { reason: 'queue_full', retryable: true } })
  for (const [i, expected] of ['a', 'b', 'c'].entries()) {
    const view = (await stage.got(worker, MessageType.INVOKE, i + 1))[i]!
    expect(text(view.body)).toBe(expected)
    expect(worker.of(MessageType.INVOKE)).toHaveLength(i + 1)
    worker.result(view.callId, bytes(''))
  }
  await stage.schedule.settle()
  await stage.stop()
})

test('a call beyond callsMax is refused as queue_full, and the next one after an end is taken', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } }, { callsMax: 2 })
  await stage.start()
  const [first, , third] = [stage.invoke('f'), stage.invoke('f'), stage.invoke('f')]
  await stage.schedule.settle()
  expect(third.outcome).toMatchObject({ ok: false, failure: { reason: 'queue_full' } })
  const invokes = stage.worker('p').of(MessageType.INVOKE)
  for (const { callId } of invokes) stage.worker('p').result(callId, bytes(''))
  await stage.outcome(first)
  stage.invoke('f')
  const [, , next] = await stage.got(stage.worker('p'), MessageType.INVOKE, 3)
  stage.worker('p').result(next!.callId, bytes(''))
  await stage.stop()
})

test('calls go to the worker with the fewest, and no worker gets more than it takes', async () => {
  const stage = new Stage({
    p: { hello: { functions: ['f'], maxCalls: 3 }, onMessage: drainAtOnce, options: { workers: 3, concurrency: 2 } },
  })
  await stage.start()
  await stage.schedule.until(() => stage.events.filter(({ event }) => event === 'ready').length === 3)
  for (let i = 0; i < 9; i += 1) stage.invoke('f')
  await stage.schedule.settle()
  expect(stage.of('p').map((worker) => worker.of(MessageType.INVOKE).length)).toEqual([2, 2, 2])
  expect(stage.engine.functions()).toMatchObject([{ running: 6, waiting: 3 }])
  for (let round = 0; round < 3; round += 1) {
    for (const worker of stage.of('p')) {
      for (const { callId } of worker.of(MessageType.INVOKE).splice(2 * round, 2)) worker.result(callId, bytes(''))
    }
    await stage.schedule.settle()
  }
  expect(stage.engine.functions()).toMatchObject([{ running: 0, waiting: 0, ok: 9 }])
  await stage.stop()
})

test('a running call is settled at its limit, its worker gets CANCEL at once, and keeps the slot until its final message', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 1 }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  const slow = stage.invoke('f', '', { timeoutUs: 50_000 })
  const next = stage.invoke('f', 'next')
  await stage.schedule.settle()
  await stage.schedule.pass(49_000)
  expect(slow.outcome).toBeUndefined()
  await stage.schedule.pass(2_000)
  expect(slow.outcome).toMatchObject({ ok: false, failure: { reason: 'deadline_exceeded', function: 'f' } })
  // No other event came in between: the CANCEL must not wait for one.
  await stage.got(worker, MessageType.CANCEL)
  expect(worker.of(MessageType.INVOKE)).toHaveLength(1)
  worker.error(2, 'cancelled', 'as asked')
  const [, second] = await stage.got(worker, MessageType.INVOKE, 2)
  worker.result(second!.callId, second!.body.slice())
  expect(await stage.outcome(next)).toMatchObject({ ok: true })
  expect(stage.records.map(({ outcome }) => outcome)).toEqual(['deadline_exceeded', 'ok'])
  await stage.stop()
})

test('a waiting call is settled at its limit and reaches no worker', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 1 }, onMessage: drainAtOnce } })
  await stage.start()
  stage.invoke('f', 'first')
  const waiting = stage.invoke('f', 'second', { timeoutUs: 1_000 })
  await stage.schedule.settle()
  await stage.schedule.pass(3_000)
  expect(waiting.outcome).toMatchObject({ ok: false, failure: { reason: 'deadline_exceeded' } })
  stage.worker('p').result(2, bytes(''))
  await stage.schedule.settle()
  expect(stage.worker('p').of(MessageType.INVOKE)).toHaveLength(1)
  await stage.stop()
})

test("an internal call gets the least of its own limit, its function's and what its parent has left, never 0", async () => {
  const stage = new Stage({
    p: { hello: { functions: ['f'] }, onMessage: drainAtOnce },
    q: {
      hello: { functions: ['g'] },
      onMessage: drainAtOnce,
      options: { functions: [{ name: 'g', timeoutUs: 60_000 }] },
    },
  })
  await stage.start()
  const [p, q] = [stage.worker('p'), stage.worker('q')]
  const id = q.ids.get('g')!
  stage.invoke('f', '', { timeoutUs: 100_000 })
  await stage.got(p, MessageType.INVOKE)
  p.invoke(id, bytes('function'), 2)
  p.invoke(id, bytes('own'), 2, 10_000)
  await stage.schedule.settle()
  await stage.schedule.pass(70_000)
  p.invoke(id, bytes('parent'), 2, 90_000)
  await stage.schedule.settle()
  await stage.schedule.pass(29_999)
  p.invoke(id, bytes('hardly'), 2)
  const invokes = await stage.got(q, MessageType.INVOKE, 4)
  expect(invokes.map(({ timeoutUs }) => timeoutUs)).toEqual([60_000, 10_000, 30_000, 1])
  await stage.schedule.pass(SECOND)
  for (const { callId } of invokes) q.error(callId, 'cancelled', '')
  p.error(2, 'cancelled', '')
  await stage.stop()
})

test('a call without any limit arrives with timeout 0 and is never ended for its time', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } }, { timeoutUs: 0 })
  await stage.start()
  const call = stage.invoke('f')
  const [view] = await stage.got(stage.worker('p'), MessageType.INVOKE)
  expect(view!.timeoutUs).toBe(0)
  await stage.schedule.pass(100 * SECOND)
  expect(call.outcome).toBeUndefined()
  stage.worker('p').result(2, bytes('late'))
  expect(await stage.outcome(call)).toMatchObject({ ok: true })
  await stage.stop()
})

test('messages for calls that have ended are dropped, whichever they are, and counted', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } })
  await stage.start()
  const worker = stage.worker('p')
  await stage.outcome(stage.invoke('f', 'x'))
  const made = worker.invoke(worker.ids.get('f')!, bytes('y'))
  await stage.got(worker, MessageType.RESULT)
  worker.result(2, bytes('again'))
  worker.error(2, 'handler_error', 'again')
  worker.data(2, bytes('x'), true)
  worker.window(2, 1)
  worker.cancel(made)
  worker.data(made, bytes('x'), false)
  worker.window(made, 32)
  await stage.schedule.settle()
  expect(stage.rule(worker)).toBeUndefined()
  expect(await stage.run(stage.engine.metrics())).toMatch(/messages_late\w* 7\n/)
  expect(await stage.outcome(stage.invoke('f', 'still'))).toMatchObject({ ok: true })
  await stage.stop()
})

test("a worker's failure reaches the caller with its words; a reason that is the engine's becomes handler_error", async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const [own, borrowed] = [stage.invoke('f'), stage.invoke('f')]
  await stage.got(stage.worker('p'), MessageType.INVOKE, 2)
  stage.worker('p').error(2, 'bad_input', 'no number in it')
  stage.worker('p').error(4, 'queue_full', 'x')
  expect(await stage.outcome(own)).toMatchObject({
    failure: { reason: 'bad_input', message: 'no number in it', function: 'f' },
  })
  expect(await stage.outcome(borrowed)).toMatchObject({ failure: { reason: 'handler_error' } })
  await stage.stop()
})

test('a call that a worker refuses with draining or overloaded runs on another, at its second attempt', async () => {
  for (const reason of ['draining', 'overloaded'] as const) {
    const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce, options: { workers: 2 } } })
    await stage.start()
    await stage.schedule.until(() => stage.events.filter(({ event }) => event === 'ready').length === 2)
    const call = stage.invoke('f', 'whole input')
    await stage.schedule.settle()
    const refusing = stage.of('p').find((worker) => worker.of(MessageType.INVOKE).length > 0)!
    const other = stage.of('p').find((worker) => worker !== refusing)!
    refusing.error(2, reason, 'not now')
    const [again] = await stage.got(other, MessageType.INVOKE)
    expect(again).toMatchObject({ attempt: 2 })
    expect(text(again!.body)).toBe('whole input')
    other.result(again!.callId, bytes('done'))
    expect(await stage.outcome(call)).toMatchObject({ ok: true })
    expect(stage.records).toHaveLength(1)
    await stage.stop()
  }
})

test('a call is given to three workers that never start it, and then fails with what the last one said', async () => {
  const stage = new Stage({
    p: {
      hello: { functions: ['f'] },
      onMessage: (worker, view) =>
        view.type === MessageType.INVOKE ? worker.error(view.callId, 'overloaded', 'full') : drainAtOnce(worker, view),
    },
  })
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('f'))
  expect(outcome).toMatchObject({ ok: false, failure: { reason: 'overloaded', message: 'full' } })
  expect(
    stage
      .worker('p')
      .of(MessageType.INVOKE)
      .map(({ attempt }) => attempt),
  ).toEqual([1, 2, 3])
  await stage.stop()
})
