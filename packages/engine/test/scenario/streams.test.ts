import { CREDIT_MAX, MessageType, type MessageView } from '@millrace/protocol'
import { decodeFailure } from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { Dice, type ScriptedWorker } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, pattern, Stage, text } from '../stage.ts'

const none = new Uint8Array(0)
const reasonOf = (view: MessageView): string => decodeFailure(view.body, view.status)!.reason
const joined = (views: readonly MessageView[]): Uint8Array => Buffer.concat(views.map((view) => view.body))

/** A caller's and a callee's program; nobody answers by itself. */
function two(callee: object = {}, caller: object = {}, engine = {}, seed = 1): Stage {
  return new Stage(
    {
      from: { hello: { functions: ['from'], ...caller }, onMessage: drainAtOnce },
      to: { hello: { functions: ['to'], ...callee }, onMessage: drainAtOnce },
    },
    engine,
    { seed },
  )
}

/** Both workers and the id of `to`. */
async function started(stage: Stage): Promise<{ from: ScriptedWorker; to: ScriptedWorker; id: number }> {
  await stage.start()
  const [from, to] = [stage.worker('from'), stage.worker('to')]
  return { from, to, id: to.ids.get('to')! }
}

test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'a stream both ways between two workers keeps every byte and never passes the credit (seed %i)',
  async (seed) => {
    const dice = new Dice(seed)
    const size = 1 + dice.below(300_000)
    const stage = two({ maxCalls: 1 + dice.below(2) }, {}, {}, seed)
    const { from, to, id } = await started(stage)
    const blocker = dice.once(2) ? stage.invoke('to') : undefined // Some begin in the queue.
    await stage.schedule.settle()

    const input = pattern(size, seed)
    let sent = Math.min(size, dice.below(961))
    let credit = CREDIT_MAX
    const callId = from.invoke(id, input.subarray(0, sent), 0, 0, true)
    const output: Uint8Array[] = []
    let got = 0
    let final = false
    const pump = (): void => {
      for (; credit > 0 && sent < size; credit -= 1) {
        const part = input.subarray(sent, sent + 1 + dice.below(960))
        sent += part.length
        from.data(callId, part, sent < size)
      }
    }
    from.onMessage = (view) => {
      if (view.type === MessageType.WINDOW) {
        credit += view.credit
        pump()
      }
      if (view.type === MessageType.DATA || view.type === MessageType.RESULT) output.push(view.body.slice())
      if (view.type === MessageType.DATA) {
        got += 1
        if (got % 5 === 0) from.window(callId, 5)
      }
      if (view.type === MessageType.RESULT && !view.more) final = true
      drainAtOnce(from, view)
    }
    // The callee sends back what it gets, part by part, as it has credit.
    let back = CREDIT_MAX
    let mine = 0
    let total = 0
    let over = false
    const queue: Uint8Array[] = []
    const reply = (): void => {
      while (mine !== 0 && back > 0 && queue.length > 0) {
        const part = queue.shift()!
        if (part.length === 0) continue
        to.data(mine, part, true)
        total += part.length
        back -= 1
      }
      if (over && queue.length === 0) {
        over = false
        to.finish(mine, none, total)
      }
    }
    to.onMessage = (view) => {
      if (view.type === MessageType.INVOKE && view.more) {
        mine = view.callId
        to.begin(mine, none)
        queue.push(view.body.slice())
      } else if (view.type === MessageType.DATA) {
        queue.push(view.body.slice())
        to.window(mine, 1)
        over = !view.more
      } else if (view.type === MessageType.WINDOW) {
        back += view.credit
        expect(back).toBeLessThanOrEqual(CREDIT_MAX)
      }
      reply()
      drainAtOnce(to, view)
    }
    pump()
    if (sent === size && size <= 960) from.data(callId, none, false)
    if (blocker !== undefined) to.result(2, none)
    await stage.schedule.until(() => final)
    expect(Buffer.compare(Buffer.concat(output), input)).toBe(0)
    await stage.stop()
  },
)

test('a callee that has read nothing gets 32 DATA, and its caller no credit beyond them', async () => {
  const stage = two()
  const { from, to, id } = await started(stage)
  const callId = from.invoke(id, bytes('head'), 0, 0, true)
  for (let i = 0; i < CREDIT_MAX; i += 1) from.data(callId, bytes(`${i}`), true)
  await stage.got(to, MessageType.DATA, CREDIT_MAX)
  expect(from.of(MessageType.WINDOW)).toEqual([])
  to.window(2, 7)
  expect((await stage.got(from, MessageType.WINDOW)).map(({ credit }) => credit)).toEqual([7])
  for (let i = 0; i < 7; i += 1) from.data(callId, bytes('x'), true)
  await stage.got(to, MessageType.DATA, CREDIT_MAX + 7)
  to.result(2, none)
  await stage.got(from, MessageType.RESULT)
  await stage.stop()
})

test('a call that waits holds its 33 messages and gives them, in order, to the worker that takes it', async () => {
  const stage = two({ maxCalls: 1 })
  const { from, to, id } = await started(stage)
  stage.invoke('to')
  await stage.got(to, MessageType.INVOKE)
  const callId = from.invoke(id, bytes('0,'), 0, 0, true)
  for (let i = 1; i <= CREDIT_MAX; i += 1) from.data(callId, bytes(`${i},`), i < CREDIT_MAX)
  await stage.schedule.settle()
  expect(to.of(MessageType.DATA)).toEqual([])
  to.result(2, none)
  await stage.got(to, MessageType.INVOKE, 2)
  const input = joined([to.of(MessageType.INVOKE)[1]!, ...to.of(MessageType.DATA)])
  expect(text(input)).toBe(Array.from({ length: CREDIT_MAX + 1 }, (_, i) => `${i},`).join(''))
  to.result(4, none)
  await stage.stop()
})

test('a callee may finish before it has read its input; what still comes is dropped', async () => {
  const stage = two()
  const { from, to, id } = await started(stage)
  const callId = from.invoke(id, bytes('head'), 0, 0, true)
  await stage.got(to, MessageType.INVOKE)
  to.result(2, bytes('enough'))
  for (let i = 0; i < CREDIT_MAX; i += 1) from.data(callId, bytes('x'), i < CREDIT_MAX - 1)
  const [result] = await stage.got(from, MessageType.RESULT)
  expect(text(result!.body)).toBe('enough')
  expect(stage.rule(from)).toBeUndefined()
  await stage.stop()
})

test('CANCEL in mid-stream: the callee hears it, and its ERROR ends the call for both', async () => {
  const stage = two()
  const { from, to, id } = await started(stage)
  const callId = from.invoke(id, bytes('head'), 0, 0, true)
  await stage.got(to, MessageType.INVOKE)
  to.begin(2, bytes('part'))
  to.data(2, bytes('more'), true)
  await stage.got(from, MessageType.DATA)
  from.cancel(callId)
  await stage.got(to, MessageType.CANCEL)
  to.error(2, 'cancelled', 'as asked')
  const [error] = await stage.got(from, MessageType.ERROR)
  expect(reasonOf(error!)).toBe('cancelled')
  await stage.stop()
})

test('a deadline in mid-stream ends the output with ERROR, and what the callee still sends is dropped', async () => {
  const stage = two()
  const { from, to, id } = await started(stage)
  const callId = from.invoke(id, bytes('head'), 0, 10_000, true)
  await stage.got(to, MessageType.INVOKE)
  to.begin(2, bytes('part'))
  await stage.schedule.settle()
  await stage.schedule.pass(12_000)
  expect(reasonOf((await stage.got(from, MessageType.ERROR))[0]!)).toBe('deadline_exceeded')
  from.data(callId, bytes('late'), true)
  for (let i = 0; i < CREDIT_MAX; i += 1) to.data(2, bytes('late'), true)
  to.finish(2, none, 4 + 4 * CREDIT_MAX)
  await stage.schedule.settle()
  expect(from.of(MessageType.DATA)).toEqual([])
  expect([stage.rule(from), stage.rule(to)]).toEqual([undefined, undefined])
  expect(stage.records.map(({ outcome }) => outcome)).toEqual(['deadline_exceeded'])
  await stage.stop()
})

test("the callee's death in mid-stream ends the output with ERROR worker_crashed", async () => {
  const stage = two()
  const { from, to, id } = await started(stage)
  from.invoke(id, bytes('head'), 0, 0, true)
  await stage.got(to, MessageType.INVOKE)
  to.begin(2, bytes('part'))
  to.data(2, bytes('last words'), true)
  to.process.exit(null, 'SIGSEGV')
  const [error] = await stage.got(from, MessageType.ERROR)
  expect(reasonOf(error!)).toBe('worker_crashed')
  expect(text(joined(from.of(MessageType.DATA)))).toBe('last words')
  await stage.stop()
})

test("the caller's death in mid-stream cancels the callee, which keeps its slot until it answers", async () => {
  const stage = two({ maxCalls: 1 })
  const { from, to, id } = await started(stage)
  from.invoke(id, bytes('head'), 0, 0, true)
  await stage.got(to, MessageType.INVOKE)
  to.begin(2, bytes('part'))
  from.process.exit(1)
  await stage.got(to, MessageType.CANCEL)
  stage.invoke('to', 'next')
  await stage.schedule.settle()
  expect(to.of(MessageType.INVOKE)).toHaveLength(1)
  to.finish(2, none, 4)
  await stage.got(to, MessageType.INVOKE, 2)
  to.result(4, none)
  await stage.schedule.settle()
  expect(stage.records.map(({ outcome }) => outcome)).toEqual(['cancelled', 'ok'])
  await stage.stop()
})

test('a worker without streaming gets inputs of 960 bytes, and none of 961', async () => {
  const stage = two({ features: ['internal-calls'] })
  const { from, to, id } = await started(stage)
  const fits = stage.invoke('to', pattern(960))
  const over = stage.invoke('to', pattern(961))
  from.invoke(id, pattern(960), 0, 0, true)
  expect(await stage.outcome(over)).toMatchObject({ ok: false, failure: { reason: 'payload_too_large' } })
  const [invoke] = await stage.got(to, MessageType.INVOKE)
  expect([...invoke!.body]).toEqual([...pattern(960)])
  to.result(2, none)
  expect(await stage.outcome(fits)).toMatchObject({ ok: true })
  expect(reasonOf((await stage.got(from, MessageType.ERROR))[0]!)).toBe('payload_too_large')
  expect(to.of(MessageType.INVOKE)).toHaveLength(1)
  await stage.stop()
})

test('a caller without streaming gets an output in many messages as one RESULT up to 960 bytes, and ERROR beyond', async () => {
  const stage = two({}, { features: ['internal-calls'] })
  const { from, to, id } = await started(stage)
  for (let i = 0; i < 3; i += 1) from.invoke(id, none)
  await stage.got(to, MessageType.INVOKE, 3)
  to.begin(2, bytes('<'))
  for (let i = 0; i < CREDIT_MAX; i += 1) to.data(2, bytes('a'), true)
  await stage.got(to, MessageType.WINDOW) // One who reads all of it grants for it.
  for (let i = 0; i < CREDIT_MAX; i += 1) to.data(2, bytes('b'), true)
  to.finish(2, bytes('>'), 2 + 2 * CREDIT_MAX)
  to.begin(4, pattern(900))
  to.finish(4, pattern(61), 961)
  to.begin(6, none, 961)
  const [result] = await stage.got(from, MessageType.RESULT)
  expect(text(result!.body)).toBe(`<${'a'.repeat(CREDIT_MAX)}${'b'.repeat(CREDIT_MAX)}>`)
  expect(result!.payloadLength).toBe(2 + 2 * CREDIT_MAX)
  const errors = await stage.got(from, MessageType.ERROR, 2)
  expect(errors.map((view) => [view.callId, reasonOf(view)]).sort()).toEqual([
    [3, 'payload_too_large'],
    [5, 'payload_too_large'],
  ])
  await stage.got(to, MessageType.CANCEL)
  to.error(6, 'cancelled', '')
  await stage.schedule.settle()
  expect(stage.records.map(({ outcome }) => outcome).sort()).toEqual(['ok', 'payload_too_large', 'payload_too_large'])
  await stage.stop()
})

test('payloads at the limit arrive and one byte over it is payload_too_large, announced or not, both ways', async () => {
  const max = 5_000
  const stage = two({}, {}, { payloadBytesMax: max })
  const { from, to, id } = await started(stage)
  const whole = stage.invoke('to', pattern(max))
  const over = stage.invoke('to', pattern(max + 1))
  await stage.got(to, MessageType.INVOKE)
  to.begin(2, none)
  for (let sent = 0; sent < max; sent += 500) to.data(2, pattern(500), true)
  to.finish(2, none, max)
  expect(await stage.outcome(whole)).toMatchObject({ ok: true })
  expect(await stage.outcome(over)).toMatchObject({ ok: false, failure: { reason: 'payload_too_large' } })
  const output = stage.invoke('to')
  await stage.got(to, MessageType.INVOKE, 2)
  to.begin(4, none)
  for (let sent = 0; sent < max; sent += 500) to.data(4, pattern(500), true)
  to.finish(4, bytes('x'), max + 1)
  expect(await stage.outcome(output)).toMatchObject({ ok: false, failure: { reason: 'payload_too_large' } })
  const callId = from.invoke(id, none, 0, 0, true)
  for (let sent = 0; sent <= max; sent += 500) from.data(callId, pattern(500), true)
  expect(reasonOf((await stage.got(from, MessageType.ERROR))[0]!)).toBe('payload_too_large')
  await stage.got(to, MessageType.CANCEL)
  to.error(6, 'cancelled', '')
  await stage.stop()
})
