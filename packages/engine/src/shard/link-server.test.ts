import {
  Flag,
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  MessageView,
  MessageWriter,
  REASONS,
} from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  HelloSchema,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { beforeEach, describe, expect, it } from 'vitest'
import { LINK_CALLS_MAX } from '../base/limits.ts'
import type { Call } from '../call/call.ts'
import { CallTable } from '../call/call-table.ts'
import { Flusher } from '../channel/flusher.ts'
import { seededRandom } from '../local-world.ts'
import { EngineMetrics } from '../observe/metrics.ts'
import { checkOptions } from '../option-check.ts'
import { FunctionRegistry } from '../registry/function-registry.ts'
import { MemoryPipe } from '../testing/memory-pipe.ts'
import { Dice, Schedule } from '../testing/schedule.ts'
import { LinkServer } from './link-server.ts'

const TOKEN = 'a'.repeat(32)
const ECHO_ID = 7

/** One link, whose other end is the test. The engine's function `echo` takes every call and answers none. */
class Stage {
  readonly schedule = new Schedule(new Dice(1))
  /** What the link has sent, as copies. */
  readonly sent: MessageView[] = []
  /** Calls that entered, oldest first. */
  readonly entered: Call[] = []
  readonly withdrawn: Call[] = []
  readonly calls: CallTable
  readonly warnings: string[] = []
  readonly server: LinkServer
  readonly #in = new MemoryPipe(this.schedule.later)
  readonly #out = new MemoryPipe(this.schedule.later)

  constructor() {
    const { schedule } = this
    const settings = checkOptions({ programs: [] })
    const random = seededRandom([1, 2, 3, 4])
    this.calls = new CallTable(schedule.clock, random, settings, undefined)
    const registry = new FunctionRegistry()
    const metrics = new EngineMetrics()
    registry.add({
      name: 'echo',
      dispatcher: {
        submit: (call) => void this.entered.push(call),
        withdraw: (call) => void this.withdrawn.push(call),
        left: () => {},
      },
      timeoutUs: 0,
      queueMax: 10,
      queueWaitUs: 0,
      takesFiles: false,
      metrics: metrics.ofFunction('echo'),
    })
    const parts = {
      clock: schedule.clock,
      random,
      flusher: new Flusher(schedule.later),
      calls: this.calls,
      registry,
      settings,
      metrics,
      options: { index: 0, peers: [], opened: () => {}, offer: () => {}, linked: () => {}, quiet: async () => {} },
      warn: (_peer: number, message: string) => void this.warnings.push(message),
    }
    const assembler = new MessageAssembler({
      onMessage: (view) => {
        this.sent.push(new MessageView(view.whole.slice()))
        return true
      },
    })
    this.#out.reader.start({ onBytes: (bytes, length) => assembler.push(bytes, length), onEnd: () => {} })
    const pipes = { input: this.#out.writer, output: this.#in.reader }
    this.server = new LinkServer(1, parts, pipes, TOKEN, [{ name: 'echo', timeoutUs: 5 }])
  }

  /** Sends messages as the other engine, and lets all of it be done. */
  async send(...messages: Uint8Array[]): Promise<void> {
    for (const message of messages) {
      for (let at = 0; at < message.length; ) {
        at += this.#in.writer.write(message, at, message.length)
        await this.schedule.settle()
      }
    }
    await this.schedule.settle()
  }

  async welcome(): Promise<void> {
    const body = encodePrefixed(WelcomeSchema, { functions: [{ name: 'echo', id: ECHO_ID }], features: ['streaming'] })
    await this.send(spanMessages(MessageType.WELCOME, body, () => {}))
  }

  /** The rule of the GOODBYE that was sent last; undefined: there was none. */
  get broken(): string | undefined {
    const last = this.sent.at(-1)
    return last?.type === MessageType.GOODBYE ? decodePrefixed(GoodbyeSchema, last.body)?.rule : undefined
  }

  hangUp(): Promise<void> {
    this.#in.closeWriter()
    return this.schedule.settle()
  }
}

type Fields = Partial<Pick<MessageWriter, 'callId' | 'functionId' | 'payloadLength' | 'timeoutUs' | 'flags' | 'depth'>>

function message(
  type: number,
  fields: Fields & Partial<Pick<MessageWriter, 'attempt' | 'credit'>>,
  body = '',
): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  const writer = new MessageWriter(bytes).begin(type)
  Object.assign(writer, fields)
  writer.copyBody(Buffer.from(body), 0, body.length).end(body.length, 0)
  return bytes
}

const invoke = (callId: number, more: Fields = {}, body = ''): Uint8Array =>
  message(MessageType.INVOKE, { callId, functionId: ECHO_ID, payloadLength: body.length, attempt: 1, ...more }, body)

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})

describe('a link that is served', () => {
  it('begins with HELLO: the token of the offer, and every function of this engine', async () => {
    await stage.schedule.settle()
    const hello = decodePrefixed(HelloSchema, stage.sent[0]!.body)
    expect(hello).toMatchObject({ token: TOKEN, features: ['streaming'], maxCalls: LINK_CALLS_MAX })
    expect(hello?.functions).toMatchObject([{ name: 'echo', timeoutUs: 5 }])
  })

  it('makes calls of what comes, with the depth and the time that they have left', async () => {
    await stage.welcome()
    await stage.send(invoke(2, { depth: 9, timeoutUs: 1_000 }, 'hi'), invoke(4))
    const [inner, outer] = stage.entered
    expect(inner).toMatchObject({ depth: 9, internal: true, bodyLength: 2 })
    expect(inner!.deadlineUs - inner!.enteredUs).toBe(1_000)
    expect(outer).toMatchObject({ depth: 0, internal: false, deadlineUs: 0 })
  })

  it('answers what it cannot take with an ERROR, and goes on', async () => {
    await stage.welcome()
    await stage.send(invoke(2, { functionId: 99 }), invoke(4, { depth: 65 }))
    await stage.send(invoke(6, { payloadLength: 0xffff_fff0, flags: Flag.MORE }))
    expect(stage.sent.slice(-3).map(({ type, callId, status }) => [type, callId, status])).toEqual([
      [MessageType.ERROR, 2, REASONS.not_found.status],
      [MessageType.ERROR, 4, REASONS.depth_exceeded.status],
      [MessageType.ERROR, 6, REASONS.payload_too_large.status],
    ])
    await stage.send(invoke(8))
    expect(stage.entered).toHaveLength(1)
  })

  it('takes its calls away from whoever has them when the other engine hangs up', async () => {
    await stage.welcome()
    await stage.send(invoke(2), invoke(4))
    await stage.hangUp()
    expect(stage.withdrawn).toHaveLength(2)
    expect(stage.calls.open).toBe(0)
  })

  it('takes as many calls as it said, and ends with the rule at one more', async () => {
    await stage.welcome()
    const all = new Uint8Array(LINK_CALLS_MAX * MESSAGE_BYTES)
    for (let i = 0; i < LINK_CALLS_MAX; i += 1) all.set(invoke(2 * (i + 1)), i * MESSAGE_BYTES)
    await stage.send(all)
    expect([stage.calls.open, stage.broken]).toEqual([LINK_CALLS_MAX, undefined])
    await stage.send(invoke(2 * (LINK_CALLS_MAX + 1)))
    expect([stage.calls.open, stage.broken]).toEqual([0, 'limit-open-invokes'])
  })
})

describe('an engine that breaks a rule is told which, and its calls end; this one goes on', () => {
  it('INVOKE before WELCOME', async () => {
    await stage.send(invoke(2))
    expect(stage.broken).toBe('handshake-hello-first')
  })

  it.each<[string, Uint8Array]>([
    ['call-id-rising', invoke(2)],
    ['invoke-call-id-parity', invoke(5)],
    ['call-id-known', message(MessageType.CANCEL, { callId: 8 })],
    ['call-id-known', message(MessageType.DATA, { callId: 8 })],
    ['call-id-known', message(MessageType.WINDOW, { callId: 8, credit: 1 })],
    ['data-after-end', message(MessageType.DATA, { callId: 2 })],
    ['credit-max', message(MessageType.WINDOW, { callId: 2, credit: 1 })],
    ['feature-accepted', invoke(8, { flags: Flag.PAYLOAD_FILE, payloadLength: 10 }, 'name')],
    ['message-direction', message(MessageType.DRAIN, {})],
    ['message-type-known', message(0x7f, {})],
  ])('%s', async (rule, bytes) => {
    await stage.welcome()
    await stage.send(invoke(2))
    await stage.send(bytes)
    expect(stage.broken).toBe(rule)
    expect(stage.warnings.at(-1)).toContain(`(rule ${rule})`)
    expect(stage.calls.open).toBe(0)
  })
})
