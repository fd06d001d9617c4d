/** What the door promises its callers, with a whole engine behind it. */
import { MessageType } from '@millrace/protocol'
import { expect, test } from 'vitest'
import type { DoorListener } from '../../src/gateway/door.ts'
import type { ScriptedWorker } from '../../src/testing/index.ts'
import { bytes, drainAtOnce, pattern, Stage, text } from '../stage.ts'

const none = new Uint8Array(0)

/** A program whose worker does not answer by itself. */
async function started(): Promise<{ stage: Stage; to: ScriptedWorker }> {
  const stage = new Stage({ to: { hello: { functions: ['to'] }, onMessage: drainAtOnce } })
  await stage.start()
  return { stage, to: stage.worker('to') }
}

/** A listener that keeps what it hears. */
class Ear implements DoorListener {
  readonly heard: string[] = []
  onHead(): void {
    this.heard.push('head')
  }
  onOutput(part: Uint8Array): void {
    this.heard.push(`output ${part.length}`)
  }
  onEnd(): void {
    this.heard.push('end')
  }
  onFailure({ reason }: { reason: string }): void {
    this.heard.push(reason)
  }
  onDrain(): void {
    this.heard.push('drain')
  }
}

const request = { function: 'to', content: 0, priority: 3, timeoutUs: 0, trace: undefined }

test('input that is more or less than announced fails as bad_input and sends the worker nothing wrong', async () => {
  const { stage, to } = await started()
  for (const [announced, given] of [
    [10, 9],
    [10, 11],
    [0, 1],
    [5_000, 5_001],
    [5_000, 4_999],
    [10, 2_000],
  ] as const) {
    const ear = new Ear()
    const call = stage.engine.door.open({ ...request, inputBytes: announced }, ear)
    call.write(pattern(given))
    call.end()
    await stage.schedule.settle()
    expect(ear.heard).toEqual(['bad_input'])
    for (const { callId } of to.of(MessageType.CANCEL)) to.error(callId, 'cancelled', '')
  }
  await stage.schedule.settle()
  expect(stage.rule(to)).toBeUndefined()
  await stage.stop()
})

test('a caller that goes away while it is told hears nothing more, and the call still has one outcome', async () => {
  for (const at of ['head', 'output 3']) {
    const { stage, to } = await started()
    const ear = new Ear()
    const call = stage.engine.door.open(
      { ...request, inputBytes: 0 },
      {
        onHead: () => {
          ear.onHead()
          if (at === 'head') call.cancel()
        },
        onOutput: (part) => {
          ear.onOutput(part)
          call.cancel()
        },
        onEnd: () => ear.onEnd(),
        onFailure: (why) => ear.onFailure(why),
        onDrain: () => ear.onDrain(),
      },
    )
    call.end()
    await stage.got(to, MessageType.INVOKE)
    to.result(2, bytes('out'))
    await stage.schedule.settle()
    expect(ear.heard.at(-1)).toBe(at)
    expect(stage.records.map(({ outcome }) => outcome)).toEqual(['ok'])
    expect(stage.engine.functions().find(({ name }) => name === 'to')).toMatchObject({ ok: 1, failed: 0 })
    await stage.stop()
  }
})

test('who hears of the end of a worker and calls again at once gets the next worker', async () => {
  const { stage, to } = await started()
  const again = new Ear()
  const call = stage.engine.door.open(
    { ...request, inputBytes: 0 },
    {
      onHead: () => {},
      onOutput: () => {},
      onEnd: () => {},
      onFailure: () => stage.engine.door.open({ ...request, inputBytes: 0 }, again).end(),
      onDrain: () => {},
    },
  )
  call.end()
  await stage.got(to, MessageType.INVOKE)
  to.sendBytes(new Uint8Array(1_024).fill(0x5f)) // Its channel ends in the middle of a turn.
  await stage.schedule.until(() => stage.worker('to') !== to && stage.worker('to').of(MessageType.INVOKE).length > 0)
  stage.worker('to').result(2, none)
  await stage.schedule.settle()
  expect(again.heard).toEqual(['head', 'end'])
  await stage.stop()
})

test("bytes given to the door are copied, a Buffer's too", async () => {
  const { stage, to } = await started()
  const call = stage.engine.door.open({ ...request, inputBytes: undefined }, new Ear())
  const mine = Buffer.from('before')
  call.write(mine)
  mine.fill(0)
  call.end()
  const [invoke] = await stage.got(to, MessageType.INVOKE)
  expect(text(invoke!.body)).toBe('before')
  to.result(2, none)
  await stage.stop()
})
