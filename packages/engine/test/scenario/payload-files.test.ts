import { CREDIT_MAX, Flag, MessageType, type MessageView } from '@millrace/protocol'
import { decodePrefixed, WelcomeSchema } from '@millrace/protocol/cold'
import { describe, expect, test } from 'vitest'
import type { ScriptedWorker } from '../../src/testing/index.ts'
import { BIG, DATA, FILES, files, invoked, reasonOf, two } from '../payload-stage.ts'
import { drainAtOnce, pattern, type Stage } from '../stage.ts'

/** Takes DATA with credit, message by message, and returns all bytes. */
async function readData(
  stage: Stage,
  worker: ScriptedWorker,
  head: MessageView,
  last: number,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let granted = 0; ; granted += CREDIT_MAX) {
    await stage.schedule.settle()
    const data = worker.of(MessageType.DATA)
    const ended =
      last === MessageType.DATA ? data.some((view) => !view.more) : worker.of(last).some((view) => !view.more)
    if (ended) break
    expect(data.length).toBe(granted + CREDIT_MAX)
    worker.window(head.callId, CREDIT_MAX)
  }
  const tail = last === MessageType.DATA ? [] : worker.of(last).filter((view) => !view.more)
  return Buffer.concat([head, ...worker.of(MessageType.DATA), ...tail].map((view) => view.body))
}

describe('handed on by rename', () => {
  test('an input and an output go from worker to worker, and are in one directory at each moment', async () => {
    const it = await two()
    const { stage, from, to, id } = it
    from.putFile('input', BIG)
    const callId = from.invokeFile(id, 'input', BIG.length)
    const invoke = await invoked(it, to)
    expect([invoke.flags, invoke.payloadLength]).toEqual([Flag.PAYLOAD_FILE, BIG.length])
    expect([files(from), files(to), stage.payloads!.held.size]).toEqual([0, 1, 0])
    expect(to.takeFile(invoke)).toEqual(BIG)
    to.putFile('output', pattern(70_000, 3))
    to.resultFile(invoke.callId, 'output')
    const [result] = await stage.got(from, MessageType.RESULT)
    expect([result!.callId, result!.flags, result!.payloadLength]).toEqual([callId, Flag.PAYLOAD_FILE, 70_000])
    expect(from.takeFile(result!)).toEqual(pattern(70_000, 3))
    expect([files(from), files(to)]).toEqual([0, 0])
    await stage.stop()
  })

  test('WELCOME says from which size on, and accepts the feature only with streaming and a directory', async () => {
    const { stage, from, to } = await two(FILES, ['payload-file'], { payloadFiles: { fromBytes: 5_000 } })
    const welcome = (worker: ScriptedWorker) => decodePrefixed(WelcomeSchema, worker.of(MessageType.WELCOME)[0]!.body)!
    expect(welcome(from).features).toContain('payload-file')
    expect(welcome(from).limits?.minFileBytes).toBe(5_000)
    expect(welcome(to).features).not.toContain('payload-file')
    expect(welcome(to).limits?.minFileBytes).toBe(0)
    await stage.stop()
  })

  test('engine.invoke writes the input at the size limit and reads the output, and one byte less goes as DATA', async () => {
    const { stage, to } = await two(FILES, FILES, { payloadFiles: { fromBytes: 150_000 } })
    to.onMessage = (view) => {
      drainAtOnce(to, view)
      if (view.type !== MessageType.INVOKE || (view.flags & Flag.PAYLOAD_FILE) === 0) return
      to.putFile('out', to.takeFile(view))
      to.resultFile(view.callId, 'out')
    }
    const outcome = await stage.outcome(stage.invoke('to', pattern(150_000)))
    expect(outcome.ok && outcome.output).toEqual(pattern(150_000))
    expect(stage.payloads!.held.size).toBe(0)
    const inData = stage.invoke('to', pattern(149_999))
    await stage.schedule.settle()
    expect(to.of(MessageType.INVOKE).at(-1)!.flags).toBe(Flag.MORE)
    to.error(to.of(MessageType.INVOKE).at(-1)!.callId, 'handler_error', 'enough')
    await stage.outcome(inData)
    await stage.stop()
  })

  test('an output of no bytes is a file, too', async () => {
    const { stage, to } = await two()
    const call = stage.invoke('to')
    const [invoke] = await stage.got(to, MessageType.INVOKE)
    to.putFile('empty', new Uint8Array(0))
    to.resultFile(invoke!.callId, 'empty')
    const outcome = await stage.outcome(call)
    expect(outcome.ok && outcome.output.length).toBe(0)
    await stage.stop()
  })
})

describe('to a worker without the feature', () => {
  test('an input goes as DATA, as its credit allows', async () => {
    const it = await two(FILES, DATA)
    it.from.putFile('input', BIG)
    it.from.invokeFile(it.id, 'input', BIG.length)
    const invoke = await invoked(it, it.to)
    expect([invoke.flags, invoke.payloadLength]).toEqual([Flag.MORE, BIG.length])
    expect(await readData(it.stage, it.to, invoke, MessageType.DATA)).toEqual(Buffer.from(BIG))
    it.to.result(invoke.callId, new Uint8Array(1))
    await it.stage.got(it.from, MessageType.RESULT)
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('an output goes as DATA after its call has ended for the callee', async () => {
    const it = await two(DATA, FILES)
    const callId = it.from.invoke(it.id, new Uint8Array(0))
    const invoke = await invoked(it, it.to)
    it.to.putFile('output', BIG)
    it.to.resultFile(invoke.callId, 'output')
    const [head] = await it.stage.got(it.from, MessageType.RESULT)
    expect([head!.flags, head!.payloadLength]).toEqual([Flag.MORE, BIG.length])
    expect(it.stage.engine.functions().every(({ running }) => running === 0)).toBe(true)
    expect(await readData(it.stage, it.from, head!, MessageType.RESULT)).toEqual(Buffer.from(BIG))
    expect(it.from.of(MessageType.RESULT).at(-1)).toMatchObject({ callId, payloadLength: BIG.length })
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('CANCEL ends an output that is on its way, and its file', async () => {
    const it = await two(DATA, FILES)
    const callId = it.from.invoke(it.id, new Uint8Array(0))
    it.to.putFile('output', BIG)
    it.to.resultFile((await invoked(it, it.to)).callId, 'output')
    await it.stage.got(it.from, MessageType.RESULT)
    it.from.cancel(callId)
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect(reasonOf(error!)).toBe('cancelled')
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('without streaming, an input of 961 bytes is too large and one of 960 is inline', async () => {
    const it = await two(FILES, ['internal-calls'])
    for (const [bytes, name] of [
      [961, 'a'],
      [960, 'b'],
    ] as const) {
      it.from.putFile(name, pattern(bytes))
      it.from.invokeFile(it.id, name, bytes)
    }
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect(reasonOf(error!)).toBe('payload_too_large')
    const invoke = await invoked(it, it.to)
    expect([invoke.flags, invoke.body.slice()]).toEqual([0, pattern(960)])
    it.to.result(invoke.callId, new Uint8Array(0))
    await it.stage.got(it.from, MessageType.RESULT)
    await it.stage.stop()
  })

  test('a directory that takes no file gets DATA', async () => {
    const it = await two()
    it.to.process.payloads!.broken = true
    it.from.putFile('input', pattern(2_000))
    it.from.invokeFile(it.id, 'input', 2_000)
    const invoke = await invoked(it, it.to)
    expect(await readData(it.stage, it.to, invoke, MessageType.DATA)).toEqual(Buffer.from(pattern(2_000)))
    it.to.result(invoke.callId, new Uint8Array(0))
    await it.stage.stop()
  })
})

describe('a hostile sender', () => {
  const faults: readonly (readonly [string, string, (worker: ScriptedWorker) => readonly [string, number]])[] = [
    ['names a file that is not there', 'file-regular', () => ['none', 5]],
    [
      'names a symbolic link',
      'file-regular',
      (worker) => {
        worker.putFile('link', new Uint8Array(5)).odd = 'a symbolic link'
        return ['link', 5]
      },
    ],
    [
      'announces one byte more',
      'file-size-exact',
      (worker) => {
        worker.putFile('short', new Uint8Array(5))
        return ['short', 6]
      },
    ],
    [
      'announces one byte less',
      'file-size-exact',
      (worker) => {
        worker.putFile('long', new Uint8Array(5))
        return ['long', 4]
      },
    ],
    ['names a path', 'file-name-plain', () => ['../x', 5]],
  ]

  test.each(faults)('that %s in INVOKE loses its channel by %s', async (_, rule, make) => {
    const it = await two()
    const [name, bytes] = make(it.from)
    it.from.invokeFile(it.id, name, bytes)
    await it.stage.schedule.settle()
    expect(it.stage.rule(it.from)).toBe(rule)
    expect(it.stage.rule(it.to)).toBeUndefined()
    expect(it.to.of(MessageType.INVOKE)).toEqual([])
    await it.stage.stop()
  })

  test.each(faults)(
    'that %s in RESULT loses its channel by %s, and its caller gets protocol_error',
    async (_, rule, make) => {
      const it = await two()
      const callId = it.from.invoke(it.id, new Uint8Array(0))
      const invoke = await invoked(it, it.to)
      const [name, bytes] = make(it.to)
      it.to.resultFile(invoke.callId, name, bytes)
      const [error] = await it.stage.got(it.from, MessageType.ERROR)
      expect([error!.callId, reasonOf(error!)]).toEqual([callId, 'protocol_error'])
      expect(it.stage.rule(it.to)).toBe(rule)
      await it.stage.stop()
    },
  )

  test('that names a file twice loses its channel, and the first call with it', async () => {
    const it = await two()
    it.from.putFile('one', BIG)
    it.from.invokeFile(it.id, 'one', BIG.length)
    it.from.invokeFile(it.id, 'one', BIG.length)
    await it.stage.schedule.settle()
    expect(it.stage.rule(it.from)).toBe('file-regular')
    expect(it.to.of(MessageType.CANCEL)).toHaveLength(it.to.of(MessageType.INVOKE).length)
    await it.stage.stop()
  })

  test('that names a file after RESULT with MORE loses its channel', async () => {
    const it = await two()
    it.from.invoke(it.id, new Uint8Array(0))
    const invoke = await invoked(it, it.to)
    it.to.begin(invoke.callId, new Uint8Array(5))
    it.to.putFile('rest', new Uint8Array(5))
    it.to.resultFile(invoke.callId, 'rest')
    await it.stage.schedule.settle()
    expect(it.stage.rule(it.to)).toBe('file-alone')
    await it.stage.stop()
  })

  test('that cuts an output while the engine reads it fails its call alone', async () => {
    const { stage, to } = await two()
    const call = stage.invoke('to')
    const [invoke] = await stage.got(to, MessageType.INVOKE)
    const file = to.putFile('cut', new Uint8Array(1_000_000))
    to.resultFile(invoke!.callId, 'cut')
    await stage.schedule.until(() => to.process.payloads!.files.size === 0)
    file.bytes = file.bytes.subarray(0, 500_000)
    const outcome = await stage.outcome(call)
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'protocol_error' } })
    expect(stage.rule(to)).toBeUndefined()
    await stage.stop()
  })

  test('that cuts an input which goes as DATA fails its call, and the callee is asked to stop', async () => {
    const it = await two(FILES, DATA)
    const file = it.from.putFile('input', BIG)
    it.from.invokeFile(it.id, 'input', BIG.length)
    const invoke = await invoked(it, it.to)
    file.bytes = file.bytes.subarray(0, 40_000)
    it.to.window(invoke.callId, 32)
    const [error] = await it.stage.got(it.from, MessageType.ERROR)
    expect(reasonOf(error!)).toBe('protocol_error')
    await it.stage.got(it.to, MessageType.CANCEL)
    it.to.error(invoke.callId, 'cancelled', 'stopped')
    await it.stage.schedule.settle()
    expect(it.stage.payloads!.held.size).toBe(0)
    await it.stage.stop()
  })

  test('a file without the feature is refused', async () => {
    const it = await two(DATA)
    it.from.invokeFile(it.id, 'x', 5)
    await it.stage.schedule.settle()
    expect(it.stage.rule(it.from)).toBe('feature-accepted')
    await it.stage.stop()
  })
})
