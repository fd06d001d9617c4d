import {
  BODY_BYTES,
  Flag,
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  type MessageView,
  MessageWriter,
  type ReasonName,
} from '@millrace/protocol'
import {
  decodePrefixed,
  encodeFailure,
  encodePrefixed,
  failure,
  GoodbyeSchema,
  HelloSchema,
  type MessageInitShape,
  readPrefix,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import type { MemoryProcess } from './memory-launcher.ts'

/** What a worker says in HELLO; everything has a default. */
export interface HelloScript {
  readonly functions?: readonly string[]
  readonly features?: readonly string[]
  readonly maxCalls?: number
  /** Another token than the one it was given. */
  readonly token?: string
}

/** A worker that follows a script over a channel: it sends what it is told and shows what came. */
export class ScriptedWorker {
  readonly process: MemoryProcess
  readonly #writer = new MessageWriter(new Uint8Array(MESSAGE_BYTES))
  #waiting: Uint8Array[] = []
  /** Function ids of WELCOME by name. */
  readonly ids = new Map<string, number>()
  /** Messages that came, as copies, oldest first. */
  readonly received: MessageView[] = []
  /** Called for each message that comes; the view is valid only during this call. */
  onMessage: (view: MessageView) => void = () => {}
  /** Called when the engine has closed the channel. */
  onEnd: () => void = () => {}
  #lastMade = -1

  constructor(process: MemoryProcess) {
    this.process = process
    const assembler = new MessageAssembler({
      onMessage: (view) => {
        this.#take(view)
        return true
      },
    })
    process.output.onWritable = () => this.#flush()
    process.input.start({
      onBytes: (bytes, length) => assembler.push(bytes, length),
      onEnd: () => this.onEnd(),
    })
  }

  /** Says HELLO. */
  hello(script: HelloScript = {}): void {
    const body = encodePrefixed(HelloSchema, {
      token: script.token ?? this.process.request.token,
      functions: (script.functions ?? []).map((name) => ({ name })),
      features: [...(script.features ?? ['internal-calls', 'streaming', 'log', 'capacity'])],
      maxCalls: script.maxCalls ?? 64,
    } satisfies MessageInitShape<typeof HelloSchema>)
    this.sendBytes(spanMessages(MessageType.HELLO, body, () => {}))
  }

  /** Sends one message; `fill` sets its fields. */
  send(type: number, fill: (message: MessageWriter) => void, body: Uint8Array = new Uint8Array(0)): void {
    const message = this.#writer.begin(type)
    fill(message)
    message.copyBody(body, 0, Math.min(BODY_BYTES, body.length))
    message.end(Math.min(BODY_BYTES, body.length), BODY_BYTES)
    this.sendBytes(this.#writer.bytes.slice())
  }

  /** Answers a call with an inline output. */
  result(callId: number, output: Uint8Array): void {
    this.send(
      MessageType.RESULT,
      (message) => {
        message.callId = callId
        message.payloadLength = output.length
        message.runUs = 1
      },
      output,
    )
  }

  /** Answers a call with a failure. */
  error(callId: number, reason: ReasonName, message: string): void {
    const why = failure(reason, message)
    this.sendBytes(
      spanMessages(MessageType.ERROR, encodeFailure(why), (out) => {
        out.callId = callId
        out.status = why.status
      }),
    )
  }

  /** Makes an internal call with an inline input. Returns its call id. */
  invoke(functionId: number, input: Uint8Array, parentCallId = 0, timeoutUs = 0): number {
    this.#lastMade += 2
    const callId = this.#lastMade
    this.send(
      MessageType.INVOKE,
      (message) => {
        message.callId = callId
        message.functionId = functionId
        message.payloadLength = input.length
        message.parentCallId = parentCallId
        message.timeoutUs = timeoutUs
        message.attempt = 1
        message.priority = 3
      },
      input,
    )
    return callId
  }

  /** Sends any bytes at all. */
  sendBytes(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#flush()
  }

  /** Says GOODBYE in order and exits. */
  leave(): void {
    const body = encodePrefixed(GoodbyeSchema, {})
    this.send(MessageType.GOODBYE, () => {}, body)
    this.process.exit(0)
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const bytes = this.#waiting[0]!
      const taken = this.process.output.write(bytes, 0, bytes.length)
      if (taken < bytes.length) {
        this.#waiting[0] = bytes.subarray(taken)
        return
      }
      this.#waiting.shift()
    }
  }

  #take(view: MessageView): void {
    if (view.type === MessageType.WELCOME && (view.flags & Flag.MORE) === 0 && readPrefix(view.body) !== undefined) {
      for (const { name, id } of decodePrefixed(WelcomeSchema, view.body)?.functions ?? []) this.ids.set(name, id)
    }
    this.received.push(new (view.constructor as typeof MessageView)(view.whole.slice()))
    this.onMessage(view)
  }
}
