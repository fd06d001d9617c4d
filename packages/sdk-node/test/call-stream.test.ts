import { Content, Flag, MessageType, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { type Context, fn, type MillraceError } from '../src/index.ts'
import { message, ScriptedEngine, settle } from './scripted-engine.ts'

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

describe('callStream', () => {
  function act(run: (ctx: Context) => unknown) {
    return fn('act', async (_input: null, ctx) => run(ctx))
  }

  it('gives the items of a JSON stream as they come, cut anywhere', async () => {
    const items: number[] = []
    const read = act(async (ctx) => {
      for await (const item of ctx.callStream(count, 3)) items.push(item)
      return items
    })
    const engine = await ScriptedEngine.start([count, read])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const head = { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN, content: Content.NDJSON }
    engine.send(message(MessageType.RESULT, head, '1'))
    await settle()
    expect(items).toEqual([])
    engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, '0\n2'))
    await settle()
    expect(items).toEqual([10])
    engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, '0\n30'))
    engine.send(message(MessageType.RESULT, { callId, payloadLength: 8 }))
    expect(await engine.result(id)).toEqual([10, 20, 30])
  })

  it('sends a stream of bytes as the input while it reads the output', async () => {
    const both = act(async (ctx) => {
      async function* input() {
        yield Buffer.from('ab')
        yield Buffer.from('cd')
      }
      const out: string[] = []
      for await (const part of ctx.callStream(upload, input())) out.push(Buffer.from(part).toString())
      return out
    })
    const engine = await ScriptedEngine.start([upload, both])
    const id = engine.invoke('act', null)
    const invoke = await engine.next(MessageType.INVOKE)
    expect([invoke.more, invoke.payloadLength, invoke.bodyLength]).toEqual([true, PAYLOAD_LENGTH_UNKNOWN, 0])
    const { callId } = invoke
    expect(Buffer.from((await engine.next(MessageType.DATA)).body).toString()).toBe('ab')
    engine.send(message(MessageType.RESULT, { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN }, 'AB'))
    expect(Buffer.from((await engine.next(MessageType.DATA)).body).toString()).toBe('cd')
    const end = await engine.next(MessageType.DATA)
    expect([end.more, end.bodyLength]).toEqual([false, 0])
    engine.send(message(MessageType.RESULT, { callId, payloadLength: 4 }, 'CD'))
    expect(await engine.result(id)).toEqual(['AB', 'CD'])
  })

  it('cancels the call when its reader leaves the loop', async () => {
    const leave = act(async (ctx) => {
      for await (const item of ctx.callStream(count, 9)) return item
      return undefined
    })
    const engine = await ScriptedEngine.start([count, leave])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const head = { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN, content: Content.NDJSON }
    engine.send(message(MessageType.RESULT, head, '7\n'))
    expect((await engine.next(MessageType.CANCEL)).callId).toBe(callId)
    expect(await engine.result(id)).toBe(7)
  })

  it('holds at most 32 DATA for a reader that stops', async () => {
    let reader: AsyncIterableIterator<Uint8Array> | undefined
    const stall = act((ctx) => {
      reader = ctx.callStream(upload, new Uint8Array(0))
      return new Promise(() => {})
    })
    const engine = await ScriptedEngine.start([upload, stall])
    engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const part = new Uint8Array(960).fill(7)
    engine.send(message(MessageType.RESULT, { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN }, part))
    for (let sent = 0; sent < 32; sent += 1) engine.send(message(MessageType.DATA, { callId, flags: Flag.MORE }, part))
    expect(await engine.waiting()).toHaveLength(0)
    for (let read = 0; read < 17; read += 1) await reader!.next()
    expect((await engine.next(MessageType.WINDOW)).credit).toBe(16)
  })

  it('throws the failure of the callee to its reader, after the items before it', async () => {
    const seen: unknown[] = []
    const read = act(async (ctx) => {
      try {
        for await (const item of ctx.callStream(count, 3)) seen.push(item)
      } catch (error) {
        seen.push((error as MillraceError).reason)
      }
    })
    const engine = await ScriptedEngine.start([count, read])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const head = { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN, content: Content.NDJSON }
    engine.send(message(MessageType.RESULT, head, '1\n'))
    engine.fail(callId, 'worker_crashed', 'gone')
    await engine.result(id)
    expect(seen).toEqual([1, 'worker_crashed'])
  })

  it("cancels the call when the caller's own input stream throws", async () => {
    const broken = act(async (ctx) => {
      async function* input(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('a')
        throw new RangeError('no more')
      }
      return await collect(ctx.callStream(upload, input()))
    })
    const engine = await ScriptedEngine.start([upload, broken])
    const id = engine.invoke('act', null)
    await engine.next(MessageType.INVOKE)
    await engine.next(MessageType.DATA)
    await engine.next(MessageType.CANCEL)
    expect(await engine.error(id)).toMatchObject({ errorType: 'RangeError', message: 'no more' })
  })

  it('collects the items of a streamed output when it is called by ctx.call', async () => {
    const engine = await ScriptedEngine.start([count, act((ctx) => ctx.call(count, 3))])
    const id = engine.invoke('act', null)
    const { callId } = await engine.next(MessageType.INVOKE)
    const head = { callId, flags: Flag.MORE, payloadLength: PAYLOAD_LENGTH_UNKNOWN, content: Content.NDJSON }
    engine.send(message(MessageType.RESULT, head, '0\n1\n'))
    engine.send(message(MessageType.RESULT, { callId, payloadLength: 6 }, '2\n'))
    expect(await engine.result(id)).toEqual([0, 1, 2])
  })
})
