import { Content, Flag, MessageType, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { fn } from '../src/index.ts'
import { message, ScriptedEngine, settle } from './scripted-engine.ts'

const MIB = 1024 * 1024
const echo = fn.bytes('echo', (input) => input)
const count = fn('count', async function* (n: number) {
  for (let i = 0; i < n; i += 1) yield i
})
const upload = fn.stream('upload', async function* (input: AsyncIterable<Uint8Array>) {
  for await (const part of input) yield part
})

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return all
}

function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + (index >> 8)) % 251)
}

describe('long payloads', () => {
  it('echo 1 MiB intact by DATA, both ways, granting and taking credit one by one', async () => {
    const engine = await ScriptedEngine.start([echo])
    const input = pattern(MIB)
    const callId = engine.nextId()
    let credit = 32
    const [head, ...rest] = engine.longInput('echo', callId, input, { content: Content.BYTES })
    engine.send(head!)
    for (const [index, part] of rest.entries()) {
      if (credit === 0) credit += (await engine.next(MessageType.WINDOW)).credit
      credit -= 1
      engine.send(part)
      if (index === rest.length - 1)
        while ((await engine.waiting())[0]?.type === MessageType.WINDOW) await engine.next(MessageType.WINDOW)
    }
    const { bytes, announced, content } = await engine.output(callId, 1)
    expect(bytes.equals(input)).toBe(true)
    expect(announced).toBe(MIB)
    expect(content).toBe(Content.BYTES)
  })

  it('sends 32 DATA and no more until WINDOW comes', async () => {
    const engine = await ScriptedEngine.start([fn.bytes('big', () => pattern(100_000))])
    const callId = engine.invoke('big', new Uint8Array(0))
    expect(await engine.waiting()).toHaveLength(33)
    engine.send(message(MessageType.WINDOW, { callId, credit: 3 }))
    expect(await engine.waiting()).toHaveLength(36)
  })

  it('sends an output of 960 bytes in one message and one of 961 bytes in two', async () => {
    const engine = await ScriptedEngine.start([fn.bytes('size', (input) => pattern(input[0]! * 4 + input[1]!))])
    engine.invoke('size', Uint8Array.of(240, 0))
    const whole = await engine.next(MessageType.RESULT)
    expect([whole.more, whole.payloadLength]).toEqual([false, 960])
    const { bytes, parts } = await engine.output(engine.invoke('size', Uint8Array.of(240, 1)), 32)
    expect([bytes.length, parts]).toEqual([961, 2])
  })

  it('takes an input that is announced, one that is not, and one that ends with an empty DATA', async () => {
    const engine = await ScriptedEngine.start([fn.bytes('length', (input) => Buffer.from(String(input.length)))])
    const input = pattern(2_000)
    engine.send(...engine.longInput('length', 2, input))
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('2000')
    engine.send(...engine.longInput('length', 4, input, { payloadLength: PAYLOAD_LENGTH_UNKNOWN }))
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('2000')
    engine.send(
      engine.invokeMessage('length', 6, input.subarray(0, 960), { flags: Flag.MORE, payloadLength: 960 }),
      message(MessageType.DATA, { callId: 6 }),
    )
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('960')
  })

  it('parses JSON that comes in parts', async () => {
    const engine = await ScriptedEngine.start([fn('size', (list: number[]) => list.length)])
    const input = Buffer.from(JSON.stringify(Array.from({ length: 2_000 }, (_, index) => index)))
    const callId = engine.nextId()
    engine.send(...engine.longInput('size', callId, input, { content: Content.JSON }))
    expect(await engine.result(callId)).toBe(2_000)
  })

  it('fails with payload_too_large, before the handler, an input that grows over the limit', async () => {
    const engine = await ScriptedEngine.start([echo], { limits: { maxPayloadBytes: 2_000 } })
    engine.send(...engine.longInput('echo', 2, pattern(2_001), { payloadLength: PAYLOAD_LENGTH_UNKNOWN }))
    expect(await engine.error(2)).toMatchObject({ reason: 'payload_too_large' })
  })

  it('fails with payload_too_large at its head an input that is announced over the limit', async () => {
    const engine = await ScriptedEngine.start([echo], { limits: { maxPayloadBytes: 2_000 } })
    engine.send(engine.longInput('echo', 2, pattern(2_001))[0]!)
    expect(await engine.error(2)).toMatchObject({ reason: 'payload_too_large' })
  })

  it('fails with payload_too_large an output over the limit, or over 960 bytes without streaming', async () => {
    const big = fn.bytes('big', () => pattern(2_001))
    const engine = await ScriptedEngine.start([big], { limits: { maxPayloadBytes: 2_000 } })
    expect(await engine.error(engine.invoke('big', undefined))).toMatchObject({ reason: 'payload_too_large' })
    const core = await ScriptedEngine.start([big], { features: [] })
    expect(await core.error(core.invoke('big', undefined))).toMatchObject({ reason: 'payload_too_large' })
  })

  it('waits for room when the pipe is full, and loses nothing', async () => {
    const engine = await ScriptedEngine.start([echo])
    engine.pipe.room = 5_000
    const calls = [2, 4, 6, 8].map((id) => engine.longInput('echo', id, pattern(20_000)))
    for (const messages of calls) engine.send(...messages)
    expect(engine.pipe.room).toBe(0)
    const got = new Map<number, number>()
    for (let open = 4; open > 0; ) {
      engine.pipe.makeRoom(3_000)
      for (const view of await engine.waiting()) {
        if (view.type === MessageType.WINDOW) continue
        got.set(view.callId, (got.get(view.callId) ?? 0) + view.bodyLength)
        if (view.type === MessageType.RESULT && !view.more) open -= 1
      }
      engine.forgetWaiting()
    }
    expect([...got.values()]).toEqual([20_000, 20_000, 20_000, 20_000])
  })
})

describe('streams', () => {
  it('send the items of a JSON generator as they come, a line each', async () => {
    const gates: (() => void)[] = []
    const slow = fn('slow', async function* () {
      for (let i = 0; i < 2; i += 1) {
        await new Promise<void>((resolve) => gates.push(resolve))
        yield { i }
      }
    })
    const engine = await ScriptedEngine.start([slow])
    engine.invoke('slow', null)
    gates.shift()!()
    const head = await engine.next(MessageType.RESULT)
    expect([head.more, head.payloadLength, head.content]).toEqual([true, PAYLOAD_LENGTH_UNKNOWN, Content.NDJSON])
    expect(Buffer.from(head.body).toString()).toBe('{"i":0}\n')
    await settle()
    gates.shift()!()
    const data = await engine.next(MessageType.DATA)
    expect(data.more).toBe(true)
    const last = await engine.next(MessageType.RESULT)
    expect([last.more, last.payloadLength, last.bodyLength]).toEqual([false, 16, 0])
  })

  it('that yield nothing are one empty RESULT', async () => {
    const engine = await ScriptedEngine.start([count])
    engine.invoke('count', 0)
    const view = await engine.next(MessageType.RESULT)
    expect([view.more, view.payloadLength, view.content]).toEqual([false, 0, Content.NDJSON])
  })

  it('stop the generator when credit is used up, until WINDOW comes', async () => {
    let made = 0
    const endless = fn('endless', async function* () {
      for (;;) {
        made += 1
        yield made
      }
    })
    const engine = await ScriptedEngine.start([endless])
    const callId = engine.invoke('endless', null)
    await settle()
    expect(made).toBe(34) // One in the head, 32 by credit, one that waits.
    engine.send(message(MessageType.WINDOW, { callId, credit: 1 }))
    await settle()
    expect(made).toBe(35)
  })

  it('run the finally of a generator when the call is cancelled, and end it with cancelled', async () => {
    let cleaned = false
    const endless = fn('endless', async function* () {
      try {
        for (;;) yield 'x'
      } finally {
        cleaned = true
      }
    })
    const engine = await ScriptedEngine.start([endless])
    const callId = engine.invoke('endless', null)
    await settle()
    engine.forgetWaiting()
    engine.send(message(MessageType.CANCEL, { callId }))
    expect(await engine.error(callId)).toMatchObject({ reason: 'cancelled' })
    expect(cleaned).toBe(true)
  })

  it('that wait for credit with a whole output end at once when the call is cancelled', async () => {
    const engine = await ScriptedEngine.start([fn.bytes('big', () => pattern(100_000))])
    const callId = engine.invoke('big', undefined)
    await settle()
    engine.forgetWaiting()
    engine.send(message(MessageType.CANCEL, { callId }))
    expect(await engine.error(callId)).toMatchObject({ reason: 'cancelled' })
  })

  it('that throw in the middle end with ERROR', async () => {
    const half = fn('half', async function* () {
      yield 1
      throw new Error('broken')
    })
    const engine = await ScriptedEngine.start([half])
    const callId = engine.invoke('half', null)
    await engine.next(MessageType.RESULT)
    expect(await engine.error(callId)).toMatchObject({ reason: 'handler_error', message: 'broken' })
  })

  it('give the handler the input as it comes and take its output meanwhile', async () => {
    const engine = await ScriptedEngine.start([upload])
    const callId = engine.nextId()
    engine.send(
      engine.invokeMessage('upload', callId, Buffer.from('a'), {
        flags: Flag.MORE,
        payloadLength: PAYLOAD_LENGTH_UNKNOWN,
      }),
    )
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('a')
    engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, 'b'))
    expect(Buffer.from((await engine.next(MessageType.DATA)).body).toString()).toBe('b')
    engine.send(message(MessageType.DATA, { callId }, 'c'))
    expect(Buffer.from((await engine.next(MessageType.DATA)).body).toString()).toBe('c')
    expect((await engine.next(MessageType.RESULT)).payloadLength).toBe(3)
  })

  it('echo 1 MiB in both directions at once', async () => {
    const engine = await ScriptedEngine.start([upload])
    const input = pattern(MIB)
    const callId = engine.nextId()
    const [head, ...rest] = engine.longInput('upload', callId, input)
    engine.send(head!)
    const parts: Uint8Array[] = []
    let credit = 32
    for (let ended = false; !ended; ) {
      while (credit > 0 && rest.length > 0) {
        engine.send(rest.shift()!)
        credit -= 1
      }
      for (const view of await engine.waiting()) {
        if (view.type === MessageType.WINDOW) credit += view.credit
        else parts.push(view.body)
        if (view.type === MessageType.DATA) engine.send(message(MessageType.WINDOW, { callId, credit: 1 }))
        if (view.type === MessageType.RESULT && !view.more) ended = true
      }
      engine.forgetWaiting()
    }
    expect(Buffer.concat(parts).equals(input)).toBe(true)
  })

  it('give an inline input in one part, and an empty one in none', async () => {
    const parts = fn.stream('parts', async (input) => Buffer.from(String((await collect(input)).length)))
    const engine = await ScriptedEngine.start([parts])
    engine.invoke('parts', Buffer.from('abc'))
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('1')
    engine.invoke('parts', new Uint8Array(0))
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('0')
  })

  it('do not grant more than the handler has read', async () => {
    let go: (() => void) | undefined
    const stalled = fn.stream('stalled', async (input) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return Buffer.from(String(Buffer.concat(await collect(input)).length))
    })
    const engine = await ScriptedEngine.start([stalled])
    const messages = engine.longInput('stalled', engine.nextId(), pattern(960 * 40))
    engine.send(...messages.slice(0, 33))
    expect(await engine.waiting()).toHaveLength(0)
    go!()
    expect((await engine.next(MessageType.WINDOW)).credit).toBe(16)
    engine.send(...messages.slice(33))
    await engine.next(MessageType.WINDOW)
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe(String(960 * 40))
  })

  it('may end without having read their input, which is dropped then', async () => {
    const first = fn.stream('first', async (input) => {
      for await (const part of input) return part
      return new Uint8Array(0)
    })
    const engine = await ScriptedEngine.start([first, echo])
    const messages = engine.longInput('first', engine.nextId(), pattern(10_000))
    engine.send(messages[0]!)
    expect((await engine.next(MessageType.RESULT)).bodyLength).toBe(960)
    engine.send(...messages.slice(1))
    engine.invoke('echo', Buffer.from('x'))
    expect(Buffer.from((await engine.next(MessageType.RESULT)).body).toString()).toBe('x')
  })

  it('throw in the handler that reads them when the call is cancelled', async () => {
    const engine = await ScriptedEngine.start([upload])
    const callId = engine.nextId()
    engine.send(
      engine.invokeMessage('upload', callId, new Uint8Array(0), {
        flags: Flag.MORE,
        payloadLength: PAYLOAD_LENGTH_UNKNOWN,
      }),
    )
    await settle()
    engine.send(message(MessageType.CANCEL, { callId }))
    expect(await engine.error(callId)).toMatchObject({ reason: 'cancelled' })
  })

  it('are collected into one message when the engine did not accept streaming', async () => {
    const engine = await ScriptedEngine.start([count], { features: [] })
    engine.invoke('count', 3)
    const view = await engine.next(MessageType.RESULT)
    expect(Buffer.from(view.body).toString()).toBe('0\n1\n2\n')
  })
})
