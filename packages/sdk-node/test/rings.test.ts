/** A worker whose pipe has rings: what it offers, says and takes, message by message. */
import { Content, MESSAGE_BYTES, MessageType, type MessageView } from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { expect, test } from 'vitest'
import { createWorker, fn } from '../src/index.ts'
import { ATTACHED, RingStage, WAKE } from './ring-stage.ts'
import { message, ScriptedEngine, settle } from './scripted-engine.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)

class Stage extends RingStage {
  readonly lines: string[] = []
  exitCode: number | undefined
  hello!: Hello

  /** A worker that has said HELLO. */
  static async started(): Promise<Stage> {
    const it = new Stage()
    const worker = createWorker(
      [greet],
      {
        pipe: it.pipe,
        nowUs: () => it.nowUs,
        alarm: () => () => {},
        soon: process.nextTick,
        say: (line) => it.lines.push(line),
        exit: (code) => {
          it.exitCode = code
        },
      },
      { token: 'secret' },
    )
    worker.start().catch(() => {}) // What goes wrong is said in `lines`.
    await settle()
    it.hello = decodePrefixed(HelloSchema, it.piped.shift()!.body)!
    return it
  }

  welcome(features: readonly string[]): Uint8Array {
    const functions = [{ name: 'greet', id: 1 }]
    const limits = { maxCalls: 64, maxOpenInvokes: 8, maxOpenResolves: 2, maxPayloadBytes: 1 << 20, maxDepth: 9 }
    return spanMessages(
      MessageType.WELCOME,
      encodePrefixed(WelcomeSchema, { functions, features: [...features], limits }),
      () => {},
    )
  }

  /** WELCOME and ATTACHED, and the worker's answer to them. */
  async open(): Promise<void> {
    this.fifo.give(Buffer.concat([this.welcome(this.hello.features), ATTACHED]))
    await this.done()
    this.piped.shift()
  }

  /** Everything that is runnable has run, the looks at the ring too. */
  async done(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      this.run()
      await settle()
    }
  }

  invoke(callId: number, input: unknown): Uint8Array {
    const body = JSON.stringify(input)
    const payloadLength = Buffer.byteLength(body)
    const fields = { functionId: 1, callId, attempt: 1, priority: 3, payloadLength, content: Content.JSON }
    return message(MessageType.INVOKE, fields, body)
  }
}

const text = (view: MessageView): string => Buffer.from(view.body).toString()

function goodbyeIn(views: readonly MessageView[]): { rule: string; message: string } {
  const last = views.at(-1)!
  expect(last.type).toBe(MessageType.GOODBYE)
  return decodePrefixed(GoodbyeSchema, last.body)!
}

test('it offers rings, answers WELCOME by ATTACHED on the pipe, and serves by the rings alone', async () => {
  const it = await Stage.started()
  expect(it.hello.features).toContain('shm-ring')
  it.fifo.give(it.welcome(it.hello.features))
  await it.done()
  expect(it.piped.map(({ type }) => type)).toEqual([MessageType.ATTACHED])
  it.publish(it.invoke(2, 'Ada'))
  it.fifo.give(ATTACHED)
  await it.done()
  expect(it.taken().map(text)).toEqual(['"Hello, Ada"'])
  expect(it.piped).toHaveLength(1)
})

test('a worker whose pipe has no rings does not offer them', async () => {
  const engine = new ScriptedEngine([greet])
  engine.worker.start()
  expect((await engine.hello()).features).not.toContain('shm-ring')
})

test('a channel whose WELCOME does not accept rings goes on by the pipes', async () => {
  const it = await Stage.started()
  const features = it.hello.features.filter((one) => one !== 'shm-ring')
  it.fifo.give(Buffer.concat([it.welcome(features), it.invoke(2, 'Ada')]))
  await it.done()
  expect(it.piped.map(text)).toEqual(['"Hello, Ada"'])
  expect(it.taken()).toEqual([])
})

test('a message in the ring is not run before ATTACHED has come', async () => {
  const it = await Stage.started()
  it.publish(it.invoke(2, 'Ada'))
  it.fifo.give(it.welcome(it.hello.features))
  await it.done()
  expect(it.taken()).toEqual([])
  it.fifo.give(ATTACHED)
  await it.done()
  expect(it.taken().map(text)).toEqual(['"Hello, Ada"'])
})

test('DRAIN by the ring is answered by GOODBYE in the ring, and the worker exits with 0', async () => {
  const it = await Stage.started()
  await it.open()
  it.publish(message(MessageType.DRAIN, {}))
  it.fifo.give(WAKE)
  await it.done()
  expect([it.taken().map(({ type }) => type), it.exitCode]).toEqual([[MessageType.GOODBYE], 0])
  expect(it.piped).toEqual([])
})

test.each<[rule: string, what: string, spoil: (it: Stage) => void]>([
  ['ring-only', 'PING on the pipe', (it) => it.fifo.give(message(MessageType.PING, {}))],
  ['ring-no-wake', 'WAKE in the ring', (it) => it.publish(WAKE)],
  ['ring-no-wake', 'ATTACHED in the ring', (it) => it.publish(ATTACHED)],
  ['ring-indices', 'a tail that cannot be', (it) => it.setWord('in_tail', 0x8000_0000)],
  ['message-type-known', 'a type that does not exist, in the ring', (it) => it.publish(message(0x7f, {}))],
])('%s: %s ends the channel with GOODBYE in the ring, and the worker exits with 76', async (rule, _, spoil) => {
  const it = await Stage.started()
  await it.open()
  spoil(it)
  it.fifo.give(WAKE)
  await it.done()
  expect(goodbyeIn(it.taken()).rule).toBe(rule)
  expect([it.exitCode, it.lines.length, it.lines[0]]).toEqual([76, 1, expect.stringContaining(rule)])
})

test('ring-indices: a head that cannot be ends the channel without GOODBYE, and the worker exits with 76', async () => {
  const it = await Stage.started()
  await it.open()
  it.setWord('out_head', 0x8000_0000)
  // Published in parts, as the ring holds no more: so many PONGs that the room known from before does not do.
  for (let i = 0; i < 2; i += 1) {
    it.publish(...Array.from({ length: 16 }, (_, nonce) => message(MessageType.PING, { nonce })))
    it.fifo.give(WAKE)
    await it.done()
  }
  expect([it.exitCode, it.lines[0]]).toEqual([76, expect.stringContaining('ring-indices')])
})

test('ring-attached: another message after WELCOME ends the channel', async () => {
  const it = await Stage.started()
  it.fifo.give(Buffer.concat([it.welcome(it.hello.features), message(MessageType.PING, {})]))
  await it.done()
  expect([it.exitCode, it.lines[0]]).toEqual([76, expect.stringContaining('ring-attached')])
  expect(goodbyeIn(it.taken()).rule).toBe('ring-attached')
})

test('feature-accepted: ATTACHED without rings ends the channel', async () => {
  const it = await Stage.started()
  it.fifo.give(Buffer.concat([it.welcome(['log']), ATTACHED]))
  await it.done()
  expect(goodbyeIn(it.piped).rule).toBe('feature-accepted')
})

test('a call that an engine leaves in the ring as it goes is taken before the end', async () => {
  const it = await Stage.started()
  await it.open()
  it.publish(it.invoke(2, 'Ada'))
  it.fifo.end()
  await it.done()
  expect([it.exitCode, it.lines[0]]).toEqual([69, expect.stringContaining('left 1 calls open')])
})

test('cells are free as soon as they are copied: what the engine writes into them later changes no message', async () => {
  const it = await Stage.started()
  await it.open()
  it.publish(it.invoke(2, 'Ada'))
  it.fifo.give(WAKE)
  it.run()
  expect(it.word('in_head')).toBe(1)
  it.segment.bytes.fill(
    0xee,
    it.segment.bytes.length - 32 * MESSAGE_BYTES,
    it.segment.bytes.length - 16 * MESSAGE_BYTES,
  )
  await it.done()
  expect(it.taken().map(text)).toEqual(['"Hello, Ada"'])
})
