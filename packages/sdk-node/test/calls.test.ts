import { Content, Flag, MessageType } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { fn, MillraceError } from '../src/index.ts'
import { message, ScriptedEngine } from './scripted-engine.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)
const shout = fn('shout', { timeout: '50ms' }, (text: string) => text.toUpperCase())

describe('a worker that serves calls', () => {
  it('says HELLO with its functions, features, limits and token, then serves what WELCOME named', async () => {
    const engine = new ScriptedEngine([greet, shout], { maxCalls: 7 })
    void engine.worker.start()
    const hello = await engine.welcome()
    expect(hello.token).toBe('secret')
    expect(hello.functions.map(({ name, timeoutUs }) => ({ name, timeoutUs }))).toEqual([
      { name: 'greet', timeoutUs: 0 },
      { name: 'shout', timeoutUs: 50_000 },
    ])
    expect(hello.features).toEqual(['internal-calls', 'streaming', 'log', 'capacity'])
    expect(hello.maxCalls).toBe(7)
    expect(hello.software).toMatchObject({ name: '@millrace/sdk', language: 'javascript' })
    expect(await engine.result(engine.invoke('greet', 'Ada'))).toBe('Hello, Ada')
  })

  it('spans HELLO over several messages when it has 1,024 functions', async () => {
    const functions = Array.from({ length: 1024 }, (_, index) => fn(`function-${index}`, () => index))
    const engine = await ScriptedEngine.start(functions)
    expect(await engine.result(engine.invoke('function-1023', null))).toBe(1023)
  })

  it('answers a handler that returns at once within the turn that brought its INVOKE', async () => {
    const engine = await ScriptedEngine.start([shout])
    const written: number[] = []
    const { onWritten } = engine.pipe
    engine.pipe.onWritten = (bytes) => {
      written.push(bytes.length)
      onWritten(bytes)
    }
    engine.invoke('shout', 'a')
    expect(written).toEqual([1024])
  })

  it('writes the results of a whole read at once', async () => {
    const engine = await ScriptedEngine.start([shout])
    const written: number[] = []
    engine.pipe.onWritten = (bytes) => written.push(bytes.length)
    const body = Buffer.from('"x"')
    const fields = { payloadLength: 3, content: Content.JSON }
    engine.send(...[2, 4, 6].map((id) => engine.invokeMessage('shout', id, body, fields)))
    expect(written).toEqual([3 * 1024])
  })

  it('overlaps calls and answers each as it ends, in any order', async () => {
    const gates = new Map<string, () => void>()
    const gate = fn('gate', (name: string) => new Promise<string>((resolve) => gates.set(name, () => resolve(name))))
    const engine = await ScriptedEngine.start([gate])
    const a = engine.invoke('gate', 'a')
    const b = engine.invoke('gate', 'b')
    const c = engine.invoke('gate', 'c')
    expect(engine.worker.openCalls).toBe(3)
    gates.get('c')!()
    expect(await engine.result(c)).toBe('c')
    gates.get('a')!()
    expect(await engine.result(a)).toBe('a')
    gates.get('b')!()
    expect(await engine.result(b)).toBe('b')
    expect(engine.worker.openCalls).toBe(0)
  })

  it('takes messages cut anywhere', async () => {
    const engine = await ScriptedEngine.start([shout])
    const bytes = engine.invokeMessage('shout', engine.nextId(), Buffer.from('"cut"'), {
      payloadLength: 5,
      content: Content.JSON,
    })
    for (let at = 0; at < bytes.length; at += 100) engine.pipe.give(bytes.subarray(at, at + 100))
    expect(await engine.result(2)).toBe('CUT')
  })

  it('tells the handler what INVOKE says of the call', async () => {
    const look = fn('look', (_input: null, ctx) => {
      const { id, depth, priority, attempt, trace, deadline } = ctx
      return {
        id,
        function: ctx.function,
        depth,
        priority,
        attempt,
        trace,
        left: ctx.remainingMs(),
        deadline: deadline instanceof Date,
      }
    })
    const engine = await ScriptedEngine.start([look])
    const id = engine.invoke('look', null, {
      depth: 3,
      priority: 6,
      attempt: 2,
      timeoutUs: 250_000,
      traceId: Buffer.from('4bf92f3577b34da6a3ce929d0e0e4736', 'hex'),
      spanId: Buffer.from('00f067aa0ba902b7', 'hex'),
      traceFlags: 1,
    })
    expect(await engine.result(id)).toEqual({
      id,
      function: 'look',
      depth: 3,
      priority: 6,
      attempt: 2,
      trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true },
      left: 250,
      deadline: true,
    })
    const unlimited = fn('unlimited', (_input: null, ctx) => [ctx.deadline === undefined, ctx.remainingMs() > 1e300])
    const other = await ScriptedEngine.start([unlimited])
    expect(await other.result(other.invoke('unlimited', null))).toEqual([true, true])
  })

  it('gives undefined for an empty payload and sends undefined as an empty one', async () => {
    const type = fn('type', (input: unknown) => (input === undefined ? undefined : typeof input))
    const engine = await ScriptedEngine.start([type])
    expect(await engine.result(engine.invoke('type', undefined))).toBeUndefined()
    expect(await engine.result(engine.invoke('type', 'text', { content: Content.BYTES }))).toBe('string')
    const text = Buffer.from('not json')
    expect(await engine.result(engine.invoke('type', text, { content: Content.TEXT }))).toBe('string')
    const lines = Buffer.from('1\n2\n')
    expect(await engine.result(engine.invoke('type', lines, { content: Content.NDJSON }))).toBe('object')
  })

  it('fails input that is no JSON with bad_input, and names line, column and position', async () => {
    let ran = 0
    const count = fn('count', () => (ran += 1))
    const engine = await ScriptedEngine.start([count])
    const id = engine.invoke('count', Buffer.from('{"a": 1,\n  b: 2}'))
    expect(await engine.error(id)).toMatchObject({
      reason: 'bad_input',
      status: 3,
      message: `input of count is not JSON: found "b: 2}" at line 2, column 3 (position 11), where a key in double quotes should be`,
    })
    const cbor = engine.invoke('count', Buffer.from([0xa0]), { content: Content.CBOR })
    expect((await engine.error(cbor)).message).toBe('input of count is application/cbor; it takes JSON or text')
    expect(ran).toBe(0)
  })

  it('keeps bytes as they are, and gives the handler its own copy', async () => {
    const kept: Uint8Array[] = []
    const raw = fn.bytes('raw', (input) => {
      kept.push(input)
      return input
    })
    const engine = await ScriptedEngine.start([raw])
    const input = Uint8Array.from({ length: 960 }, (_, index) => index % 256)
    engine.invoke('raw', input, { content: Content.BYTES })
    const result = await engine.next(MessageType.RESULT)
    expect(Buffer.from(result.body).equals(input)).toBe(true)
    expect(result.content).toBe(Content.BYTES)
    expect(result.payloadLength).toBe(960)
    engine.invoke('raw', new Uint8Array(960), { content: Content.BYTES })
    await engine.next(MessageType.RESULT)
    expect(Buffer.from(kept[0]!).equals(input)).toBe(true)
  })

  it('fails a call with the reason, code and retry hint of a thrown MillraceError', async () => {
    const refuse = fn('refuse', () => {
      throw new MillraceError('bad_input', 'no such user', { code: 'USER', retryable: true })
    })
    const engine = await ScriptedEngine.start([refuse])
    expect(await engine.error(engine.invoke('refuse', null))).toMatchObject({
      reason: 'bad_input',
      status: 3,
      code: 'USER',
      message: 'no such user',
      retryable: true,
      errorType: 'MillraceError',
    })
  })

  it('fails a call with handler_error, type, message and stack of any other error, thrown or rejected', async () => {
    class OwnError extends Error {}
    const thrown = fn('thrown', () => {
      throw new OwnError('mine')
    })
    const rejected = fn('rejected', async () => {
      await null
      throw new RangeError('late')
    })
    const odd = fn('odd', () => Promise.reject({ a: 1 }))
    const engine = await ScriptedEngine.start([thrown, rejected, odd])
    const first = await engine.error(engine.invoke('thrown', null))
    expect(first).toMatchObject({ reason: 'handler_error', status: 2, errorType: 'OwnError', message: 'mine' })
    expect(first.stack).toContain('calls.test.ts')
    expect(await engine.error(engine.invoke('rejected', null))).toMatchObject({
      errorType: 'RangeError',
      message: 'late',
    })
    expect(await engine.error(engine.invoke('odd', null))).toMatchObject({ errorType: 'object', message: '{"a":1}' })
  })

  it('fails a call whose output has no JSON, or is of the wrong kind', async () => {
    const big = fn('big', () => 10n)
    const wrong = fn.bytes('wrong', () => 'text' as unknown as Uint8Array)
    const engine = await ScriptedEngine.start([big, wrong])
    expect((await engine.error(engine.invoke('big', null))).errorType).toBe('TypeError')
    expect((await engine.error(engine.invoke('wrong', null))).message).toContain('wrong gave string, not a Uint8Array')
  })

  it('refuses a call for an id that it does not serve with not_found, and goes on', async () => {
    const engine = await ScriptedEngine.start([greet])
    const id = engine.invoke('greet', 'x', { functionId: 99 })
    expect(await engine.error(id)).toMatchObject({ reason: 'not_found', status: 5 })
    expect(await engine.result(engine.invoke('greet', 'y'))).toBe('Hello, y')
  })

  it('refuses the call after the last that WELCOME allows with overloaded', async () => {
    const hang = fn('hang', () => new Promise(() => {}))
    const engine = await ScriptedEngine.start([hang], { limits: { maxCalls: 2 } })
    engine.invoke('hang', null)
    engine.invoke('hang', null)
    const third = engine.invoke('hang', null)
    expect(await engine.error(third)).toMatchObject({ reason: 'overloaded', status: 8 })
  })

  it('leaves no byte of an earlier message in a later one', async () => {
    const engine = await ScriptedEngine.start([shout])
    engine.invoke('shout', 'a secret that is longer')
    await engine.next(MessageType.RESULT)
    engine.invoke('shout', 'b')
    const view = await engine.next(MessageType.RESULT)
    expect(view.whole.subarray(64 + view.bodyLength).every((byte) => byte === 0)).toBe(true)
  })

  it('tells the run time of a call in microseconds of its clock', async () => {
    const slow = fn('slow', async () => {
      engine.nowUs += 1_500
      return 1
    })
    const engine = await ScriptedEngine.start([slow])
    engine.invoke('slow', null)
    expect((await engine.next(MessageType.RESULT)).runUs).toBe(1_500)
  })

  it('answers PING with its nonce and the calls that run', async () => {
    const hang = fn('hang', () => new Promise(() => {}))
    const engine = await ScriptedEngine.start([hang])
    engine.invoke('hang', null)
    engine.send(message(MessageType.PING, { nonce: 77 }))
    const pong = await engine.next(MessageType.PONG)
    expect([pong.nonce, pong.openCalls]).toEqual([77, 1])
  })

  it('drops a message of an ignorable type that it does not know', async () => {
    const engine = await ScriptedEngine.start([shout])
    engine.send(message(0xe1, { flags: Flag.MORE }))
    expect(await engine.result(engine.invoke('shout', 'x'))).toBe('X')
  })
})
