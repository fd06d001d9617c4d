import {
  BODY_BYTES,
  Flag,
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  type MessageView,
  MessageWriter,
  PAYLOAD_LENGTH_UNKNOWN,
  type ReasonName,
} from '@millrace/protocol'
import {
  type ColdInit,
  decodePrefixed,
  encodeFailure,
  encodePrefixed,
  failure,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  readPrefix,
  spanMessages,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import type { MemoryFile } from './memory-files.ts'
import type { MemoryProcess } from './memory-launcher.ts'

/** What a worker says in HELLO; everything has a default. */
export interface HelloScript {
  readonly functions?: readonly string[]
  readonly features?: readonly string[]
  readonly maxCalls?: number
  /** Another token than the one it was given. */
  readonly token?: string
}

/** Fields of a message's header by name, for `send`. */
export type HeaderFields = Partial<Record<'callId' | 'flags' | 'functionId' | 'payloadLength' | 'timeoutUs', number>> &
  Partial<Record<'parentCallId' | 'attempt' | 'priority' | 'content' | 'status' | 'runUs' | 'nonce', number>> &
  Partial<Record<'openCalls' | 'credit' | 'capacity', number>>

/** Fills header fields; what the message's type does not use is not looked at. */
export function set(fields: HeaderFields): (message: MessageWriter) => void {
  return (message) => {
    Object.assign(message, fields)
  }
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
    } satisfies ColdInit<Hello>)
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

  /**
   * Makes an internal call. Returns its call id. `more`: the input goes on in DATA, its length not being known.
   */
  invoke(functionId: number, input: Uint8Array, parentCallId = 0, timeoutUs = 0, more = false): number {
    this.#lastMade += 2
    const callId = this.#lastMade
    this.send(
      MessageType.INVOKE,
      (message) => {
        message.callId = callId
        message.functionId = functionId
        message.flags = more ? Flag.MORE : 0
        message.payloadLength = more ? PAYLOAD_LENGTH_UNKNOWN : input.length
        message.parentCallId = parentCallId
        message.timeoutUs = timeoutUs
        message.attempt = 1
        message.priority = 3
      },
      input,
    )
    return callId
  }

  /** Begins a streamed output: RESULT with MORE. `total` undefined: not known yet. */
  begin(callId: number, part: Uint8Array, total?: number): void {
    this.send(
      MessageType.RESULT,
      (message) => {
        message.callId = callId
        message.flags = Flag.MORE
        message.payloadLength = total ?? PAYLOAD_LENGTH_UNKNOWN
      },
      part,
    )
  }

  /** Ends a streamed output: RESULT without MORE. `total`: bytes of all parts together. */
  finish(callId: number, part: Uint8Array, total: number): void {
    this.send(
      MessageType.RESULT,
      (message) => {
        message.callId = callId
        message.payloadLength = total
        message.runUs = 1
      },
      part,
    )
  }

  /** Sends DATA. */
  data(callId: number, part: Uint8Array, more: boolean): void {
    this.send(
      MessageType.DATA,
      (message) => {
        message.callId = callId
        message.flags = more ? Flag.MORE : 0
      },
      part,
    )
  }

  /** Puts a file into its payload directory. */
  putFile(name: string, bytes: Uint8Array): MemoryFile {
    const file = { bytes }
    this.process.payloads!.files.set(name, file)
    return file
  }

  /** Takes the bytes of the file that a message names out of its payload directory. */
  takeFile(view: MessageView): Uint8Array {
    const name = new TextDecoder().decode(view.body)
    const file = this.process.payloads!.files.get(name)
    if (file === undefined) throw new Error(`there is no payload file ${name}`)
    this.process.payloads!.files.delete(name)
    return file.bytes
  }

  /** Answers a call with an output in a file. `bytes`: what it announces; by default the file's. */
  resultFile(callId: number, name: string, bytes = this.process.payloads!.files.get(name)?.bytes.length ?? 0): void {
    const fields = { callId, flags: Flag.PAYLOAD_FILE, payloadLength: bytes, runUs: 1 }
    this.send(MessageType.RESULT, set(fields), new TextEncoder().encode(name))
  }

  /** Makes an internal call whose input lies in a file. Returns its call id. */
  invokeFile(functionId: number, name: string, bytes: number, parentCallId = 0): number {
    this.#lastMade += 2
    const fields = { flags: Flag.PAYLOAD_FILE, callId: this.#lastMade, functionId, payloadLength: bytes }
    const rest = { parentCallId, attempt: 1, priority: 3 }
    this.send(MessageType.INVOKE, set({ ...fields, ...rest }), new TextEncoder().encode(name))
    return this.#lastMade
  }

  /** Grants credit for DATA. */
  window(callId: number, credit: number): void {
    this.send(MessageType.WINDOW, (message) => {
      message.callId = callId
      message.credit = credit
    })
  }

  /** Asks for the end of a call that it made. */
  cancel(callId: number): void {
    this.send(MessageType.CANCEL, (message) => {
      message.callId = callId
    })
  }

  /** Asks for the id of a function. */
  resolve(name: string): void {
    this.send(MessageType.RESOLVE, () => {}, new TextEncoder().encode(name))
  }

  /** Messages of one type that came, oldest first. */
  of(type: number): MessageView[] {
    return this.received.filter((view) => view.type === type)
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
