import { MessageType, type MessageView } from '@millrace/protocol'
import { decodeFailure, type Failure } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import type { DoorListener } from '../../src/gateway/door.ts'
import type { ScriptedWorker } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

const silent: DoorListener = { onHead() {}, onOutput() {}, onEnd() {}, onFailure() {}, onDrain() {} }
const request = { content: 0, priority: 3, timeoutUs: 0, trace: undefined, inputBytes: 0 }

/** The Failure in an ERROR. */
const why = (view: MessageView): Failure => decodeFailure(view.body, view.status)!

/** Three programs of one function each; nobody answers by itself. */
function chain(options = {}): Stage {
  const part = (name: string) => ({ hello: { functions: [name] }, onMessage: drainAtOnce })
  return new Stage({ a: part('a'), b: part('b'), c: part('c') }, options)
}

/** Opens the call a → b → c. Returns what cancels it from outside, and the id of b's call to c. */
async function open(
  stage: Stage,
): Promise<{ cancel: () => void; a: ScriptedWorker; b: ScriptedWorker; c: ScriptedWorker }> {
  const [a, b, c] = [stage.worker('a'), stage.worker('b'), stage.worker('c')]
  const call = stage.engine.door.open({ ...request, function: 'a' }, silent)
  call.end()
  const [first] = await stage.got(a, MessageType.INVOKE)
  a.invoke(b.ids.get('b')!, bytes(''), first!.callId)
  const [second] = await stage.got(b, MessageType.INVOKE)
  b.invoke(c.ids.get('c')!, bytes(''), second!.callId)
  await stage.got(c, MessageType.INVOKE)
  return { cancel: () => call.cancel(), a, b, c }
}

test('depth, trace and parent of internal calls come from the engine', async () => {
  const stage = chain()
  await stage.start()
  const { a, b, c } = await open(stage)
  const invokes = [a, b, c].map((worker) => worker.of(MessageType.INVOKE)[0]!)
  expect(invokes.map(({ depth }) => depth)).toEqual([0, 1, 2])
  expect(invokes.map(({ parentCallId }) => parentCallId)).toEqual([0, 0, 0])
  const traces = invokes.map((view) => Buffer.from(view.bytes.subarray(32, 48)).toString('hex'))
  expect(new Set(traces).size).toBe(1)
  const spans = invokes.map((view) => Buffer.from(view.bytes.subarray(48, 56)).toString('hex'))
  expect(new Set(spans).size).toBe(3)
  for (const worker of [c, b, a]) worker.result(2, bytes(''))
  await stage.schedule.settle()
  expect(new Map(stage.records.map(({ id, parentId }) => [id, parentId]))).toEqual(
    new Map([
      [1, 0],
      [2, 1],
      [3, 2],
    ]),
  )
  await stage.stop()
})

test('an external caller that goes away cancels the whole tree below, and each call ends once', async () => {
  const stage = chain()
  await stage.start()
  const { cancel, a, b, c } = await open(stage)
  cancel()
  for (const worker of [a, b, c]) await stage.got(worker, MessageType.CANCEL)
  c.error(2, 'cancelled', 'c')
  b.error(2, 'cancelled', 'b')
  a.error(2, 'cancelled', 'a')
  await stage.schedule.settle()
  expect(stage.records.map(({ function: name, outcome }) => `${name} ${outcome}`).sort()).toEqual([
    'a cancelled',
    'b cancelled',
    'c cancelled',
  ])
  await stage.stop()
})

test('CANCEL by an internal caller goes down the tree; the final message still comes, a result if it was quicker', async () => {
  const stage = chain()
  await stage.start()
  const { a, b, c } = await open(stage)
  a.cancel(1)
  a.cancel(1)
  for (const worker of [b, c]) expect(await stage.got(worker, MessageType.CANCEL)).toHaveLength(1)
  b.result(2, bytes('quicker'))
  const [result] = await stage.got(a, MessageType.RESULT)
  expect(text(result!.body)).toBe('quicker')
  c.error(2, 'cancelled', '')
  a.result(2, bytes(''))
  await stage.stop()
})

test('a cancelled call that waits ends with ERROR cancelled, and no worker sees it', async () => {
  const stage = new Stage({
    p: { hello: { functions: ['f'] }, onMessage: drainAtOnce },
    q: { hello: { functions: ['g'], maxCalls: 1 }, onMessage: drainAtOnce },
  })
  await stage.start()
  const [p, q] = [stage.worker('p'), stage.worker('q')]
  p.invoke(q.ids.get('g')!, bytes('first'))
  p.invoke(q.ids.get('g')!, bytes('waits'))
  await stage.got(q, MessageType.INVOKE)
  p.cancel(3)
  const [error] = await stage.got(p, MessageType.ERROR)
  expect(error).toMatchObject({ callId: 3, status: 1 })
  q.result(2, bytes(''))
  await stage.schedule.settle()
  expect(q.of(MessageType.INVOKE)).toHaveLength(1)
  await stage.stop()
})

test('a call that ends while those it made are open cancels them', async () => {
  const stage = chain()
  await stage.start()
  const { a, b, c } = await open(stage)
  a.result(2, bytes('done'))
  await stage.got(b, MessageType.CANCEL)
  await stage.got(c, MessageType.CANCEL)
  b.error(2, 'cancelled', '')
  c.error(2, 'cancelled', '')
  await stage.stop()
})

test('the deadline of the outermost call ends all below it', async () => {
  const stage = chain({ timeoutUs: 20_000 })
  await stage.start()
  const { a, b, c } = await open(stage)
  await stage.schedule.pass(22_000)
  for (const worker of [a, b, c]) await stage.got(worker, MessageType.CANCEL)
  for (const worker of [a, b])
    expect(why((await stage.got(worker, MessageType.ERROR))[0]!).reason).toBe('deadline_exceeded')
  expect(stage.records).toHaveLength(3)
  for (const worker of [a, b, c]) worker.error(2, 'cancelled', '')
  await stage.stop()
})

test('a worker that dies in the middle of a tree fails its own call and cancels what it made', async () => {
  const stage = chain()
  await stage.start()
  const { a, b, c } = await open(stage)
  b.process.exit(null, 'SIGKILL')
  const [error] = await stage.got(a, MessageType.ERROR)
  expect(why(error!)).toMatchObject({
    reason: 'worker_crashed',
    function: 'b',
    message: 'the worker was killed by SIGKILL',
  })
  await stage.got(c, MessageType.CANCEL)
  c.error(2, 'cancelled', '')
  a.error(2, 'handler_error', 'b is gone')
  await stage.stop()
})

test('recursion ends with depth_exceeded at the limit, and self-recursion beyond the concurrency does not wait for itself', async () => {
  const recurse = (worker: ScriptedWorker, view: MessageView): void => {
    if (view.type === MessageType.INVOKE) worker.invoke(worker.ids.get('f')!, bytes(''), view.callId)
    // Odd: an answer to a call it made, number n of them, made by call n of the engine.
    if (view.type === MessageType.RESULT) worker.result(view.callId + 1, view.body.slice())
    if (view.type === MessageType.ERROR) worker.result(view.callId + 1, bytes(why(view).reason))
    drainAtOnce(worker, view)
  }
  const stage = new Stage(
    { p: { hello: { functions: ['f'], maxCalls: 64 }, onMessage: recurse, options: { concurrency: 1 } } },
    { depthMax: 10 },
  )
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('f'))
  expect(outcome.ok && text(outcome.output)).toBe('depth_exceeded')
  expect(stage.records).toHaveLength(11)
  await stage.stop()
})

test('an internal call without a parent has depth 0, a trace of its own and outlives the call that made it', async () => {
  const stage = chain()
  await stage.start()
  const [a, b] = [stage.worker('a'), stage.worker('b')]
  stage.invoke('a')
  await stage.got(a, MessageType.INVOKE)
  a.invoke(b.ids.get('b')!, bytes('detached'))
  const [view] = await stage.got(b, MessageType.INVOKE)
  expect(view!.depth).toBe(0)
  a.result(2, bytes(''))
  await stage.schedule.settle()
  expect(b.of(MessageType.CANCEL)).toEqual([])
  b.result(2, bytes('out'))
  const [result] = await stage.got(a, MessageType.RESULT)
  expect(text(result!.body)).toBe('out')
  await stage.stop()
})

test('an INVOKE whose parent has ended or was cancelled gets ERROR cancelled, and the callee sees nothing', async () => {
  const stage = chain()
  await stage.start()
  const [a, b] = [stage.worker('a'), stage.worker('b')]
  const call = stage.engine.door.open({ ...request, function: 'a' }, silent)
  call.end()
  await stage.got(a, MessageType.INVOKE)
  call.cancel()
  await stage.got(a, MessageType.CANCEL)
  a.invoke(b.ids.get('b')!, bytes('after cancel'), 2)
  a.error(2, 'cancelled', '')
  a.invoke(b.ids.get('b')!, bytes('after end'), 2)
  const errors = await stage.got(a, MessageType.ERROR, 2)
  expect(errors.map(({ callId, status }) => [callId, status])).toEqual([
    [1, 1],
    [3, 1],
  ])
  expect(b.of(MessageType.INVOKE)).toEqual([])
  await stage.stop()
})

test('a stale function id is not_found, and the channel goes on', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } })
  await stage.start()
  const worker = stage.worker('p')
  worker.invoke(4_000_000_000, bytes(''))
  const [error] = await stage.got(worker, MessageType.ERROR)
  expect(error!.status).toBe(5)
  expect(why(error!).reason).toBe('not_found')
  worker.invoke(worker.ids.get('f')!, bytes('x'))
  await stage.got(worker, MessageType.RESULT)
  await stage.stop()
})

test('RESOLVE is answered once each, known or unknown, and waits for programs that start', async () => {
  let late: ScriptedWorker | undefined
  const stage = new Stage({
    p: { hello: { functions: ['f'] }, onMessage: drainAtOnce },
    slow: {
      play: (worker) => {
        late = worker
      },
      onMessage: drainAtOnce,
    },
  })
  const started = stage.engine.start()
  await stage.schedule.settle()
  const worker = stage.worker('p')
  for (const name of ['f', 'g', 'g', 'nobody']) worker.resolve(name)
  const [known] = await stage.got(worker, MessageType.RESOLVED)
  expect(known).toMatchObject({ status: 0, functionId: worker.ids.get('f') })
  expect(worker.of(MessageType.RESOLVED)).toHaveLength(1)
  late!.hello({ functions: ['g'] })
  await stage.run(started)
  const answers = await stage.got(worker, MessageType.RESOLVED, 4)
  const g = late!.ids.get('g')
  expect(answers.slice(1).map((view) => [text(view.body), view.status, view.functionId])).toEqual([
    ['g', 0, g],
    ['g', 0, g],
    ['nobody', 5, 0],
  ])
  await stage.stop()
})
