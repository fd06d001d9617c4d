import { Content, Flag, MessageType } from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  Reason,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { describe, expect, it } from 'vitest'
import { fn } from '../src/index.ts'
import { type Fields, message, ScriptedEngine } from './scripted-engine.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)

describe('an engine that breaks a rule', () => {
  const cases: [rule: string, what: string, send: (engine: ScriptedEngine) => Uint8Array[], features?: string[]][] = [
    ['message-type-known', 'a type below 0x80 that does not exist', () => [message(0x7f, {})]],
    [
      'message-reserved-zero',
      'a reserved byte that is not zero',
      () => [message(MessageType.PING, { callId: 0, depth: 1 })],
    ],
    ['message-flags-known', 'a flag that the type does not allow', () => [message(MessageType.PING, { flags: 1 })]],
    ['message-direction', "a worker's type", () => [message(MessageType.CAPACITY, {})]],
    ['handshake-hello-once', 'a second WELCOME', (engine) => [engine.welcomeMessages([], 64)]],
    ['invoke-call-id-parity', 'INVOKE with an odd id', (engine) => [invoke(engine, 3)]],
    ['call-id-rising', 'INVOKE with an id that was used', (engine) => [invoke(engine, 4), invoke(engine, 4)]],
    ['call-id-rising', 'INVOKE with an id before the last', (engine) => [invoke(engine, 8), invoke(engine, 6)]],
    ['call-parent-zero', 'INVOKE with a parent', (engine) => [invoke(engine, 2, { parentCallId: 1 })]],
    ['call-id-known', 'CANCEL for a call that never was', () => [message(MessageType.CANCEL, { callId: 90 })]],
    ['call-id-known', 'DATA for a call that never was', () => [message(MessageType.DATA, { callId: 90 }, 'x')]],
    [
      'call-id-known',
      'RESULT for a call that this worker never made',
      () => [message(MessageType.RESULT, { callId: 91 })],
    ],
    [
      'call-id-known',
      'ERROR for a call that this worker never made',
      () => [message(MessageType.ERROR, { callId: 91, status: 2 })],
    ],
    ['call-callee-answers', "RESULT for the engine's own call", () => [message(MessageType.RESULT, { callId: 2 })]],
    ['call-caller-cancels', "CANCEL for the worker's own call", () => [message(MessageType.CANCEL, { callId: 1 })]],
    ['feature-accepted', 'DATA without streaming', () => [message(MessageType.DATA, { callId: 2 }, 'x')], ['log']],
    [
      'feature-accepted',
      'WINDOW without streaming',
      () => [message(MessageType.WINDOW, { callId: 2, credit: 1 })],
      ['log'],
    ],
    [
      'feature-accepted',
      'INVOKE with MORE without streaming',
      (engine) => [invoke(engine, 2, { flags: Flag.MORE })],
      ['log'],
    ],
    [
      'feature-accepted',
      'a payload file',
      (engine) => [
        engine.invokeMessage('greet', 2, Buffer.from('file-1'), { payloadLength: 6, flags: Flag.PAYLOAD_FILE }),
      ],
    ],
    ['feature-accepted', 'LOAD', () => [message(MessageType.LOAD, {})]],
    [
      'feature-accepted',
      'RESOLVED without internal-calls',
      () => [message(MessageType.RESOLVED, { functionId: 9 }, 'x')],
      [],
    ],
    ['resolved-open', 'RESOLVED that nobody asked for', () => [message(MessageType.RESOLVED, { functionId: 9 }, 'x')]],
    ['pong-open', 'PONG that nobody asked for', () => [message(MessageType.PONG, {})]],
    ['data-credit', 'the 33rd DATA without a WINDOW', (engine) => stalledInput(engine, 33)],
    ['payload-length-exact', 'more input than announced', (engine) => input(engine, 1_000, 1_001)],
    ['payload-length-exact', 'less input than announced', (engine) => input(engine, 1_002, 1_001)],
    [
      'data-after-end',
      'DATA after the end of the input',
      (engine) => [invoke(engine, 2, {}, 'hang'), message(MessageType.DATA, { callId: 2 }, 'x')],
    ],
    [
      'credit-max',
      'WINDOW for a call that has all its credit',
      (engine) => [invoke(engine, 2, {}, 'hang'), message(MessageType.WINDOW, { callId: 2, credit: 1 })],
    ],
  ]

  const hang = fn('hang', () => new Promise(() => {}))
  const stall = fn.stream('stall', () => new Promise<Uint8Array>(() => {}))

  function invoke(engine: ScriptedEngine, callId: number, fields: Fields = {}, name = 'greet'): Uint8Array {
    return engine.invokeMessage(name, callId, Buffer.from('"x"'), {
      payloadLength: 3,
      content: Content.JSON,
      ...fields,
    })
  }

  function stalledInput(engine: ScriptedEngine, parts: number): Uint8Array[] {
    return engine.longInput('stall', 2, new Uint8Array(960 * 40)).slice(0, parts + 1)
  }

  function input(engine: ScriptedEngine, announced: number, bytes: number): Uint8Array[] {
    return engine.longInput('greet', 2, new Uint8Array(bytes).fill(32), { payloadLength: announced })
  }

  for (const [rule, what, send, features] of cases) {
    it(`gets GOODBYE with ${rule} for ${what}, and the worker exits 76`, async () => {
      const engine = await ScriptedEngine.start([greet, hang, stall], features === undefined ? {} : { features })
      engine.send(...send(engine))
      const view = (await engine.waiting()).at(-1)!
      expect(view.type).toBe(MessageType.GOODBYE)
      expect(decodePrefixed(GoodbyeSchema, view.body)).toMatchObject({ reason: Reason.PROTOCOL_ERROR, rule })
      expect(view.status).toBe(13)
      expect(await engine.exited).toBe(76)
      expect(engine.lines[0]).toContain(`the engine broke the rule ${rule}`)
    })
  }

  const answers: [rule: string, what: string, messages: (callId: number) => Uint8Array[]][] = [
    [
      'data-after-head',
      'DATA before RESULT',
      (callId) => [message(MessageType.DATA, { callId, flags: Flag.MORE }, 'x')],
    ],
    ['data-output-more', 'DATA without MORE', (callId) => [head(callId), message(MessageType.DATA, { callId }, 'x')]],
    ['result-more-once', 'a second RESULT with MORE', (callId) => [head(callId), head(callId)]],
    [
      'result-total',
      'a last RESULT with another total',
      (callId) => [head(callId), message(MessageType.RESULT, { callId, payloadLength: 2 })],
    ],
    [
      'result-total',
      'a whole RESULT of another length',
      (callId) => [message(MessageType.RESULT, { callId, payloadLength: 2 }, 'x')],
    ],
    [
      'payload-length-exact',
      'less output than announced',
      (callId) => [head(callId, 9), message(MessageType.RESULT, { callId, payloadLength: 1 })],
    ],
    [
      'error-body',
      'ERROR with a body that is no protobuf',
      (callId) => [message(MessageType.ERROR, { callId, status: 2 }, '\xff\xff')],
    ],
    [
      'cold-span-consecutive',
      'a message between the parts of ERROR',
      (callId) => [
        message(MessageType.ERROR, { callId, status: 2, flags: Flag.MORE }, 'x'),
        message(MessageType.PING, {}),
      ],
    ],
    [
      'cold-span-bytes',
      'an ERROR of more than 64 KiB',
      (callId) =>
        Array.from({ length: 69 }, () =>
          message(MessageType.ERROR, { callId, status: 2, flags: Flag.MORE }, new Uint8Array(960)),
        ),
    ],
  ]

  function head(callId: number, payloadLength = 0xffff_ffff): Uint8Array {
    return message(MessageType.RESULT, { callId, flags: Flag.MORE, payloadLength }, 'x')
  }

  for (const [rule, what, messages] of answers) {
    it(`gets GOODBYE with ${rule} for ${what}`, async () => {
      const call = fn('call', (_input: null, ctx) => ctx.call(greet, 'x'))
      const engine = await ScriptedEngine.start([greet, call])
      engine.invoke('call', null)
      const { callId } = await engine.next(MessageType.INVOKE)
      engine.send(...messages(callId))
      expect(await engine.goodbye()).toMatchObject({ reason: Reason.PROTOCOL_ERROR, rule })
      expect(await engine.exited).toBe(76)
    })
  }

  const welcomes: [rule: string, what: string, body: Uint8Array][] = [
    ['handshake-magic', 'no magic', new Uint8Array(16)],
    ['handshake-prefix', 'a prefix cut short', Buffer.from('MILLRACE')],
    ['handshake-version', 'another version', encodePrefixed(WelcomeSchema, {}, { min: 2, max: 2 })],
    ['handshake-body', 'no protobuf', Buffer.concat([encodePrefixed(WelcomeSchema, {}), Buffer.from([0xff, 0xff])])],
    ['feature-offered', 'a feature that was not offered', encodePrefixed(WelcomeSchema, { features: ['fork'] })],
    ['welcome-max-calls', 'no calls at all', encodePrefixed(WelcomeSchema, {})],
    [
      'welcome-functions',
      'a function that was not offered',
      encodePrefixed(WelcomeSchema, { functions: [{ name: 'x', id: 1 }], limits: { maxCalls: 1 } }),
    ],
    [
      'function-id-unique',
      'the id 0',
      encodePrefixed(WelcomeSchema, { functions: [{ name: 'greet', id: 0 }], limits: { maxCalls: 1 } }),
    ],
  ]

  for (const [rule, what, body] of welcomes) {
    it(`gets GOODBYE with ${rule} for a WELCOME with ${what}`, async () => {
      const engine = new ScriptedEngine([greet])
      const started = engine.worker.start()
      await engine.hello()
      engine.send(spanMessages(MessageType.WELCOME, body, () => {}))
      expect(await engine.goodbye()).toMatchObject({ rule })
      await expect(started).rejects.toThrow(rule)
      expect(await engine.exited).toBe(76)
    })
  }

  it('gets GOODBYE with handshake-engine-waits for anything before WELCOME', async () => {
    const engine = new ScriptedEngine([greet])
    const started = engine.worker.start()
    await engine.hello()
    engine.send(message(MessageType.PING, {}))
    expect(await engine.goodbye()).toMatchObject({ rule: 'handshake-engine-waits' })
    await expect(started).rejects.toThrow('handshake-engine-waits')
  })

  it('is not read any further', async () => {
    const engine = await ScriptedEngine.start([greet])
    engine.send(message(0x7f, {}), invoke(engine, 2))
    await engine.goodbye()
    expect(await engine.waiting()).toHaveLength(0)
  })
})
