/** Workers that flood, or that do not read: they cost bounded memory and hold up nobody. */
import { CREDIT_MAX, MessageType } from '@millrace/protocol'
import { expect, test } from 'vitest'
import type { ScriptedWorker } from '../../src/testing/index.ts'
import { set } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, pattern, Stage, text } from '../stage.ts'

function town(): Stage {
  return new Stage(
    {
      bad: { hello: { functions: ['bad'], maxCalls: 1_000 }, onMessage: drainAtOnce },
      good: { hello: { functions: ['echo'] }, onMessage: echo },
      caller: { hello: { functions: ['caller'] }, onMessage: drainAtOnce },
    },
    { queueMax: 10_000 },
  )
}

/** Checks that a call to the good program goes through, whatever the bad one does. */
async function othersGoOn(stage: Stage): Promise<void> {
  const outcome = await stage.outcome(stage.invoke('echo', 'undisturbed'))
  expect(outcome.ok && text(outcome.output)).toBe('undisturbed')
}

test.each<[string, RegExp, (worker: ScriptedWorker, echoId: number) => void]>([
  ['PING', /limit-open-pings/, (worker) => worker.send(MessageType.PING, set({ nonce: 1 }))],
  ['RESOLVE', /limit-open-resolves/, (worker) => worker.resolve('echo')],
  ['INVOKE', /limit-open-invokes/, (worker, echoId) => void worker.invoke(echoId, pattern(900))],
])(
  'a worker that sends %s without end and never reads ends with its rule, and its calls with protocol_error',
  async (_, rule, flood) => {
    const stage = town()
    await stage.start()
    const bad = stage.worker('bad')
    const call = stage.invoke('bad')
    await stage.got(bad, MessageType.INVOKE)
    bad.process.pause(true)
    const echoId = stage.worker('good').ids.get('echo')!
    for (let i = 0; i < 4_096 + 200; i += 1) flood(bad, echoId)
    await stage.schedule.until(() => call.outcome !== undefined)
    expect(call.outcome).toMatchObject({
      ok: false,
      failure: { reason: 'protocol_error', message: expect.stringMatching(rule) },
    })
    await othersGoOn(stage)
    await stage.stop()
  },
)

test('a worker that stops reading while others call it holds up nobody, and its calls end at their limit', async () => {
  const stage = town()
  await stage.start()
  const bad = stage.worker('bad')
  bad.process.pause(true)
  const stuck = Array.from({ length: 1_500 }, () => stage.invoke('bad', pattern(900), { timeoutUs: 1_000_000 }))
  const caller = stage.worker('caller')
  for (let i = 0; i < 100; i += 1) caller.invoke(bad.ids.get('bad')!, pattern(900), 0, 500_000)
  for (let i = 0; i < 20; i += 1) await othersGoOn(stage)
  expect(stage.engine.functions().find(({ name }) => name === 'bad')).toMatchObject({ running: 1_000, waiting: 600 })
  await stage.schedule.pass(2_000_000)
  expect(stuck.every(({ outcome }) => outcome?.ok === false && outcome.failure.reason === 'deadline_exceeded')).toBe(
    true,
  )
  expect(caller.of(MessageType.ERROR)).toHaveLength(100)
  await othersGoOn(stage)
  // What was begun is still its to end: it reads on, and finds every message whole.
  bad.process.pause(false)
  await stage.schedule.settle()
  expect(bad.of(MessageType.INVOKE)).toHaveLength(1_000)
  expect(bad.of(MessageType.CANCEL)).toHaveLength(1_000)
  for (const { callId } of bad.of(MessageType.INVOKE)) bad.error(callId, 'cancelled', '')
  await stage.schedule.settle()
  await stage.stop()
})

test('a callee that never grants WINDOW gets one window of each stream, and its callers hold the rest', async () => {
  const stage = town()
  await stage.start()
  const bad = stage.worker('bad')
  const calls = Array.from({ length: 10 }, () => stage.invoke('bad', pattern(500_000), { timeoutUs: 1_000_000 }))
  await stage.schedule.settle()
  expect(bad.of(MessageType.DATA)).toHaveLength(10 * CREDIT_MAX)
  await othersGoOn(stage)
  for (const call of calls) await stage.outcome(call)
  for (const { callId } of bad.of(MessageType.INVOKE)) bad.error(callId, 'cancelled', '')
  await stage.schedule.settle()
  await stage.stop()
})

test('a caller that never grants WINDOW stops its callee after one window, and nobody else', async () => {
  const stage = town()
  await stage.start()
  const [bad, caller] = [stage.worker('bad'), stage.worker('caller')]
  caller.invoke(bad.ids.get('bad')!, bytes(''))
  await stage.got(bad, MessageType.INVOKE)
  bad.begin(2, pattern(960))
  for (let i = 0; i < CREDIT_MAX; i += 1) bad.data(2, pattern(960), true)
  await stage.got(caller, MessageType.DATA, CREDIT_MAX)
  expect(bad.of(MessageType.WINDOW)).toEqual([])
  await othersGoOn(stage)
  bad.finish(2, new Uint8Array(0), 33 * 960)
  await stage.got(caller, MessageType.RESULT, 2)
  await stage.stop()
})
