/** One channel as a case uses it: sends what it is told, queues what comes, answers what nobody waits for. */
import {
  MESSAGE_BYTES,
  MessageType,
  MessageView,
  MessageWriter,
  nextCallId,
  type Sender,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import { CaseFailure } from './failure.ts'
import type { Link } from './link.ts'
import type { WakeMode } from './rings.ts'
import type { Transcript } from './transcript.ts'
import type { Watch } from './watch.ts'

/** A message of the side under test that waits to be expected. */
export interface Received {
  readonly view: MessageView
  /** Of a cold message that spans: all of it. */
  readonly body: Uint8Array
}

const TEXT = new TextDecoder()
/** Messages that may come at any time; a case that does not ask for them does not see them. */
const UNASKED: ReadonlySet<number> = new Set([
  MessageType.WINDOW,
  MessageType.LOG,
  MessageType.CAPACITY,
  MessageType.ATTACHED,
])

export class Session {
  readonly name: string
  readonly watch: Watch
  readonly transcript: Transcript
  /** Who the runner is on this channel. */
  readonly role: Sender
  link!: Link
  /** Functions by name: ids that the runner gave, or was given. */
  readonly functions = new Map<string, number>()
  /** Functions that the runner, as an engine, has besides those of the worker. */
  readonly known = new Map<string, number>()
  /** Whether RESOLVE is answered without being expected. */
  answersResolve = true
  /** Whether PING is answered without being expected. */
  answersPing = true
  /** Bodies of INVOKEs with MORE, by call: the beginnings of inputs. */
  readonly heads = new Map<number, Uint8Array[]>()
  #queue: Received[] = []
  #fault: CaseFailure | undefined
  #ended = false
  #attached = false
  #wake: (() => void)[] = []
  #lastId: number
  readonly #writer = new MessageWriter(new Uint8Array(MESSAGE_BYTES))

  constructor(name: string, role: Sender, watch: Watch, transcript: Transcript) {
    this.name = name
    this.role = role
    this.watch = watch
    this.transcript = transcript
    this.#lastId = role === 'engine' ? 0 : 0xffff_ffff
  }

  /** ATTACHED was sent. */
  get attached(): boolean {
    return this.#attached
  }

  get ended(): boolean {
    return this.#ended
  }

  /** What the watch found, if anything. */
  get fault(): CaseFailure | undefined {
    return this.#fault
  }

  nextId(): number {
    this.#lastId = nextCallId(this.#lastId)
    return this.#lastId
  }

  /** The next id that this side gives. */
  setLastId(id: number): void {
    this.#lastId = id >>> 0
  }

  /** Writes whole messages, or with `chunks` their bytes in pieces of these sizes, the last of them repeated. */
  async send(bytes: Uint8Array, chunks: readonly number[] = []): Promise<void> {
    this.#sends(bytes)
    if (chunks.length === 0) {
      await this.link.write(bytes)
      return
    }
    for (let at = 0, i = 0; at < bytes.length; i += 1) {
      const size = chunks[Math.min(i, chunks.length - 1)]!
      await this.link.write(bytes.slice(at, at + size))
      at += size
      // The reader gets a turn between two pieces, so that it really sees them apart.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Sends ATTACHED, once: what follows goes by the ring. */
  async attach(): Promise<void> {
    if (this.#attached) return // A case has sent a second WELCOME.
    this.#attached = true
    const attached = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.ATTACHED)
    this.transcript.add(this.name, 'runner', new MessageView(attached.bytes))
    await this.link.attach(attached.bytes)
  }

  /** Writes whole messages by the pipe, or by the ring, whichever is theirs. `mode`: how WAKE follows them in the ring. */
  async sendBy(way: 'pipe' | 'ring', bytes: Uint8Array, mode: WakeMode = 'due'): Promise<void> {
    this.#sends(bytes)
    if (way === 'pipe') await this.link.writePipe(bytes)
    else await this.link.publish(bytes, mode)
  }

  /** Tells of messages that are about to go out. */
  #sends(bytes: Uint8Array): void {
    for (let at = 0; at + MESSAGE_BYTES <= bytes.length; at += MESSAGE_BYTES) {
      const view = new MessageView(bytes.slice(at, at + MESSAGE_BYTES))
      this.transcript.add(this.name, 'runner', view)
      this.watch.sent(view)
    }
  }

  /** Writes some bytes that end inside a message, or go on in it; `message` is the whole one, told once. */
  async sendPart(bytes: Uint8Array, message: Uint8Array | undefined): Promise<void> {
    if (message !== undefined) this.#sends(message)
    await this.link.write(bytes)
  }

  /** Sends one small message. */
  sendNow(type: number, fill: (writer: MessageWriter) => void, body: Uint8Array = new Uint8Array(0)): Promise<void> {
    const writer = this.#writer.begin(type)
    fill(writer)
    writer.copyBody(body, 0, body.length)
    writer.end(body.length, 960)
    return this.send(writer.bytes.slice())
  }

  onMessage(view: MessageView): void {
    this.transcript.add(this.name, 'peer', view)
    if (this.#fault !== undefined) return
    const seen = this.watch.received(view)
    if (seen === undefined) return
    if ('rule' in seen) {
      this.#fault = new CaseFailure(seen.rule, 'breach', seen.message)
      this.#tell()
      return
    }
    if (view.type === MessageType.PING && this.answersPing) {
      void this.sendNow(MessageType.PONG, (writer) => {
        writer.nonce = view.nonce
      })
      return
    }
    if (view.type === MessageType.RESOLVE && this.answersResolve) {
      this.resolve(TEXT.decode(seen.body))
      return
    }
    if (view.type === MessageType.INVOKE && view.more) this.heads.set(view.callId, [seen.body.slice()])
    this.#queue.push({ view, body: seen.body.slice() })
    this.#tell()
  }

  onBreach({ rule, message }: Verdict): void {
    this.transcript.note(this.name, 'peer', `breach of ${rule}: ${message}`)
    this.#fault ??= new CaseFailure(rule, 'breach', message)
    this.#tell()
  }

  onEnd(cutBytes: number): void {
    this.#ended = true
    const cut = cutBytes === 0 ? '' : `, ${cutBytes} bytes into a message`
    this.transcript.note(this.name, 'peer', `end of the stream${cut}`)
    const broken = this.watch.ended(cutBytes)
    if (broken !== undefined) this.#fault ??= new CaseFailure(broken.rule, 'breach', broken.message)
    this.#tell()
  }

  /** Answers a RESOLVE as an engine that has these functions. */
  resolve(name: string): void {
    const id = this.functions.get(name) ?? this.known.get(name)
    void this.sendNow(
      MessageType.RESOLVED,
      (writer) => {
        writer.functionId = id ?? 0
        writer.status = id === undefined ? 5 : 0
      },
      Buffer.from(name),
    )
  }

  /**
   * The next message; of a type that may come unasked only when `wanted` has it. Undefined: nothing came within
   * `patienceMs`. 'end': the stream has ended. Throws the fault that the watch found, once what came before it was taken.
   */
  async next(wanted: ReadonlySet<number>, patienceMs: number): Promise<Received | 'end' | undefined> {
    const until = performance.now() + patienceMs
    for (;;) {
      while (this.#queue.length > 0) {
        const one = this.#queue.shift()!
        if (!UNASKED.has(one.view.type) || wanted.has(one.view.type)) return one
      }
      if (this.#fault !== undefined) throw this.#fault
      if (this.#ended) return 'end'
      const left = until - performance.now()
      if (left <= 0) return undefined
      await this.#event(left)
    }
  }

  /** Messages that wait, without taking them. */
  get waiting(): readonly Received[] {
    return this.#queue
  }

  /** Takes the first waiting message that fits, wherever it stands. */
  take(fits: (one: Received) => boolean): Received | undefined {
    const at = this.#queue.findIndex(fits)
    return at < 0 ? undefined : this.#queue.splice(at, 1)[0]
  }

  /** Resolves when something came or ended, or the time is over. */
  async #event(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake.push(resolve)
    const timer = setTimeout(resolve, Math.max(1, withinMs))
    await promise
    clearTimeout(timer)
  }

  /** Waits until `done`, looking again at each event. False: the time is over. */
  async until(done: () => boolean, patienceMs: number): Promise<boolean> {
    const end = performance.now() + patienceMs
    while (!done()) {
      const left = end - performance.now()
      if (left <= 0) return false
      await this.#event(left)
    }
    return true
  }

  /** Wakes whoever waits. */
  poke(): void {
    this.#tell()
  }

  #tell(): void {
    const wake = this.#wake
    this.#wake = []
    for (const one of wake) one()
  }
}

/** The name of a type, for messages. */
export function typeName(type: number): string {
  return TYPES[type]?.name ?? `type 0x${type.toString(16).padStart(2, '0')}`
}
