import { Content, Flag, MessageType, Status } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { type Context, fn, MillraceError, PeerError } from '../src/index.ts'
import { message, ScriptedEngine, settle } from './scripted-engine.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)

/** A function that does what a test gives it. */
function act(run: (ctx: Context) => unknown) {
  return fn('act', async (_input: null, ctx) => run(ctx))
}

describe('internal calls', () => {
  it('invokes a function of WELCOME by its id, naming the parent, its priority and attempt 1', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'Ada', { timeout: '20ms' }))])
    const id = engine.invoke('act', null, { priority: 1, depth: 2 })
    const invoke = await engine.answer('Hello, Ada')
    expect(invoke.callId).toBe(1)
    expect(invoke.functionId).toBe(engine.ids.get('greet'))
    expect(invoke.parentCallId).toBe(id)
    expect(invoke.timeoutUs).toBe(20_000)
    expect([invoke.priority, invoke.attempt, invoke.depth]).toEqual([1, 1, 0])
    expect(Buffer.from(invoke.body).toString()).toBe('"Ada"')
    expect(await engine.result(id)).toBe('Hello, Ada')
  })

  it('resolves a name once, for all calls that wait for it, and keeps the id', async () => {
    const engine = await ScriptedEngine.start([act((ctx) => Promise.all([ctx.call('far', 1), ctx.call('far', 2)]))])
    const id = engine.invoke('act', null)
    const resolve = await engine.next(MessageType.RESOLVE)
    expect(Buffer.from(resolve.body).toString()).toBe('far')
    expect(await engine.waiting()).toHaveLength(0)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    expect((await engine.answer('one')).callId).toBe(1)
    expect((await engine.answer('two')).callId).toBe(3)
    expect(await engine.result(id)).toEqual(['one', 'two'])
    const again = engine.invoke('act', null)
    await engine.answer(1)
    await engine.answer(2)
    expect(await engine.result(again)).toEqual([1, 2])
  })

  it('fails a call of a name that the engine does not know with not_found', async () => {
    const engine = await ScriptedEngine.start([act((ctx) => ctx.call('nobody'))])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { status: Status.NOT_FOUND }, 'nobody'))
    expect(await engine.error(id)).toMatchObject({
      reason: 'not_found',
      message: 'there is no function named "nobody"',
    })
  })

  it('asks once more for the name of an id that has become stale, and sends the input again', async () => {
    const engine = await ScriptedEngine.start([act((ctx) => ctx.call('far', { a: 1 }))])
    engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    const first = await engine.next(MessageType.INVOKE)
    engine.fail(first.callId, 'not_found', 'no such id')
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 51 }, 'far'))
    const second = await engine.answer('there')
    expect([second.callId, second.functionId]).toEqual([3, 51])
    expect(Buffer.from(second.body).toString()).toBe('{"a":1}')
    expect(await engine.result(2)).toBe('there')
  })

  it('gives up a stale id when the second RESOLVE names the same one', async () => {
    const engine = await ScriptedEngine.start([act((ctx) => ctx.call('far'))])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    engine.fail((await engine.next(MessageType.INVOKE)).callId, 'not_found', 'no such id')
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    expect(await engine.error(id)).toMatchObject({ reason: 'not_found', message: 'no such id' })
  })

  it("passes a callee's own not_found on without asking again", async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.fail(callId, 'not_found', 'no such user', { errorType: 'MillraceError', function: 'greet', code: 'USER' })
    expect(await engine.error(id)).toMatchObject({ reason: 'not_found', code: 'USER', function: 'greet' })
  })

  it('gives the failure of a callee to the caller as a MillraceError with all that it says', async () => {
    let seen: unknown
    const look = act(async (ctx) => {
      seen = await ctx.call(greet, 'x').catch((error: unknown) => error)
    })
    const engine = await ScriptedEngine.start([greet, look])
    engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.fail(callId, 'queue_full', 'busy', {
      function: 'greet',
      retryable: true,
      errorType: 'E',
      stack: 'at x',
      code: 'C',
    })
    await engine.next(MessageType.RESULT)
    expect(seen).toBeInstanceOf(MillraceError)
    expect(seen).toMatchObject({
      reason: 'queue_full',
      status: 8,
      message: 'busy',
      code: 'C',
      retryable: true,
      function: 'greet',
      errorType: 'E',
      remoteStack: 'at x',
    })
  })

  it('ends with handler_error when a handler lets a failure through that is about the engine or never started', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))])
    for (const reason of ['queue_full', 'worker_crashed', 'draining', 'overloaded'] as const) {
      const id = engine.invoke('act', null)
      engine.fail((await engine.next(MessageType.INVOKE)).callId, reason, 'busy')
      expect(await engine.error(id)).toMatchObject({ reason: 'handler_error', status: 2, message: `${reason}: busy` })
    }
  })

  it('takes ERROR without a body as handler_error with the status of the header', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.send(message(MessageType.ERROR, { callId, status: 7 }))
    expect(await engine.error(id)).toMatchObject({ reason: 'handler_error', status: 7 })
  })

  it('has no more INVOKEs open than the limit; the next waits for a place', async () => {
    const many = act((ctx) => Promise.all([1, 2, 3].map((n) => ctx.call(greet, String(n)))))
    const engine = await ScriptedEngine.start([greet, many], { limits: { maxOpenInvokes: 2 } })
    const id = engine.invoke('act', null)
    const first = await engine.next(MessageType.INVOKE)
    const second = await engine.next(MessageType.INVOKE)
    expect(await engine.waiting()).toHaveLength(0)
    engine.reply(second.callId, 'b')
    const third = await engine.answer('c')
    expect(third.callId).toBe(5)
    engine.reply(first.callId, 'a')
    expect(await engine.result(id)).toEqual(['a', 'b', 'c'])
  })

  it('has no more RESOLVEs open than the limit; the next waits for a place', async () => {
    const many = act((ctx) => Promise.all(['a', 'b', 'c'].map((name) => ctx.call(name))))
    const engine = await ScriptedEngine.start([many])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    await engine.next(MessageType.RESOLVE)
    expect(await engine.waiting()).toHaveLength(0)
    engine.send(message(MessageType.RESOLVED, { functionId: 61 }, 'a'))
    await engine.answer(3)
    expect(Buffer.from((await engine.next(MessageType.RESOLVE)).body).toString()).toBe('c')
    engine.send(
      message(MessageType.RESOLVED, { functionId: 62 }, 'b'),
      message(MessageType.RESOLVED, { functionId: 63 }, 'c'),
    )
    await engine.answer(2)
    await engine.answer(1)
    expect(await engine.result(id)).toEqual([3, 2, 1])
  })

  it('sends CANCEL and rejects at once when the option signal is aborted', async () => {
    const controller = new AbortController()
    const engine = await ScriptedEngine.start([
      greet,
      act((ctx) => ctx.call(greet, 'x', { signal: controller.signal })),
    ])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    controller.abort()
    const cancel = await engine.next(MessageType.CANCEL)
    expect(cancel.callId).toBe(callId)
    expect(await engine.error(id)).toMatchObject({ reason: 'cancelled', message: 'the call of greet was cancelled' })
    engine.fail(callId, 'cancelled', 'gone')
    expect(await engine.waiting()).toHaveLength(0)
  })

  it('sends nothing for a call whose signal was aborted before', async () => {
    const engine = await ScriptedEngine.start([
      greet,
      act((ctx) => ctx.call(greet, 'x', { signal: AbortSignal.abort() })),
    ])
    expect(await engine.error(engine.invoke('act', null))).toMatchObject({ reason: 'cancelled' })
  })

  it('keeps the place of a cancelled call until its final message', async () => {
    const controller = new AbortController()
    const both = act(async (ctx) => {
      const first = ctx
        .call(greet, 'a', { signal: controller.signal })
        .catch((error: MillraceError) => error.reason as never)
      const second = ctx.call(greet, 'b')
      return [await first, await second]
    })
    const engine = await ScriptedEngine.start([greet, both], { limits: { maxOpenInvokes: 1 } })
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    controller.abort()
    await engine.next(MessageType.CANCEL)
    expect(await engine.waiting()).toHaveLength(0)
    engine.fail(callId, 'cancelled', 'gone')
    await engine.answer('B')
    expect(await engine.result(id)).toEqual(['cancelled', 'B'])
  })

  it('cancels the internal calls of a call that is cancelled, those that wait too', async () => {
    const reasons: string[] = []
    const many = act((ctx) =>
      Promise.all(
        [1, 2].map((n) => ctx.call(greet, String(n)).catch((error: MillraceError) => reasons.push(error.reason))),
      ),
    )
    const engine = await ScriptedEngine.start([greet, many], { limits: { maxOpenInvokes: 1 } })
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.send(message(MessageType.CANCEL, { callId: id }))
    expect((await engine.next(MessageType.CANCEL)).callId).toBe(callId)
    await engine.next(MessageType.RESULT)
    expect(reasons).toEqual(['cancelled', 'cancelled'])
  })

  it('refuses an internal call after the end of the call that makes it, without sending anything', async () => {
    let late: Context | undefined
    const leak = act((ctx) => {
      late = ctx
    })
    const engine = await ScriptedEngine.start([greet, leak])
    await engine.result(engine.invoke('act', null))
    await expect(late!.call(greet, 'x')).rejects.toMatchObject({ reason: 'cancelled' })
    expect(await engine.waiting()).toHaveLength(0)
  })

  it('ends quietly for a call that nobody waits for when the engine cancels it with its parent', async () => {
    const forget = act((ctx) => {
      void ctx.call(greet, 'x')
    })
    const engine = await ScriptedEngine.start([greet, forget])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    await engine.result(id)
    engine.fail(callId, 'cancelled', 'its parent ended')
    await settle()
  })

  it('refuses options out of range and inputs without JSON as a UsageError, or what JSON.stringify throws', async () => {
    const bad = act((ctx) =>
      Promise.all([
        ctx.call(greet, 'x', { timeout: '0ms' }).catch((error: Error) => error.name as never),
        ctx.call(greet, 'x', { priority: 8 }).catch((error: Error) => error.name as never),
        ctx.call('bad name').catch((error: Error) => error.name as never),
        ctx.call('far', 1n).catch((error: Error) => error.name as never),
        ctx.callBytes('far', 'x' as never).catch((error: Error) => error.name as never),
      ]),
    )
    const engine = await ScriptedEngine.start([greet, bad])
    expect(await engine.result(engine.invoke('act', null))).toEqual([
      'UsageError',
      'UsageError',
      'UsageError',
      'TypeError',
      'UsageError',
    ])
  })

  it('reads an output by its content: JSON, text, lines of JSON, bytes, nothing', async () => {
    const five = act(async (ctx) => {
      const out = await Promise.all([1, 2, 3, 4, 5].map((n) => ctx.call('far', n)))
      return out.map((value) => (value instanceof Uint8Array ? `bytes ${value.length}` : (value ?? 'nothing')))
    })
    const engine = await ScriptedEngine.start([five])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    const outputs: [number, string][] = [
      [Content.JSON, '{"a":1}'],
      [Content.TEXT, 'text'],
      [Content.NDJSON, '1\n2\n'],
      [Content.BYTES, 'abc'],
      [Content.JSON, ''],
    ]
    for (const [content, body] of outputs) {
      const { callId } = await engine.next(MessageType.INVOKE)
      engine.send(message(MessageType.RESULT, { callId, content, payloadLength: body.length }, body))
    }
    expect(await engine.result(id)).toEqual([{ a: 1 }, 'text', [1, 2], 'bytes 3', 'nothing'])
  })

  it('blames the callee for an output that is not the JSON that it says', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.send(message(MessageType.RESULT, { callId, content: Content.JSON, payloadLength: 2 }, '{x'))
    expect(await engine.error(id)).toMatchObject({ reason: 'handler_error', function: 'greet' })
  })

  it('refuses internal calls when the engine did not accept them, and sends nothing', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))], { features: [] })
    expect(await engine.error(engine.invoke('act', null))).toMatchObject({ reason: 'unsupported' })
  })

  it('fails every open and waiting internal call once when the channel ends', async () => {
    const errors: unknown[] = []
    const many = act((ctx) =>
      Promise.all(
        [ctx.call(greet, 'a'), ctx.call(greet, 'b'), ctx.call('far')].map((call) =>
          call.catch((error) => errors.push(error)),
        ),
      ),
    )
    const engine = await ScriptedEngine.start([greet, many], { limits: { maxOpenInvokes: 1 } })
    engine.invoke('act', null)
    await engine.next(MessageType.INVOKE)
    engine.pipe.end()
    expect(await engine.exited).toBe(69)
    await settle()
    expect(errors).toHaveLength(3)
    expect(errors.every((error) => error instanceof PeerError)).toBe(true)
  })

  it('joins an ERROR that spans messages', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    engine.fail(callId, 'handler_error', 'm'.repeat(5_000))
    expect((await engine.error(id)).message).toBe('m'.repeat(5_000))
  })

  it('sends a long input in DATA as credit allows and ends it with DATA without MORE', async () => {
    const input = Buffer.alloc(100_000, 'x').toString()
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, input))])
    const id = engine.invoke('act', null)
    const head = await engine.next(MessageType.INVOKE)
    expect(head.flags).toBe(Flag.MORE)
    expect(head.payloadLength).toBe(100_002)
    const parts: Uint8Array[] = [head.body]
    let last = head
    let sinceGrant = 0
    while (last.more) {
      last = await engine.next(MessageType.DATA)
      parts.push(last.body)
      sinceGrant += 1
      if (last.more && sinceGrant === 32) {
        expect(await engine.waiting()).toHaveLength(0)
        engine.send(message(MessageType.WINDOW, { callId: head.callId, credit: 32 }))
        sinceGrant = 0
      }
    }
    expect(Buffer.concat(parts).toString()).toBe(JSON.stringify(input))
    engine.reply(head.callId, 'done')
    expect(await engine.result(id)).toBe('done')
  })

  it('collects a long output and grants as it comes', async () => {
    const engine = await ScriptedEngine.start([
      act(async (ctx) => (await ctx.callBytes('far', new Uint8Array(0))).length),
    ])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.RESOLVE)
    engine.send(message(MessageType.RESOLVED, { functionId: 50 }, 'far'))
    const { callId } = await engine.next(MessageType.INVOKE)
    const part = new Uint8Array(960).fill(7)
    engine.send(message(MessageType.RESULT, { callId, flags: Flag.MORE, payloadLength: 0xffff_ffff }, part))
    for (let sent = 0; sent < 64; sent += 16) {
      for (let n = 0; n < 16; n += 1) engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, part))
      expect((await engine.next(MessageType.WINDOW)).credit).toBe(16)
    }
    engine.send(message(MessageType.RESULT, { callId, payloadLength: 65 * 960 + 1 }, 'x'))
    expect(await engine.result(id)).toBe(65 * 960 + 1)
  })

  it('cancels a call whose output grows over the limit, and says how to read it', async () => {
    const engine = await ScriptedEngine.start([greet, act((ctx) => ctx.call(greet, 'x'))], {
      limits: { maxPayloadBytes: 1_000 },
    })
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const part = new Uint8Array(960)
    engine.send(message(MessageType.RESULT, { callId, flags: Flag.MORE, payloadLength: 0xffff_ffff }, part))
    engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, part))
    await engine.next(MessageType.CANCEL)
    expect(await engine.error(id)).toMatchObject({ reason: 'payload_too_large' })
  })

  it('refuses an input over the limit without sending it', async () => {
    const big = act((ctx) => ctx.callBytes('greet', new Uint8Array(1_001)))
    const engine = await ScriptedEngine.start([greet, big], { limits: { maxPayloadBytes: 1_000 } })
    expect(await engine.error(engine.invoke('act', null))).toMatchObject({ reason: 'payload_too_large' })
    const inline = await ScriptedEngine.start([greet, big], { features: ['internal-calls'] })
    expect((await inline.error(inline.invoke('act', null))).message).toContain('1001 bytes; the engine takes 960')
  })
})
