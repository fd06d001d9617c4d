import { MessageType } from '@millrace/protocol'
import { encodeBody, LogLevel, LogSchema } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { type ScriptedWorker, set } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

const SECOND = 1_000_000
const outcomes = (calls: readonly { outcome: { ok: boolean } | undefined }[]): (boolean | undefined)[] =>
  calls.map(({ outcome }) => outcome?.ok)

test('stop lets open calls finish, refuses new ones as draining, then drains the workers', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  const open = stage.invoke('f', 'open')
  await stage.got(worker, MessageType.INVOKE)
  const stopped = stage.engine.stop()
  expect(stage.engine.stop()).toBe(stopped)
  const refused = await stage.outcome(stage.invoke('f', 'late'))
  expect(refused).toMatchObject({ ok: false, failure: { reason: 'draining' } })
  expect(stage.engine.ready).toBe(false)
  expect(worker.of(MessageType.DRAIN)).toEqual([])
  worker.result(2, bytes('finished'))
  expect(await stage.outcome(open)).toMatchObject({ ok: true })
  await stage.stop()
  expect(worker.of(MessageType.DRAIN)).toHaveLength(1)
  expect(worker.received.at(-1)!.type).toBe(MessageType.DRAIN)
})

test('stop after the drain timeout answers what is left as draining, cancels it, and ends workers by DRAIN, SIGTERM, SIGKILL', async () => {
  const signals: string[] = []
  const stage = new Stage(
    {
      p: {
        play: (worker) => {
          worker.process.onTerminate = () => signals.push('SIGTERM') // And goes on.
          worker.hello({ functions: ['f'] })
        },
      },
    },
    { drainTimeoutUs: 3 * SECOND },
  )
  await stage.start()
  const worker = stage.worker('p')
  const call = stage.invoke('f')
  await stage.got(worker, MessageType.INVOKE)
  const stopped = stage.run(stage.engine.stop())
  const outcome = await stage.outcome(call)
  expect(outcome).toMatchObject({ ok: false, failure: { reason: 'draining' } })
  await stage.got(worker, MessageType.CANCEL)
  await stopped
  expect(worker.received.map(({ type }) => type).slice(-2)).toEqual([MessageType.CANCEL, MessageType.DRAIN])
  expect(signals).toEqual(['SIGTERM'])
  expect(stage.launcher.running.size).toBe(0)
  await stage.stop()
})

test('a worker that drains itself by GOODBYE is replaced, calls that crossed it run elsewhere, and nothing is sent after it', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const first = stage.worker('p')
  const call = stage.invoke('f', 'crossed')
  first.leave()
  await stage.schedule.until(() => stage.of('p').length === 2 && stage.worker('p').of(MessageType.INVOKE).length === 1)
  const [view] = stage.worker('p').of(MessageType.INVOKE)
  expect(text(view!.body)).toBe('crossed')
  stage.worker('p').result(view!.callId, bytes(''))
  expect(await stage.outcome(call)).toMatchObject({ ok: true })
  await stage.stop()
})

test('a worker that says GOODBYE and lives on gets no more messages, then SIGTERM', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const first = stage.worker('p')
  let terminated = false
  first.process.onTerminate = () => {
    terminated = true
    first.process.exit(null, 'SIGTERM')
  }
  first.send(MessageType.PING, set({ nonce: 1 }))
  const exit = first.process.exit
  Object.assign(first.process, { exit: () => {} })
  first.leave()
  Object.assign(first.process, { exit })
  await stage.schedule.settle()
  const had = first.received.length
  const call = stage.invoke('f')
  await stage.schedule.until(() => stage.of('p').length === 2 && stage.worker('p').of(MessageType.INVOKE).length === 1)
  stage.worker('p').result(2, bytes(''))
  expect(await stage.outcome(call)).toMatchObject({ ok: true })
  await stage.schedule.until(() => terminated)
  expect(first.received.length).toBe(had)
  await stage.stop()
})

test('a worker whose OUT ends without an exit gets no more calls, and is ended', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const first = stage.worker('p')
  const held = stage.invoke('f', 'held')
  await stage.got(first, MessageType.INVOKE)
  first.process.output.close()
  await stage.schedule.settle()
  const next = stage.invoke('f', 'next')
  await stage.schedule.settle()
  expect(first.of(MessageType.INVOKE)).toHaveLength(1)
  expect(await stage.outcome(held)).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: expect.stringMatching(/closed its channel without exiting/) },
  })
  await stage.schedule.until(() => stage.of('p').length === 2 && stage.worker('p').of(MessageType.INVOKE).length === 1)
  stage.worker('p').result(2, bytes(''))
  expect(await stage.outcome(next)).toMatchObject({ ok: true })
  await stage.stop()
})

test('a message that the end of a worker cut short is no output', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const call = stage.invoke('f')
  await stage.got(stage.worker('p'), MessageType.INVOKE)
  stage.worker('p').sendBytes(new Uint8Array(500).fill(MessageType.RESULT))
  stage.worker('p').process.exit(3)
  expect(await stage.outcome(call)).toMatchObject({
    ok: false,
    failure: { reason: 'worker_crashed', message: 'the worker exited with code 3' },
  })
  await stage.stop()
})

test('lost workers are replaced after pauses that double, and a worker that lasts ends the row', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const pauses: number[] = []
  for (let i = 0; i < 6; i += 1) {
    if (i === 5) await stage.schedule.pass(11 * SECOND)
    const count = stage.of('p').length
    stage.worker('p').process.exit(1)
    await stage.schedule.settle()
    const before = stage.schedule.clock.nowUs()
    await stage.schedule.until(() => stage.of('p').length > count)
    pauses.push(stage.schedule.clock.nowUs() - before)
    await stage.schedule.settle()
  }
  expect(pauses).toEqual([50_000, 100_000, 200_000, 400_000, 800_000, 50_000])
  await stage.stop()
})

test('CAPACITY is obeyed, up to what HELLO said', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'], maxCalls: 2 }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  worker.send(MessageType.CAPACITY, set({ capacity: 0 }))
  await stage.schedule.settle()
  for (let i = 0; i < 3; i += 1) stage.invoke('f')
  await stage.schedule.settle()
  expect(worker.of(MessageType.INVOKE)).toHaveLength(0)
  worker.send(MessageType.CAPACITY, set({ capacity: 1 }))
  await stage.got(worker, MessageType.INVOKE, 1)
  worker.send(MessageType.CAPACITY, set({ capacity: 100 }))
  await stage.schedule.settle()
  expect(worker.of(MessageType.INVOKE)).toHaveLength(2)
  worker.result(2, bytes(''))
  await stage.got(worker, MessageType.INVOKE, 3)
  for (const id of [4, 6]) worker.result(id, bytes(''))
  await stage.schedule.settle()
  await stage.stop()
})

test('PING is answered with its nonce and the calls that run', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  for (const nonce of [7, 9]) worker.send(MessageType.PING, set({ nonce }))
  const pongs = await stage.got(worker, MessageType.PONG, 2)
  expect(pongs.map(({ nonce }) => nonce)).toEqual([7, 9])
  await stage.stop()
})

test('LOG reaches its reader with its call; attributes that are no JSON object are kept as text', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: drainAtOnce } })
  await stage.start()
  const worker = stage.worker('p')
  stage.invoke('f')
  await stage.got(worker, MessageType.INVOKE)
  const log = (callId: number, attributesJson: string): void =>
    worker.send(
      MessageType.LOG,
      set({ callId }),
      encodeBody(LogSchema, { level: LogLevel.WARN, message: 'm', attributesJson }),
    )
  log(2, '{"a":1}')
  log(0, 'no json')
  log(998, '[1]')
  await stage.schedule.settle()
  expect(stage.logs).toMatchObject([
    { program: 'p', workerId: 1, callId: 1, function: 'f', level: 'warn', message: 'm', attributes: { a: 1 } },
    { callId: 0, function: '', attributes: { attributes: 'no json' } },
    { callId: 0, attributes: { attributes: '[1]' } },
  ])
  worker.result(2, bytes(''))
  await stage.stop()
})

/** Programs whose newest version answers with its number. */
function versions(hello: (version: number) => { functions: string[] } | undefined): Stage {
  const stage: Stage = new Stage({
    p: {
      play: (worker) => {
        const version = stage.of('p').length
        const offer = hello(version)
        if (offer === undefined) {
          worker.process.exit(1)
          return
        }
        worker.onMessage = (view) => {
          const { callId } = view
          if (view.type === MessageType.INVOKE) stage.schedule.later(() => worker.result(callId, bytes(`v${version}`)))
          if (view.type === MessageType.DRAIN) goodbye(stage, worker)
        }
        worker.hello(offer)
      },
    },
  })
  return stage
}

/** Says GOODBYE when every call that came was answered. */
function goodbye(stage: Stage, worker: ScriptedWorker): void {
  stage.schedule.later(() => {
    const open = stage.engine.workers().find(({ id }) => id === worker.process.request.workerId)?.running ?? 0
    if (open > 0) goodbye(stage, worker)
    else worker.leave()
  })
}

test('a new version takes over under load: no call is lost, the old workers drain, later calls get the new one', async () => {
  const stage = versions(() => ({ functions: ['f'] }))
  await stage.start()
  const calls = Array.from({ length: 40 }, () => stage.invoke('f'))
  const replaced = stage.engine.replaceProgram({ name: 'p', command: ['v2'] })
  for (let i = 0; i < 40; i += 1) calls.push(stage.invoke('f'))
  expect(await stage.run(replaced)).toBeUndefined()
  const last = await stage.outcome(stage.invoke('f'))
  expect(last.ok && text(last.output)).toBe('v2')
  await stage.schedule.settle()
  expect(outcomes(calls)).toEqual(calls.map(() => true))
  expect(stage.engine.workers()).toHaveLength(1)
  await stage.stop()
})

test('a new version that cannot start leaves the old one in place, and its failure is told', async () => {
  const stage = versions((version) => (version === 1 ? { functions: ['f'] } : undefined))
  await stage.start()
  const message = await stage.run(stage.engine.replaceProgram({ name: 'p', command: ['v2'] }))
  expect(message).toMatch(/exited with code 1 before its HELLO/)
  const outcome = await stage.outcome(stage.invoke('f'))
  expect(outcome.ok && text(outcome.output)).toBe('v1')
  await stage.schedule.pass(60 * SECOND)
  expect(stage.of('p')).toHaveLength(2) // And nothing tries the bad version again.
  await stage.stop()
})

test('a bad version while the old one is between two workers is given up too, and the old one comes back', async () => {
  const stage = versions((version) => (version === 2 ? undefined : { functions: ['f'] }))
  await stage.start()
  stage.worker('p').process.exit(1)
  await stage.schedule.settle()
  expect(await stage.run(stage.engine.replaceProgram({ name: 'p', command: ['v2'] }))).toMatch(/exited with code 1/)
  const outcome = await stage.outcome(stage.invoke('f'))
  expect(outcome.ok && text(outcome.output)).toBe('v3')
  await stage.schedule.pass(60 * SECOND)
  expect(stage.of('p')).toHaveLength(3)
  await stage.stop()
})

test('functions come and go with versions: a new one has a new id, a dropped one is not_found, waiting calls to it as well', async () => {
  const stage = versions((version) => ({
    functions: version === 1 ? ['f', 'old'] : version === 2 ? ['f', 'new'] : ['f', 'old'],
  }))
  await stage.start()
  const first = stage.worker('p').ids.get('old')!
  stage.worker('p').send(MessageType.CAPACITY, set({ capacity: 0 }))
  await stage.schedule.settle()
  const waiting = [stage.invoke('old'), stage.invoke('f')]
  await stage.schedule.settle()
  expect(await stage.run(stage.engine.replaceProgram({ name: 'p', command: ['v2'] }))).toBeUndefined()
  await stage.schedule.settle()
  expect(waiting[0]!.outcome).toMatchObject({ ok: false, failure: { reason: 'not_found' } })
  expect(waiting[1]!.outcome).toMatchObject({ ok: true })
  expect(stage.engine.functions().map(({ name }) => name)).toEqual(['f', 'new'])
  expect(await stage.outcome(stage.invoke('new'))).toMatchObject({ ok: true })
  expect(await stage.outcome(stage.invoke('old'))).toMatchObject({ ok: false, failure: { reason: 'not_found' } })
  await stage.run(stage.engine.replaceProgram({ name: 'p', command: ['v3'] }))
  await stage.schedule.settle()
  expect(stage.worker('p').ids.get('old')).toBeGreaterThan(first)
  await stage.stop()
})

test('two replacements asked for at once come one after the other, and the last one stays', async () => {
  const stage = versions(() => ({ functions: ['f'] }))
  await stage.start()
  const both = Promise.all([
    stage.engine.replaceProgram({ name: 'p', command: ['v2'] }),
    stage.engine.replaceProgram({ name: 'p', command: ['v3'] }),
  ])
  expect(await stage.run(both)).toEqual([undefined, undefined])
  await stage.schedule.settle()
  expect(stage.engine.workers()).toMatchObject([{ id: 3 }])
  await stage.stop()
})

test('stop while a replacement starts ends both versions', async () => {
  const stage = versions(() => ({ functions: ['f'] }))
  await stage.start()
  const replaced = stage.engine.replaceProgram({ name: 'p', command: ['v2'] })
  const stopped = stage.engine.stop()
  await stage.run(replaced)
  await stage.run(stopped)
  await stage.stop()
  expect(await stage.engine.replaceProgram({ name: 'p', command: ['v3'] })).toBe('the engine is not running')
})

test('a program can be added while the engine runs', async () => {
  const stage = new Stage(
    { p: { hello: { functions: ['f'] }, onMessage: echo }, q: { hello: { functions: ['g'] }, onMessage: echo } },
    { programs: [{ name: 'p', command: ['memory'] }] },
  )
  await stage.start()
  expect(await stage.run(stage.engine.replaceProgram({ name: 'q', command: ['memory'] }))).toBeUndefined()
  expect(await stage.outcome(stage.invoke('g', 'x'))).toMatchObject({ ok: true })
  await stage.stop()
})
