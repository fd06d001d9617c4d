import { MessageType } from '@millrace/protocol'
import { encodePrefixed, HelloSchema, spanMessages } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { type ScriptedWorker, set } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, echo, Stage, text } from '../stage.ts'

function hello(worker: ScriptedWorker, change: (body: Uint8Array) => Uint8Array = (body) => body): void {
  const body = encodePrefixed(HelloSchema, {
    token: worker.process.request.token,
    functions: [{ name: 'f' }],
    maxCalls: 4,
  })
  worker.sendBytes(spanMessages(MessageType.HELLO, change(body), () => {}))
}

test('a good HELLO is answered by WELCOME with the ids of its functions, as the first message', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f', 'g'] }, onMessage: drainAtOnce } })
  expect(await stage.start()).toEqual([])
  const worker = stage.worker('p')
  await stage.got(worker, MessageType.WELCOME)
  expect(worker.received[0]!.type).toBe(MessageType.WELCOME)
  expect([...worker.ids.keys()]).toEqual(['f', 'g'])
  expect(stage.engine.ready).toBe(true)
  expect(stage.events.map(({ event }) => event)).toEqual(['starting', 'ready'])
  await stage.stop()
})

test('a call goes through and comes back, and its record adds up', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] }, onMessage: echo } })
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('f', 'hi', { content: 1 }))
  expect(outcome.ok && text(outcome.output)).toBe('hi')
  expect(stage.records).toMatchObject([{ function: 'f', outcome: 'ok', depth: 0, parentId: 0, workerId: 1 }])
  expect(stage.engine.functions()).toMatchObject([{ name: 'f', ok: 1, failed: 0, running: 0, waiting: 0 }])
  await stage.stop()
})

const PREFIX = 16
const refused: [string, string | undefined, (worker: ScriptedWorker) => void, RegExp][] = [
  ['another token', 'handshake-token', (w) => w.hello({ functions: ['f'], token: '0'.repeat(32) }), /token/i],
  ['no token', 'handshake-token', (w) => w.hello({ functions: ['f'], token: '' }), /token/i],
  ['another magic', 'handshake-magic', (w) => hello(w, (b) => b.fill(0x46, 7, 8)), /MILLRACE/],
  ['15 bytes of body', 'handshake-prefix', (w) => hello(w, (b) => b.slice(0, PREFIX - 1)), /prefix/],
  ['a reserved byte of the prefix set', 'handshake-prefix', (w) => hello(w, (b) => b.fill(1, 12, 13)), /prefix/],
  [
    'versions 2 to 9',
    'handshake-version',
    (w) => hello(w, (b) => Uint8Array.from(b).fill(2, 8, 9).fill(9, 10, 11)),
    /version/,
  ],
  ['versions 2 to 1', 'handshake-version', (w) => hello(w, (b) => Uint8Array.from(b).fill(2, 8, 9)), /version/],
  ['malformed protobuf', 'handshake-body', (w) => hello(w, (b) => b.subarray(0, b.length - 1)), /protobuf/],
  ['a name that is none', 'name-form', (w) => w.hello({ functions: ['../f'] }), /function name/],
  ['a long name in other letters', 'name-form', (w) => w.hello({ functions: ['ü'.repeat(2_000)] }), /function name/],
  ['a name twice', 'handshake-functions-once', (w) => w.hello({ functions: ['f', 'f'] }), /twice/],
  [
    '1,025 functions',
    'handshake-functions-max',
    (w) => w.hello({ functions: Array.from({ length: 1_025 }, (_, i) => `f${i}`) }),
    /1024/,
  ],
  ['no function at all', '', (w) => w.hello({ functions: [] }), /serves no function/],
  [
    'a message before HELLO',
    'handshake-hello-first',
    (w) => w.send(MessageType.PING, set({ nonce: 1 })),
    /PING came before HELLO/,
  ],
  [
    'a message between two parts of HELLO',
    'cold-span-consecutive',
    (w) => {
      const body = encodePrefixed(HelloSchema, { token: 'x'.repeat(2_000) })
      w.sendBytes(spanMessages(MessageType.HELLO, body, () => {}).slice(0, 1_024))
      w.send(MessageType.PING, set({ nonce: 1 }))
    },
    /between/,
  ],
  [
    'an ignorable message between two parts of HELLO',
    'cold-span-consecutive',
    (w) => {
      const body = encodePrefixed(HelloSchema, { token: 'x'.repeat(2_000) })
      w.sendBytes(spanMessages(MessageType.HELLO, body, () => {}).slice(0, 1_024))
      w.sendBytes(Uint8Array.from({ length: 1_024 }, (_, i) => (i === 0 ? 0x9f : 0)))
    },
    /between/,
  ],
  [
    'a HELLO of 65,537 bytes',
    'cold-span-bytes',
    (w) => hello(w, (b) => Uint8Array.from({ length: 65_537 }, (_, i) => b[i] ?? 0)),
    /65536/,
  ],
]

test.each(refused)(
  'a worker that says HELLO with %s gets GOODBYE with %s and no WELCOME',
  async (_, rule, play, why) => {
    const stage = new Stage({ p: { play } })
    const failures = await stage.start()
    await stage.schedule.settle()
    const worker = stage.of('p')[0]!
    expect(stage.rule(worker)).toBe(rule)
    expect(worker.of(MessageType.WELCOME)).toEqual([])
    expect(failures).toHaveLength(1)
    expect(failures[0]!.message).toMatch(why)
    await stage.stop()
  },
)

test('versions 1 to 9 are welcomed as version 1', async () => {
  const stage = new Stage({
    p: { play: (w) => hello(w, (b) => Uint8Array.from(b).fill(9, 10, 11)), onMessage: drainAtOnce },
  })
  expect(await stage.start()).toEqual([])
  const [welcome] = await stage.got(stage.worker('p'), MessageType.WELCOME)
  expect([...welcome!.body.slice(8, 12)]).toEqual([1, 0, 1, 0])
  await stage.stop()
})

test('a second HELLO ends the channel', async () => {
  const stage = new Stage({ p: { hello: { functions: ['f'] } } })
  await stage.start()
  const worker = stage.worker('p')
  worker.hello({ functions: ['f'] })
  await stage.schedule.settle()
  expect(stage.rule(worker)).toBe('handshake-hello-once')
  await stage.stop()
})

test('a worker that never says HELLO is ended at the deadline and another is started', async () => {
  const stage = new Stage(
    {
      p: {
        play: (worker) => {
          if (stage.of('p').length > 1) worker.hello({ functions: ['f'] })
        },
        onMessage: drainAtOnce,
      },
    },
    { handshakeTimeoutUs: 5_000_000 },
  )
  const failures = await stage.start()
  expect(failures[0]!.message).toMatch(/no HELLO within 5 s.*handshake-deadline/)
  await stage.schedule.until(() => stage.events.some(({ event }) => event === 'ready'))
  expect(stage.of('p')).toHaveLength(2)
  await stage.stop()
})

test('a worker that does not offer a declared function is refused with a message that names both', async () => {
  const stage = new Stage({ p: { hello: { functions: ['g', 'h'] }, options: { functions: [{ name: 'f' }] } } })
  const [failure] = await stage.start()
  expect(failure!.message).toBe('the worker does not serve f; it serves g, h')
  await stage.stop()
})

test('functions beyond the declared ones are not served', async () => {
  const stage = new Stage({
    p: { hello: { functions: ['f', 'g'] }, options: { functions: [{ name: 'f' }] }, onMessage: echo },
  })
  await stage.start()
  const outcome = await stage.outcome(stage.invoke('g'))
  expect(outcome).toMatchObject({ ok: false, failure: { reason: 'not_found' } })
  expect([...stage.worker('p').ids.keys()]).toEqual(['f'])
  await stage.stop()
})

test('unknown features are not accepted, and max_calls 0 counts as 1', async () => {
  const stage = new Stage({
    p: { hello: { functions: ['f'], features: ['time-travel', 'log'], maxCalls: 0 }, onMessage: drainAtOnce },
  })
  await stage.start()
  expect(stage.engine.workers()).toMatchObject([{ features: ['log'], maxCalls: 1 }])
  await stage.stop()
})

test('after three workers in a row that never got ready, calls fail at once with what went wrong', async () => {
  const stage = new Stage({
    p: { play: (worker) => worker.process.exit(1), options: { functions: [{ name: 'f' }] } },
  })
  await stage.start()
  const waiting = stage.invoke('f')
  const outcome = await stage.outcome(waiting)
  expect(outcome).toMatchObject({ ok: false, failure: { reason: 'worker_unavailable', retryable: undefined } })
  expect(!outcome.ok && outcome.failure.message).toMatch(/exited with code 1 before its HELLO/)
  const next = stage.invoke('f', bytes('x'))
  await stage.schedule.settle()
  expect(next.outcome).toMatchObject({ ok: false, failure: { reason: 'worker_unavailable' } })
  await stage.stop()
})
