/** Workers as calls need them: growing, letting go, ending the stuck; and who goes first when calls wait. */
import { MessageType, type MessageView } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { type ScriptedWorker, set } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

const SECOND = 1_000_000
const hello = { functions: ['f'], maxCalls: 2 }
const states = (stage: Stage): string[] => stage.engine.workers().map(({ state }) => state)

test('workers are started for calls that wait, up to max, and let go when fewer were enough for the idle time', async () => {
  const workers = { min: 1, max: 3, idleUs: 10 * SECOND }
  const stage = new Stage({ p: { hello, onMessage: drainAtOnce, options: { workers } } })
  await stage.start()
  expect(states(stage)).toEqual(['ready'])
  const calls = Array.from({ length: 9 }, (_, i) => stage.invoke('f', `${i}`))
  await stage.schedule.settle()
  expect(states(stage)).toEqual(['ready', 'ready', 'ready'])
  expect(stage.engine.functions()[0]).toMatchObject({ running: 6, waiting: 3 })
  const answered = new Set<MessageView>()
  const answer = (): void => {
    for (const worker of stage.of('p')) {
      for (const view of worker.of(MessageType.INVOKE)) {
        if (answered.has(view)) continue
        answered.add(view)
        worker.result(view.callId, view.body)
      }
    }
  }
  while (calls.some(({ outcome }) => outcome === undefined)) {
    answer()
    await stage.schedule.settle()
  }
  // The first period still saw the nine; only the second saw nothing.
  await stage.schedule.pass(10 * SECOND)
  expect(states(stage)).toEqual(['ready', 'ready', 'ready'])
  await stage.schedule.pass(10 * SECOND)
  expect(states(stage)).toEqual(['ready'])
  expect(stage.of('p')[0]!.of(MessageType.DRAIN)).toEqual([]) // The oldest is the warmest.
  expect(stage.events.filter(({ event }) => event === 'starting')).toHaveLength(3) // None was replaced.
  await stage.stop()
})

test('min 0: the last worker goes, and the next call starts one', async () => {
  const workers = { min: 0, max: 2, idleUs: SECOND }
  const stage = new Stage({ p: { hello, onMessage: echo, options: { workers } } })
  await stage.start()
  expect(states(stage)).toEqual(['ready'])
  await stage.schedule.pass(SECOND)
  expect(states(stage)).toEqual([])
  expect(await stage.outcome(stage.invoke('f', 'again'))).toMatchObject({ ok: true })
  expect(states(stage)).toEqual(['ready'])
  await stage.stop()
})

test('a worker that got ready only after nobody needed it any more is let go all the same', async () => {
  const workers = { min: 0, max: 1, idleUs: SECOND }
  const stage = new Stage({ p: { play: () => {}, onMessage: echo, options: { workers } } })
  const started = stage.engine.start()
  await stage.schedule.pass(SECOND)
  stage.worker('p').hello(hello)
  await stage.schedule.settle()
  await started
  expect(states(stage)).toEqual(['ready'])
  await stage.schedule.pass(SECOND)
  expect(states(stage)).toEqual([])
  await stage.stop()
})

test('a worker that crashes while it is not needed is not replaced', async () => {
  const workers = { min: 0, max: 2, idleUs: SECOND }
  const stage = new Stage({ p: { hello, onMessage: drainAtOnce, options: { workers } } })
  await stage.start()
  await stage.schedule.pass(SECOND)
  const call = stage.invoke('f')
  await stage.schedule.settle()
  stage.worker('p').process.exit(1)
  expect(await stage.outcome(call)).toMatchObject({ failure: { reason: 'worker_crashed' } })
  await stage.schedule.pass(10 * SECOND)
  expect(stage.of('p').length).toBeLessThanOrEqual(3)
  expect(states(stage)).toEqual([])
  await stage.stop()
})

test('a call that waited as long as its function allows fails with queue_full, and the others go on', async () => {
  const functions = [
    { name: 'f', queueWaitUs: SECOND },
    { name: 'g', queueWaitUs: 0 },
  ]
  const hello = { functions: ['f', 'g'], maxCalls: 1 }
  const stage = new Stage({ p: { hello, onMessage: drainAtOnce, options: { functions } } })
  await stage.start()
  const worker = stage.worker('p')
  const first = stage.invoke('f')
  await stage.got(worker, MessageType.INVOKE)
  const [short, patient] = [stage.invoke('f'), stage.invoke('g')]
  await stage.schedule.pass(SECOND / 2)
  const later = stage.invoke('f')
  await stage.schedule.pass(SECOND / 2)
  expect(short.outcome).toMatchObject({
    failure: {
      reason: 'queue_full',
      retryable: true,
      message: expect.stringContaining('waited 1 s for a worker of f'),
    },
  })
  expect([first.outcome, patient.outcome, later.outcome]).toEqual([undefined, undefined, undefined])
  await stage.schedule.pass(SECOND / 2)
  expect(later.outcome).toMatchObject({ failure: { reason: 'queue_full' } })
  expect(stage.engine.functions().map(({ waiting }) => waiting)).toEqual([0, 1])
  await stage.stop()
})

test('of the calls that wait the most urgent goes first, and one that waited long before it', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 1 }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  stage.invoke('f', 'first')
  await stage.got(worker, MessageType.INVOKE)
  stage.invoke('f', 'patient', { priority: 7 })
  await stage.schedule.pass(6_500_000)
  stage.invoke('f', 'usual', { priority: 3 })
  stage.invoke('f', 'urgent', { priority: 0 })
  await stage.schedule.pass(1_000_000)
  stage.invoke('f', 'later', { priority: 0 })
  const order: string[] = []
  for (let i = 1; i <= 5; i += 1) {
    const view = (await stage.got(worker, MessageType.INVOKE, i))[i - 1]!
    order.push(text(view.body))
    worker.result(view.callId, bytes(''))
  }
  // 7 × 1 s after its entry comes after the urgent one, by half a second; before the later one.
  expect(order).toEqual(['first', 'urgent', 'patient', 'later', 'usual'])
  await stage.stop()
})

test('a worker that keeps a call beyond its deadline, and has no other, is ended and replaced', async () => {
  const stage = new Stage(
    { p: { hello, onMessage: drainAtOnce } },
    { timeoutUs: SECOND, stuckGraceUs: 5 * SECOND, handshakeTimeoutUs: SECOND },
  )
  await stage.start()
  const call = stage.invoke('f')
  await stage.schedule.pass(2 * SECOND)
  expect(call.outcome).toMatchObject({ failure: { reason: 'deadline_exceeded' } })
  expect(states(stage)).toEqual(['ready'])
  await stage.schedule.pass(5 * SECOND)
  const gone = stage.events.find(({ event }) => event === 'gone')
  expect(gone?.message).toContain('a call of f is over its deadline by 5 s')
  await stage.schedule.pass(SECOND)
  expect(states(stage)).toEqual(['ready'])
  expect(stage.of('p')).toHaveLength(2)
  await stage.stop()
})

test.each([
  ['is spared when it answers PING', true],
  ['is ended when it does not', false],
])('a worker with such a call and another that somebody waits for %s', async (_, answers) => {
  const onMessage = (worker: ScriptedWorker, view: MessageView): void => {
    if (view.type === MessageType.PING && answers) {
      worker.send(MessageType.PONG, set({ nonce: view.nonce, openCalls: 2 }))
    }
    drainAtOnce(worker, view)
  }
  const stage = new Stage({ p: { hello, onMessage } }, { stuckGraceUs: 5 * SECOND })
  await stage.start()
  const worker = stage.worker('p')
  const stuck = stage.invoke('f', 'stuck', { timeoutUs: SECOND })
  const live = stage.invoke('f', 'live')
  await stage.schedule.pass(8 * SECOND)
  expect(worker.of(MessageType.PING)).toHaveLength(1)
  expect(stuck.outcome).toMatchObject({ failure: { reason: 'deadline_exceeded' } })
  if (answers) {
    await stage.schedule.pass(5 * SECOND) // Asked again after another grace.
    expect(worker.of(MessageType.PING)).toHaveLength(2)
    const [, invoke] = worker.of(MessageType.INVOKE)
    worker.result(invoke!.callId, bytes('done'))
    expect(await stage.outcome(live)).toMatchObject({ ok: true })
    // Now nobody waits there.
    await stage.schedule.pass(6 * SECOND)
  }
  expect(live.outcome).toMatchObject(answers ? { ok: true } : { failure: { reason: 'worker_crashed' } })
  expect(stage.events.filter(({ event }) => event === 'gone')).toHaveLength(1)
  await stage.stop()
})

test('a PONG with another nonce than the PING ends the channel', async () => {
  const onMessage = (worker: ScriptedWorker, view: MessageView): void => {
    if (view.type === MessageType.PING) worker.send(MessageType.PONG, set({ nonce: view.nonce + 1, openCalls: 2 }))
  }
  const stage = new Stage({ p: { hello, onMessage } }, { stuckGraceUs: SECOND })
  await stage.start()
  const worker = stage.worker('p')
  stage.invoke('f', '', { timeoutUs: SECOND })
  stage.invoke('f')
  await stage.schedule.pass(3 * SECOND)
  expect(stage.rule(worker)).toBe('pong-nonce')
  await stage.stop()
})

test('a recursion that would wait for its own places is refused, and the whole tree ends', async () => {
  const onMessage = (worker: ScriptedWorker, view: MessageView): void => {
    if (view.type === MessageType.INVOKE) {
      worker.invoke(worker.ids.get('f')!, bytes(''), view.callId)
    }
    if (view.type === MessageType.ERROR) {
      const parents = worker.of(MessageType.INVOKE)
      worker.error(parents[parents.length - worker.of(MessageType.ERROR).length]!.callId, 'handler_error', 'below')
    }
    drainAtOnce(worker, view)
  }
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 3 }, onMessage } })
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('f'))
  expect(outcome).toMatchObject({ ok: false, failure: { reason: 'handler_error' } })
  const reasons = stage.records.map((record) => record.outcome)
  expect(reasons).toEqual(['queue_full', 'handler_error', 'handler_error', 'handler_error'])
  expect(stage.records[0]!.message).toContain('the 3 calls above this one hold every place')
  await stage.stop()
})

test('exclusive: one call at a time on a worker', async () => {
  const stage = new Stage({ p: { hello, onMessage: drainAtOnce, options: { exclusive: true } } })
  await stage.start()
  stage.invoke('f', 'a')
  stage.invoke('f', 'b')
  const worker = stage.worker('p')
  const [first] = await stage.got(worker, MessageType.INVOKE)
  expect(worker.of(MessageType.INVOKE)).toHaveLength(1)
  worker.result(first!.callId, bytes(''))
  await stage.got(worker, MessageType.INVOKE, 2)
  await stage.stop()
})

test('under a target, a worker that is stuck in long calls keeps no other one idle', async () => {
  const options = { workers: 2, managed: true }
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 64 }, options } }, { timeoutUs: 0 })
  await stage.start()
  const [stuck, other] = stage.of('p')
  const long = Array.from({ length: 16 }, (_, i) => stage.invoke('f', `long ${i}`))
  await stage.schedule.settle()
  other!.onMessage = (view) => {
    if (view.type === MessageType.INVOKE) other!.result(view.callId, view.body)
    else drainAtOnce(other!, view)
  }
  for (const view of other!.of(MessageType.INVOKE)) other!.result(view.callId, view.body)
  // Few calls, quickly done: the target comes down to what they need, below what the other worker holds.
  for (let i = 0; i < 600; i += 1) {
    await stage.schedule.pass(100_000)
    expect(await stage.outcome(stage.invoke('f', `short ${i}`))).toMatchObject({ ok: true })
  }
  expect(long.filter(({ outcome }) => outcome === undefined)).toHaveLength(8)
  expect(stage.engine.functions()[0]).toMatchObject({ running: 8, waiting: 0 })
  for (const view of stuck!.of(MessageType.INVOKE)) stuck!.result(view.callId, view.body)
  await stage.schedule.settle()
  expect(long.every(({ outcome }) => outcome?.ok)).toBe(true)
  stuck!.onMessage = (view) => drainAtOnce(stuck!, view)
  await stage.stop()
})
