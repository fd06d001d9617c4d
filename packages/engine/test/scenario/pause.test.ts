/** Workers that nobody needs stand still, and go on when somebody does. */
import { MessageType } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { bytes, drainAtOnce, echo, Stage } from '../stage.ts'

const SECOND = 1_000_000
const hello = { functions: ['f'], maxCalls: 1 }
const workers = { min: 3, max: 3, warm: 1, pauseAfterUs: SECOND }
// In what order they got ready is the schedule's to say.
const states = (stage: Stage): string[] =>
  stage.engine
    .workers()
    .map(({ state }) => state)
    .sort()

test('idle workers beyond the warm ones are paused, and one goes on when a call needs it', async () => {
  const stage = new Stage({ p: { hello, onMessage: echo, options: { workers } } })
  await stage.start()
  await stage.schedule.pass(SECOND) // Looked at for the first time: whether they are idle shows the next time.
  expect(states(stage)).toEqual(['ready', 'ready', 'ready'])
  await stage.schedule.pass(SECOND)
  expect(states(stage)).toEqual(['paused', 'paused', 'ready'])
  const pings = (): number[] =>
    stage
      .of('p')
      .map((worker) => worker.of(MessageType.PING).length)
      .sort()
  expect(await stage.outcome(stage.invoke('f', 'one'))).toMatchObject({ ok: true })
  expect(pings()).toEqual([0, 0, 0]) // The warm one ran it.
  const both = [stage.invoke('f', 'two'), stage.invoke('f', 'three')]
  for (const call of both) expect(await stage.outcome(call)).toMatchObject({ ok: true })
  expect(pings()).toEqual([0, 0, 1])
  expect(states(stage)).toEqual(['paused', 'ready', 'ready'])
  expect(await stage.engine.metrics()).toMatch(/^millrace_worker_pauses_total 2\n/m)
  expect(await stage.engine.metrics()).toMatch(/^millrace_worker_resumes_total 1\n/m)
  await stage.stop()
})

test('a worker that runs a call, or waits for one that it made, is not paused', async () => {
  const stage = new Stage({
    p: { hello, onMessage: drainAtOnce, options: { workers: { ...workers, warm: 0 } } },
    q: { hello: { functions: ['g'], maxCalls: 9 }, onMessage: drainAtOnce },
  })
  await stage.start()
  stage.invoke('f', 'held')
  await stage.schedule.settle()
  const caller = stage.of('p').find((worker) => worker.of(MessageType.INVOKE).length === 0)!
  caller.invoke(stage.worker('q').ids.get('g')!, bytes(''))
  await stage.schedule.settle()
  await stage.schedule.pass(SECOND)
  await stage.schedule.pass(SECOND)
  const p = stage.engine.workers().filter(({ program }) => program === 'p')
  expect(p.map(({ state }) => state).sort()).toEqual(['paused', 'ready', 'ready'])
  await stage.stop()
})

test('a paused worker goes on to be drained', async () => {
  const stage = new Stage({ p: { hello, onMessage: echo, options: { workers: { ...workers, warm: 0 } } } })
  await stage.start()
  await stage.schedule.pass(SECOND)
  await stage.schedule.pass(SECOND)
  expect(states(stage)).toEqual(['paused', 'paused', 'paused'])
  await stage.stop()
  for (const worker of stage.of('p')) expect(worker.of(MessageType.DRAIN)).toHaveLength(1)
})
