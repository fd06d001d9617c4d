import { Flag, MessageType, type MessageView } from '@millrace/protocol'
import { describe, expect, test } from 'vitest'
import { MemoryFiles, type ScriptedWorker } from '../../src/testing/index.ts'
import { BIG, FILES, files, invoked, reasonOf, type Two, two } from '../payload-stage.ts'
import { drainAtOnce, Stage } from '../stage.ts'

describe('whatever ends a call frees its file once', () => {
  /** A call whose input waits in a file, as the callee takes one call at a time. */
  async function waiting(): Promise<Two & { readonly callId: number }> {
    const payloads = new MemoryFiles()
    const hello = { functions: ['to'], features: FILES, maxCalls: 1 }
    const stage = new Stage(
      {
        from: { hello: { functions: ['from'], features: FILES }, onMessage: drainAtOnce },
        to: { hello, onMessage: drainAtOnce },
      },
      { payloadBytesMax: 200_000 },
      { payloads },
    )
    await stage.start()
    const [from, to] = [stage.worker('from'), stage.worker('to')]
    const id = to.ids.get('to')!
    from.invoke(id, new Uint8Array(0))
    from.putFile('waits', BIG)
    const callId = from.invokeFile(id, 'waits', BIG.length)
    await stage.schedule.settle()
    expect([stage.payloads!.held.size, to.of(MessageType.INVOKE).length]).toEqual([1, 1])
    return { stage, from, to, id, callId }
  }

  test('cancelled while it waits', async () => {
    const { stage, from, to, callId } = await waiting()
    from.cancel(callId)
    await stage.got(from, MessageType.ERROR)
    expect(stage.payloads!.held.size).toBe(0)
    to.result(to.of(MessageType.INVOKE)[0]!.callId, new Uint8Array(0))
    await stage.stop()
  })

  test('its caller crashes while it waits', async () => {
    const { stage, from, to } = await waiting()
    from.process.exit(1)
    await stage.schedule.settle()
    expect(stage.payloads!.held.size).toBe(0)
    to.error(to.of(MessageType.INVOKE)[0]!.callId, 'cancelled', 'asked to')
    await stage.stop()
  })

  test('its deadline passes while it waits', async () => {
    const { stage, from, to } = await waiting()
    await stage.schedule.until(() => from.of(MessageType.ERROR).length === 2)
    expect(stage.payloads!.held.size).toBe(0)
    to.error(to.of(MessageType.INVOKE)[0]!.callId, 'cancelled', 'asked to')
    await stage.stop()
  })

  test('its output comes after its deadline', async () => {
    const it = await two()
    it.from.invoke(it.id, new Uint8Array(0), 0, 1_000)
    const invoke = await invoked(it, it.to)
    await it.stage.schedule.until(() => it.from.of(MessageType.ERROR).length === 1)
    it.to.putFile('late', BIG)
    it.to.resultFile(invoke.callId, 'late')
    await it.stage.schedule.settle()
    expect([it.stage.payloads!.held.size, files(it.to), files(it.from)]).toEqual([0, 0, 0])
    await it.stage.stop()
  })

  test('its output is one byte over the payload limit', async () => {
    const it = await two(FILES, FILES, { payloadBytesMax: 100_000 })
    it.from.invoke(it.id, new Uint8Array(0))
    const invoke = await invoked(it, it.to)
    it.to.putFile('large', new Uint8Array(100_001))
    it.to.resultFile(invoke.callId, 'large')
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect(reasonOf(error!)).toBe('payload_too_large')
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('its input is one byte over the payload limit', async () => {
    const it = await two(FILES, FILES, { payloadBytesMax: 100_000 })
    it.from.putFile('large', new Uint8Array(100_001))
    it.from.invokeFile(it.id, 'large', 100_001)
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect(reasonOf(error!)).toBe('payload_too_large')
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('the files of the open calls of one worker pass their bound of 256 MiB; one alone never does', async () => {
    const it = await two(FILES, FILES, { payloadBytesMax: 1_000_000_000 })
    // Only their length counts here.
    const large = (bytes: number): Uint8Array => ({ length: bytes }) as Uint8Array
    it.from.putFile('a', large(300_000_000))
    it.from.invokeFile(it.id, 'a', 300_000_000)
    const first = await invoked(it, it.to)
    it.from.putFile('b', large(40_000))
    const callId = it.from.invokeFile(it.id, 'b', 40_000)
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect([error!.callId, reasonOf(error!)]).toEqual([callId, 'payload_too_large'])
    expect(it.stage.payloads!.held.size).toBe(0)
    it.to.result(first.callId, new Uint8Array(0))
    await it.stage.got(it.from, MessageType.RESULT)
    it.from.putFile('c', large(268_435_455))
    it.from.invokeFile(it.id, 'c', 268_435_455)
    it.from.putFile('d', large(1))
    it.from.invokeFile(it.id, 'd', 1)
    expect(await it.stage.got(it.to, MessageType.INVOKE, 3)).toHaveLength(3)
    for (const view of it.to.of(MessageType.INVOKE).slice(1)) it.to.result(view.callId, new Uint8Array(0))
    await it.stage.stop()
  })

  test('a reader of engine.invoke goes away while its input is written, and while its output is read', async () => {
    const { stage, to } = await two(FILES, FILES, { payloadBytesMax: 4_000_000 })
    const first = new AbortController()
    const early = stage.invoke('to', new Uint8Array(4_000_000), { signal: first.signal })
    expect(stage.payloads!.held.size).toBe(1)
    first.abort()
    expect(stage.payloads!.held.size).toBe(0)
    await stage.outcome(early)
    const second = new AbortController()
    const late = stage.invoke('to', '', { signal: second.signal })
    const [invoke] = await stage.got(to, MessageType.INVOKE)
    to.putFile('output', new Uint8Array(4_000_000))
    to.resultFile(invoke!.callId, 'output')
    await stage.schedule.until(() => stage.payloads!.held.size === 1)
    second.abort()
    expect(stage.payloads!.held.size).toBe(0)
    await stage.outcome(late)
    await stage.stop()
  })

  test('an engine that stops waits for a reader that is behind with its output', async () => {
    const { stage, to } = await two(FILES, FILES, { payloadBytesMax: 4_000_000 })
    const got: string[] = []
    let bytes = 0
    const call = stage.engine.door.open(
      { function: 'to', content: 0, priority: 3, timeoutUs: 0, trace: undefined, inputBytes: 0 },
      {
        onHead: () => got.push('head'),
        onOutput: (part) => {
          bytes += part.length
        },
        onEnd: () => got.push('end'),
        onFailure: () => got.push('failure'),
        onDrain: () => {},
      },
    )
    call.end()
    const [invoke] = await stage.got(to, MessageType.INVOKE)
    to.putFile('output', new Uint8Array(4_000_000))
    to.resultFile(invoke!.callId, 'output')
    await stage.schedule.settle()
    const behind = bytes
    expect(behind).toBeLessThan(4_000_000)
    let stopped = false
    const stopping = stage.engine.stop().then(() => {
      stopped = true
    })
    await stage.schedule.settle()
    expect([stopped, bytes, got]).toEqual([false, behind, ['head']])
    while (bytes < 4_000_000) {
      call.consumed(bytes)
      await stage.schedule.settle()
    }
    await stage.run(stopping)
    expect(got).toEqual(['head', 'end'])
    await stage.stop()
  })

  test('a payload directory without room makes the input go as DATA, or the call fail when it has begun', async () => {
    const { stage, to } = await two(FILES, FILES, { payloadBytesMax: 4_000_000 })
    const begun = stage.invoke('to', new Uint8Array(4_000_000))
    stage.payloads!.full = true
    expect(await stage.outcome(begun)).toMatchObject({ ok: false, failure: { reason: 'payload_too_large' } })
    const call = stage.invoke('to', BIG)
    const [invoke] = await stage.got(to, MessageType.INVOKE)
    expect(invoke!.flags).toBe(Flag.MORE)
    to.error(invoke!.callId, 'handler_error', 'enough')
    await stage.outcome(call)
    await stage.stop()
  })
})

describe('a call that a worker did not start', () => {
  /** Two workers of one program; which of them gets the call first. */
  async function refusedOnce(act: (worker: ScriptedWorker, view: MessageView) => void) {
    const payloads = new MemoryFiles()
    const to = { hello: { functions: ['to'], features: FILES }, onMessage: drainAtOnce, options: { workers: 2 } }
    const stage = new Stage({ to }, {}, { payloads })
    await stage.start()
    const call = stage.invoke('to', BIG)
    await stage.schedule.until(() => stage.of('to').some((worker) => worker.of(MessageType.INVOKE).length > 0))
    const first = stage.of('to').find((worker) => worker.of(MessageType.INVOKE).length > 0)!
    const second = stage.of('to').find((worker) => worker !== first)!
    act(first, first.of(MessageType.INVOKE)[0]!)
    return { stage, call, first, second }
  }

  test('goes to another one with the same file', async () => {
    const { stage, call, first, second } = await refusedOnce((worker, view) =>
      worker.error(view.callId, 'overloaded', 'too much'),
    )
    const [again] = await stage.got(second, MessageType.INVOKE)
    expect([again!.attempt, files(first)]).toEqual([2, 0])
    expect(second.takeFile(again!)).toEqual(BIG)
    second.result(again!.callId, new Uint8Array(0))
    expect((await stage.outcome(call)).ok).toBe(true)
    await stage.stop()
  })

  test('fails when the file is gone', async () => {
    const { stage, call, second } = await refusedOnce((worker, view) => {
      worker.takeFile(view)
      worker.error(view.callId, 'overloaded', 'too much')
    })
    expect(await stage.outcome(call)).toMatchObject({ ok: false, failure: { reason: 'overloaded' } })
    expect(second.of(MessageType.INVOKE)).toEqual([])
    await stage.stop()
  })

  test('goes to another one when the first says GOODBYE', async () => {
    const { stage, call, second } = await refusedOnce((worker) => worker.leave())
    const [again] = await stage.got(second, MessageType.INVOKE)
    expect(second.takeFile(again!)).toEqual(BIG)
    second.result(again!.callId, new Uint8Array(0))
    expect((await stage.outcome(call)).ok).toBe(true)
    await stage.stop()
  })
})
