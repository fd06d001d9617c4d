import { Content, MessageType } from '@millrace/protocol'
import { decodeBody, encodePrefixed, GoodbyeSchema, type Log, LogSchema, Reason } from '@millrace/protocol/cold'
import { describe, expect, it } from 'vitest'
import { type Context, fn, MillraceError } from '../src/index.ts'
import { message, ScriptedEngine, settle } from './scripted-engine.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)

function hanging() {
  const { promise, resolve } = Promise.withResolvers<string>()
  const seen: { ctx?: Context; reason?: unknown } = {}
  const hang = fn('hang', (_input: null, ctx) => {
    seen.ctx = ctx
    ctx.signal.addEventListener('abort', () => {
      seen.reason = ctx.signal.reason
    })
    return promise
  })
  return { hang, resolve, seen }
}

function goodbyeMessage(reason: Reason, status: number, rule = '', text = ''): Uint8Array {
  return message(MessageType.GOODBYE, { status }, encodePrefixed(GoodbyeSchema, { reason, rule, message: text }))
}

describe('CANCEL', () => {
  it('aborts the signal with cancelled, and the call ends when its handler does', async () => {
    const { hang, resolve, seen } = hanging()
    const engine = await ScriptedEngine.start([hang])
    const callId = engine.invoke('hang', null)
    engine.send(message(MessageType.CANCEL, { callId }))
    expect(seen.reason).toBeInstanceOf(MillraceError)
    expect(seen.reason).toMatchObject({ reason: 'cancelled' })
    expect(await engine.waiting()).toHaveLength(0)
    resolve('done after all')
    expect(await engine.result(callId)).toBe('done after all')
  })

  it('at the deadline aborts with deadline_exceeded, and what the handler throws then becomes that', async () => {
    const wait = fn(
      'wait',
      (_input: null, ctx) =>
        new Promise((_resolve, reject) => {
          ctx.signal.addEventListener('abort', () => reject(new Error('I gave up')))
        }),
    )
    const engine = await ScriptedEngine.start([wait])
    const callId = engine.invoke('wait', null, { timeoutUs: 50_000 })
    engine.nowUs += 50_000
    engine.send(message(MessageType.CANCEL, { callId }))
    expect(await engine.error(callId)).toMatchObject({
      reason: 'deadline_exceeded',
      status: 4,
      message: 'wait did not end within 50 ms',
    })
  })

  it('ends a call at once whose input is not complete, and drops what comes of it later', async () => {
    const engine = await ScriptedEngine.start([greet])
    const callId = engine.nextId()
    const [head, ...rest] = engine.longInput('greet', callId, new Uint8Array(2_000), { content: Content.JSON })
    engine.send(head!, message(MessageType.CANCEL, { callId }))
    expect(await engine.error(callId)).toMatchObject({ reason: 'cancelled' })
    engine.send(...rest, message(MessageType.CANCEL, { callId }))
    expect(await engine.result(engine.invoke('greet', 'x'))).toBe('Hello, x')
  })

  it('that comes twice, or after the end, changes nothing', async () => {
    const { hang, resolve } = hanging()
    const engine = await ScriptedEngine.start([hang])
    const callId = engine.invoke('hang', null)
    engine.send(message(MessageType.CANCEL, { callId }), message(MessageType.CANCEL, { callId }))
    resolve('x')
    await engine.result(callId)
    engine.send(message(MessageType.CANCEL, { callId }), message(MessageType.WINDOW, { callId, credit: 1 }))
    expect(await engine.waiting()).toHaveLength(0)
  })

  it('shows in a signal that is asked for only afterwards', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const late = fn('late', async (_input: null, ctx) => {
      await promise
      return ctx.signal.aborted
    })
    const engine = await ScriptedEngine.start([late])
    const callId = engine.invoke('late', null)
    engine.send(message(MessageType.CANCEL, { callId }))
    resolve()
    expect(await engine.result(callId)).toBe(true)
  })
})

describe('DRAIN', () => {
  it('refuses later calls, finishes the open one, runs the stop hooks, says GOODBYE and exits 0', async () => {
    const { hang, resolve } = hanging()
    const order: string[] = []
    const engine = await ScriptedEngine.start([hang], {
      stop: [async () => void order.push('first'), () => void order.push('second')],
    })
    const callId = engine.invoke('hang', null)
    engine.send(message(MessageType.DRAIN, { timeoutUs: 1_000_000 }), message(MessageType.DRAIN, { timeoutUs: 1 }))
    const refused = engine.invoke('hang', null)
    expect(await engine.error(refused)).toMatchObject({ reason: 'draining', status: 14 })
    expect(order).toEqual([])
    resolve('last words')
    expect(await engine.result(callId)).toBe('last words')
    expect(await engine.goodbye()).toMatchObject({ reason: 0, status: 0 })
    expect(order).toEqual(['first', 'second'])
    expect(await engine.exited).toBe(0)
    expect(engine.pipe.closed).toBe(true)
  })

  it('exits without the stop hooks when they outlast the time of DRAIN, and says so', async () => {
    const engine = await ScriptedEngine.start([greet], { stop: [() => new Promise(() => {})] })
    engine.send(message(MessageType.DRAIN, { timeoutUs: 200_000 }))
    await settle()
    expect(await engine.waiting()).toHaveLength(0)
    engine.advance(200_000)
    await engine.goodbye()
    expect(await engine.exited).toBe(0)
    expect(engine.lines).toEqual(['onStop hooks did not end within 200 ms; exiting without them'])
  })

  it('goes on when a stop hook throws, and prints the error', async () => {
    const engine = await ScriptedEngine.start([greet], {
      stop: [
        () => {
          throw new Error('no database')
        },
      ],
    })
    engine.send(message(MessageType.DRAIN, {}))
    await engine.goodbye()
    expect(await engine.exited).toBe(0)
    expect(engine.lines[0]).toContain('no database')
  })

  it('waits for a full pipe to take the GOODBYE, at most a second', async () => {
    const engine = await ScriptedEngine.start([greet])
    engine.pipe.room = 0
    engine.send(message(MessageType.DRAIN, {}))
    await settle()
    expect(engine.pipe.closed).toBe(false)
    engine.pipe.makeRoom()
    await engine.goodbye()
    expect(await engine.exited).toBe(0)
    const stuck = await ScriptedEngine.start([greet])
    stuck.pipe.room = 0
    stuck.send(message(MessageType.DRAIN, {}))
    stuck.advance(1_000_000)
    expect(await stuck.exited).toBe(0)
  })
})

describe('the end of a channel', () => {
  it('by GOODBYE without a reason exits 0 and sends nothing more', async () => {
    const engine = await ScriptedEngine.start([greet])
    engine.send(goodbyeMessage(Reason.UNSPECIFIED, 0))
    expect(await engine.exited).toBe(0)
    expect(await engine.waiting()).toHaveLength(0)
  })

  it('by GOODBYE with a reason exits 76 and says why', async () => {
    const engine = await ScriptedEngine.start([greet])
    engine.send(goodbyeMessage(Reason.PROTOCOL_ERROR, 13, 'data-credit', 'too much'))
    expect(await engine.exited).toBe(76)
    expect(engine.lines).toEqual(['the engine ended the channel: protocol_error: rule data-credit: too much'])
    expect(await engine.waiting()).toHaveLength(0)
  })

  it('by a refused handshake exits 76, says why and rejects start', async () => {
    const engine = new ScriptedEngine([greet])
    const started = engine.worker.start()
    await engine.hello()
    engine.send(goodbyeMessage(Reason.UNAUTHENTICATED, 16, '', 'wrong token'))
    await expect(started).rejects.toThrow('the engine refused this worker: unauthenticated: wrong token')
    expect(await engine.exited).toBe(76)
  })

  it('by end-of-file between messages with nothing open exits 0', async () => {
    const engine = await ScriptedEngine.start([greet])
    engine.pipe.end()
    expect(await engine.exited).toBe(0)
    expect(engine.lines).toEqual([])
  })

  it('by end-of-file with a call open aborts it and exits 69', async () => {
    const { hang, seen } = hanging()
    const engine = await ScriptedEngine.start([hang])
    engine.invoke('hang', null)
    engine.pipe.end()
    expect(await engine.exited).toBe(69)
    expect(seen.reason).toMatchObject({ reason: 'cancelled' })
    expect(engine.lines).toEqual(['the engine is gone and left 1 calls open'])
  })

  it('by end-of-file before WELCOME, inside a message, or by EPIPE exits 69', async () => {
    const early = new ScriptedEngine([greet])
    const started = early.worker.start()
    await early.hello()
    early.pipe.end()
    await expect(started).rejects.toThrow('the engine is gone')
    expect(await early.exited).toBe(69)
    const cut = await ScriptedEngine.start([greet])
    cut.pipe.give(new Uint8Array(10))
    cut.pipe.end()
    expect(await cut.exited).toBe(69)
    expect(cut.lines[0]).toContain('channel-truncated')
    const broken = await ScriptedEngine.start([greet])
    broken.pipe.end('EPIPE')
    expect(await broken.exited).toBe(69)
  })

  it('runs the stop hooks', async () => {
    const order: string[] = []
    const engine = await ScriptedEngine.start([greet], { stop: [() => void order.push('stopped')] })
    engine.pipe.end()
    expect(await engine.exited).toBe(0)
    expect(order).toEqual(['stopped'])
  })

  it('sends no outcome of a call that ends afterwards', async () => {
    const { hang, resolve } = hanging()
    const engine = await ScriptedEngine.start([hang], { stop: [() => new Promise(() => {})] })
    engine.invoke('hang', null)
    engine.send(goodbyeMessage(Reason.INTERNAL, 13))
    resolve('too late')
    expect(await engine.waiting()).toHaveLength(0)
  })
})

describe('start hooks', () => {
  it('run before HELLO, and one that throws keeps the worker from starting', async () => {
    const order: string[] = []
    const engine = new ScriptedEngine([greet], { start: [async () => void order.push('ready')] })
    void engine.worker.start()
    await engine.hello()
    expect(order).toEqual(['ready'])
    const broken = new ScriptedEngine([greet], { start: [() => Promise.reject(new Error('no database'))] })
    await expect(broken.worker.start()).rejects.toThrow('no database')
    expect(await broken.waiting()).toHaveLength(0)
  })
})

describe('HELLO', () => {
  it('of more than 64 KiB is refused before anything is sent, with the reason', async () => {
    const functions = Array.from({ length: 1_024 }, (_, index) => fn(`${'x'.repeat(120)}${index}`, () => index))
    const engine = new ScriptedEngine(functions)
    await expect(engine.worker.start()).rejects.toThrow('all that a worker says of itself may have 65536')
    expect(await engine.waiting()).toHaveLength(0)
  })
})

describe('CAPACITY', () => {
  it('is sent for a number up to what was offered, when the feature was accepted', async () => {
    const engine = await ScriptedEngine.start([greet], { maxCalls: 10 })
    engine.worker.setCapacity(3)
    expect((await engine.next(MessageType.CAPACITY)).capacity).toBe(3)
    expect(() => engine.worker.setCapacity(11)).toThrow('capacity is 11')
    const without = await ScriptedEngine.start([greet], { features: [] })
    without.worker.setCapacity(0)
    expect(await without.waiting()).toHaveLength(0)
  })
})

/** The next log line, whole: how many messages it takes depends on the length of the paths in a stack. */
async function nextLog(engine: ScriptedEngine): Promise<{ callIds: number[]; log: Log }> {
  const parts: Uint8Array[] = []
  const callIds: number[] = []
  for (let more = true; more; ) {
    const view = await engine.next(MessageType.LOG)
    parts.push(view.body)
    callIds.push(view.callId)
    more = view.more
  }
  return { callIds, log: decodeBody(LogSchema, Buffer.concat(parts))! }
}

describe('LOG', () => {
  const say = fn('say', (_input: null, ctx) => {
    ctx.log.info('hello', { name: 'Ada', error: new TypeError('odd') })
    ctx.log.debug('x'.repeat(10_000), { long: 'y'.repeat(10_000) })
  })

  it('carries level, message, attributes and the call', async () => {
    const engine = await ScriptedEngine.start([say])
    const callId = engine.invoke('say', null)
    const { callIds, log } = await nextLog(engine)
    expect(new Set(callIds)).toEqual(new Set([callId]))
    expect([log.level, log.message]).toEqual([2, 'hello'])
    expect(JSON.parse(log.attributesJson)).toMatchObject({ name: 'Ada', error: { name: 'TypeError', message: 'odd' } })
  })

  it('is cut to bounds, and spans', async () => {
    const engine = await ScriptedEngine.start([say])
    engine.invoke('say', null)
    await nextLog(engine)
    const { callIds, log } = await nextLog(engine)
    expect(callIds.length).toBeGreaterThan(1)
    expect(log.message).toHaveLength(8_192)
    expect(JSON.parse(log.attributesJson)).toEqual({ attributesDropped: '10011 characters' })
  })

  it('is dropped while the channel is backed up, and the next one says how many were', async () => {
    const chatter = fn('chatter', (n: number, ctx) => {
      for (let i = 0; i < n; i += 1) ctx.log.info(`line ${i}`)
    })
    const engine = await ScriptedEngine.start([chatter])
    engine.pipe.room = 0
    engine.invoke('chatter', 300)
    engine.pipe.makeRoom()
    await settle()
    const kept = await engine.waiting()
    expect(kept).toHaveLength(257) // 256 LOG and the RESULT, which is never dropped.
    engine.forgetWaiting()
    engine.invoke('chatter', 1)
    const told = await nextLog(engine)
    expect(JSON.parse(told.log.attributesJson)).toEqual({ dropped: 44 })
  })

  it('goes to standard error when the engine did not accept it', async () => {
    const engine = await ScriptedEngine.start([say], { features: [] })
    await engine.result(engine.invoke('say', null))
    expect(engine.lines[0]).toMatch(/^info say hello \{"name":"Ada"/)
  })
})
