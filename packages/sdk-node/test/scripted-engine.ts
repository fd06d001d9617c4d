/** An engine that does what a test says, message by message, against a worker in memory with a clock that is told. */
import {
  BODY_BYTES,
  ColdSpan,
  Content,
  Flag,
  judge,
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  MessageView,
  MessageWriter,
  type ReasonName,
  TYPES,
} from '@millrace/protocol'
import {
  decodeFailure,
  decodePrefixed,
  encodeFailure,
  encodePrefixed,
  type Failure,
  failure,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { type AnyFunction, createWorker, type Worker, type WorkerOptions } from '../src/index.ts'
import { MemoryPipe } from './memory-pipe.ts'

export const FEATURES = ['internal-calls', 'streaming', 'log', 'capacity']

export interface ScriptOptions extends Partial<WorkerOptions> {
  readonly features?: readonly string[]
  readonly limits?: Partial<typeof LIMITS>
}

const LIMITS = {
  maxCalls: 64,
  maxOpenInvokes: 8,
  maxOpenResolves: 2,
  maxOpenPings: 4,
  maxPayloadBytes: 8 * 1024 * 1024,
  maxDepth: 64,
}

/** Header fields of a message that a test sends; those left out are zero. */
export interface Fields {
  readonly callId?: number
  readonly functionId?: number
  readonly payloadLength?: number
  readonly timeoutUs?: number
  readonly parentCallId?: number
  readonly status?: number
  readonly credit?: number
  readonly nonce?: number
  readonly attempt?: number
  readonly priority?: number
  readonly depth?: number
  readonly content?: number
  readonly flags?: number
  readonly runUs?: number
  readonly traceId?: Uint8Array
  readonly spanId?: Uint8Array
  readonly traceFlags?: number
}

const TEXT = new TextEncoder()

/** The bytes of one message. */
export function message(type: number, fields: Fields, body: Uint8Array | string = ''): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  const writer = new MessageWriter(bytes).begin(type)
  Object.assign(writer, fields)
  const content = typeof body === 'string' ? TEXT.encode(body) : body
  writer.copyBody(content, 0, content.length)
  writer.end(content.length, 0)
  return bytes
}

export class ScriptedEngine {
  readonly pipe = new MemoryPipe()
  readonly worker: Worker
  /** What the worker said on standard error. */
  readonly lines: string[] = []
  readonly exited: Promise<number>
  /** The id of each served function. */
  readonly ids = new Map<string, number>()
  nowUs = 1_000_000
  #alarms: { atUs: number; ring: () => void }[] = []
  readonly #received: MessageView[] = []
  #wake: (() => void) | undefined
  #lastId = 0
  readonly #options: ScriptOptions

  constructor(functions: readonly AnyFunction[], options: ScriptOptions = {}) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<number>()
    this.exited = promise
    const assembler = new MessageAssembler({
      onMessage: (view) => {
        const verdict = judge(view, 'worker')
        if (verdict !== 'accept') throw new Error(`the worker sent a message that breaks ${JSON.stringify(verdict)}`)
        this.#received.push(new MessageView(view.whole.slice()))
        this.#wake?.()
        return true
      },
    })
    this.pipe.onWritten = (bytes) => assembler.push(bytes)
    this.worker = createWorker(
      functions,
      {
        pipe: this.pipe,
        nowUs: () => this.nowUs,
        alarm: (delayUs, ring) => {
          const alarm = { atUs: this.nowUs + delayUs, ring }
          this.#alarms.push(alarm)
          return () => {
            this.#alarms = this.#alarms.filter((one) => one !== alarm)
          }
        },
        soon: process.nextTick,
        say: (line) => this.lines.push(line),
        exit: resolve,
      },
      { token: 'secret', ...options },
    )
  }

  /** A worker that has its WELCOME. */
  static async start(functions: readonly AnyFunction[], options: ScriptOptions = {}): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(functions, options)
    const started = engine.worker.start()
    await engine.welcome()
    await started
    return engine
  }

  /** Takes HELLO and answers it. */
  async welcome(): Promise<Hello> {
    const hello = await this.hello()
    this.send(
      this.welcomeMessages(
        hello.functions.map((fn) => fn.name),
        hello.maxCalls,
      ),
    )
    return hello
  }

  /** Takes HELLO, which may span. */
  async hello(): Promise<Hello> {
    const span = new ColdSpan()
    let body = span.take(await this.next(MessageType.HELLO))
    while (body === undefined) body = span.take(await this.next(MessageType.HELLO))
    if (!(body instanceof Uint8Array)) throw new Error(body.message)
    return decodePrefixed(HelloSchema, body)!
  }

  welcomeMessages(names: readonly string[], offered: number): Uint8Array {
    for (const [index, name] of names.entries()) this.ids.set(name, index + 1)
    const body = encodePrefixed(WelcomeSchema, {
      functions: [...this.ids].map(([name, id]) => ({ name, id })),
      features: [...(this.#options.features ?? FEATURES)],
      limits: { ...LIMITS, maxCalls: Math.min(offered, LIMITS.maxCalls), ...this.#options.limits },
      workerId: 1,
    })
    return spanMessages(MessageType.WELCOME, body, () => {})
  }

  /** Gives bytes to the worker, now. */
  send(...messages: Uint8Array[]): void {
    this.pipe.give(Buffer.concat(messages))
  }

  /** Starts a call whose input is inline, JSON unless `fields` say otherwise. Returns its id. */
  invoke(name: string, input: unknown, fields: Fields = {}): number {
    const body = input instanceof Uint8Array ? input : TEXT.encode(input === undefined ? '' : JSON.stringify(input))
    const callId = this.nextId()
    this.send(this.invokeMessage(name, callId, body, { payloadLength: body.length, content: Content.JSON, ...fields }))
    return callId
  }

  invokeMessage(name: string, callId: number, body: Uint8Array, fields: Fields): Uint8Array {
    return message(
      MessageType.INVOKE,
      { functionId: this.ids.get(name)!, callId, attempt: 1, priority: 3, ...fields },
      body,
    )
  }

  nextId(): number {
    this.#lastId += 2
    return this.#lastId
  }

  /** The next message of the worker, in order; it must be of that type. */
  async next(type: number): Promise<MessageView> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const view = this.#received.shift()!
    if (view.type !== type)
      throw new Error(`expected ${TYPES[type]!.name}, got ${view.toString()} ${Buffer.from(view.body).toString()}`)
    return view
  }

  /** Messages that came and were not taken by `next`, once everything runnable has run. */
  async waiting(): Promise<readonly MessageView[]> {
    await settle()
    return this.#received
  }

  /** Drops what `waiting` showed. */
  forgetWaiting(): void {
    this.#received.length = 0
  }

  /** The next message is the whole RESULT of that call: its output as JSON. */
  async result(callId: number): Promise<unknown> {
    const view = await this.next(MessageType.RESULT)
    if (view.callId !== callId || view.more)
      throw new Error(`expected the whole RESULT of call ${callId}, got ${view.toString()}`)
    const text = Buffer.from(view.body).toString()
    return text === '' ? undefined : JSON.parse(text)
  }

  /** The next messages are the ERROR of that call. */
  async error(callId: number): Promise<Failure> {
    const span = new ColdSpan()
    let view = await this.next(MessageType.ERROR)
    if (view.callId !== callId) throw new Error(`expected the ERROR of call ${callId}, got ${view.toString()}`)
    let body = span.take(view)
    while (body === undefined) {
      view = await this.next(MessageType.ERROR)
      body = span.take(view)
    }
    if (!(body instanceof Uint8Array)) throw new Error(body.message)
    return decodeFailure(body, view.status)!
  }

  /** The next message is GOODBYE: its reason number, rule and message. */
  async goodbye(): Promise<{ reason: number; rule: string; message: string; status: number }> {
    const view = await this.next(MessageType.GOODBYE)
    const { reason, rule, message: text } = decodePrefixed(GoodbyeSchema, view.body)!
    return { reason, rule, message: text, status: view.status }
  }

  /** Collects an output that goes on beyond its head, granting `grant` for as many DATA. */
  async output(
    callId: number,
    grant: number,
  ): Promise<{ bytes: Buffer; parts: number; content: number; announced: number }> {
    const head = await this.next(MessageType.RESULT)
    const parts: Uint8Array[] = [head.body]
    let last = head
    for (let since = 1; last.more; since += 1) {
      while (this.#received.length === 0) await settle()
      last = this.#received.shift()!
      if (last.callId !== callId) throw new Error(`expected call ${callId}, got ${last.toString()}`)
      parts.push(last.body)
      if (last.more && since % grant === 0) this.send(message(MessageType.WINDOW, { callId, credit: grant }))
    }
    return { bytes: Buffer.concat(parts), parts: parts.length, content: head.content, announced: head.payloadLength }
  }

  /** The messages of a long input, cut into bodies of `partBytes`; the first is INVOKE. */
  longInput(
    name: string,
    callId: number,
    input: Uint8Array,
    fields: Fields = {},
    partBytes = BODY_BYTES,
  ): Uint8Array[] {
    const messages = [
      this.invokeMessage(name, callId, input.subarray(0, partBytes), {
        flags: Flag.MORE,
        payloadLength: input.length,
        ...fields,
      }),
    ]
    for (let at = partBytes; at < input.length; at += partBytes) {
      const last = at + partBytes >= input.length
      messages.push(
        message(MessageType.DATA, { callId, flags: last ? 0 : Flag.MORE }, input.subarray(at, at + partBytes)),
      )
    }
    return messages
  }

  /** Answers the worker's next INVOKE with JSON; returns the INVOKE. */
  async answer(output: unknown): Promise<MessageView> {
    const view = await this.next(MessageType.INVOKE)
    this.reply(view.callId, output)
    return view
  }

  /** RESULT of a call that the worker made, as JSON. */
  reply(callId: number, output: unknown): void {
    const body = output === undefined ? '' : JSON.stringify(output)
    const payloadLength = TEXT.encode(body).length
    this.send(message(MessageType.RESULT, { callId, payloadLength, content: Content.JSON }, body))
  }

  /** ERROR of a call that the worker made. */
  fail(callId: number, reason: ReasonName, text: string, more: Partial<Failure> = {}): void {
    const from = failure(reason, text, more)
    this.send(
      spanMessages(MessageType.ERROR, encodeFailure(from), (writer) => {
        writer.callId = callId
        writer.status = from.status
      }),
    )
  }

  /** Time passes; alarms that are due ring. */
  advance(us: number): void {
    this.nowUs += us
    const due = this.#alarms.filter((alarm) => alarm.atUs <= this.nowUs)
    this.#alarms = this.#alarms.filter((alarm) => alarm.atUs > this.nowUs)
    for (const alarm of due) alarm.ring()
  }
}

/** Everything runnable has run: microtasks, ticks and immediates. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
