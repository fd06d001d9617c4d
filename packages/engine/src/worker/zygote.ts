import {
  ACCEPT,
  BODY_BYTES,
  ColdSpan,
  IGNORE,
  judge,
  MessageType,
  type MessageView,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import { encodeBody, ForkSchema, spanMessages } from '@millrace/protocol/cold'
import {
  EXIT_GRACE_US,
  FORK_ANSWER_US_MAX,
  KILL_GRACE_US,
  OUTBOX_MESSAGES_SPARE,
  ZYGOTE_START_US_MAX,
} from '../base/limits.ts'
import { Channel, type ChannelListener } from '../channel/channel.ts'
import type { Flusher } from '../channel/flusher.ts'
import type { Alarm, Clock, LaunchedWorker, LaunchRequest, ProcessExit, ProcessListener } from '../world.ts'
import { allowedTypes, HELLO_ONLY, notAllowed } from './allowed-types.ts'
import { writeGoodbye } from './call-messages.ts'
import { endFailure } from './end-failure.ts'
import { judgeHello, welcomeBody } from './handshake.ts'

/** A worker to fork, and who is told of it. Exactly one of `forked` and `failed` is called, then after `forked` one of the others. */
export interface ForkOrder {
  readonly channelIn: string
  readonly channelOut: string
  readonly token: string
  /** FORKED came with this process. */
  forked(pid: number): void
  /** There is no process, or none that the zygote has told of. */
  failed(): void
  /** The process ended. */
  exited(exitCode: number): void
  /** The zygote ended before the process: nobody will tell how that ends. */
  orphaned(): void
}

/** What a zygote is made of, and what it tells. */
export interface ZygoteParts {
  readonly clock: Clock
  readonly flusher: Flusher
  /** Starts its process. */
  launch(request: LaunchRequest, listener: ProcessListener): LaunchedWorker
  /** It was welcomed. */
  ready(): void
  /** It forks no more. `why`: for people; undefined: it was asked to end. */
  lost(why: string | undefined): void
  /** Its process has ended, too. After `lost`. */
  ended(): void
  /** It has no open order and no living child. */
  idle(): void
  /** A line of its output or of that of its children. */
  output(stream: 'stdout' | 'stderr', line: string): void
}

/** A process that forks workers, seen from here: its channel, its handshake, its orders and its end. */
export class Zygote implements ChannelListener, ProcessListener {
  readonly #parts: ZygoteParts
  readonly #request: LaunchRequest
  readonly #process: LaunchedWorker
  readonly #channel: Channel
  readonly #span = new ColdSpan()
  #state: 'starting' | 'ready' | 'lost' = 'starting'
  #allowed: Uint8Array = HELLO_ONLY
  /** Orders that wait for WELCOME. */
  #waiting: ForkOrder[] = []
  /** Orders whose FORK was sent, in the order of the FORKs (rule `fork-answered`). */
  #open: ForkOrder[] = []
  readonly #children = new Map<number, ForkOrder>()
  #alarm: Alarm | undefined
  #draining = false
  #exited = false

  constructor(parts: ZygoteParts, request: LaunchRequest) {
    this.#parts = parts
    this.#request = request
    this.#process = parts.launch(request, this)
    const { output, input } = this.#process
    this.#channel = new Channel(output, input, this, parts.flusher, { messagesOut: 0 }, OUTBOX_MESSAGES_SPARE)
    this.#channel.open()
    const seconds = ZYGOTE_START_US_MAX / 1_000_000
    this.#alarm = parts.clock.alarm(ZYGOTE_START_US_MAX, () => this.#lose(`said no HELLO within ${seconds} s`))
  }

  /** Orders that are open and children that live. */
  get size(): number {
    return this.#waiting.length + this.#open.length + this.#children.size
  }

  /** Forks a worker now, or when it is welcome. Not to be called when it is lost. */
  fork(order: ForkOrder): void {
    if (this.#state === 'ready') this.#send(order)
    else this.#waiting.push(order)
  }

  /** Takes back an order. False: its FORK was sent. */
  cancel(order: ForkOrder): boolean {
    const at = this.#waiting.indexOf(order)
    if (at < 0) return false
    this.#waiting.splice(at, 1)
    this.#tellIdle()
    return true
  }

  /** Lets it end; its children go on (rule `fork-outlived`). Doing so twice is allowed. */
  drain(): void {
    if (this.#draining || this.#state === 'lost') return
    this.#draining = true
    if (this.#state === 'starting') {
      this.#lose(undefined)
      return
    }
    this.#channel.claim(MessageType.DRAIN)
    this.#channel.commit(0)
    this.#parts.flusher.ask()
    this.#watch(KILL_GRACE_US, () => this.#lose(undefined))
  }

  // ——— ChannelListener ———

  onMessage(view: MessageView): boolean {
    const verdict = judge(view, 'worker')
    if (verdict === IGNORE && !this.#span.open) return true
    const broken = verdict === ACCEPT || verdict === IGNORE ? this.#receive(view) : verdict
    if (broken === undefined) return this.#state !== 'lost'
    writeGoodbye(this.#channel, 'protocol_error', broken.message, broken.rule)
    this.#lose(`broke the rule ${broken.rule}: ${broken.message}`, EXIT_GRACE_US)
    return false
  }

  onTurn(): void {}

  onEnd(): void {
    if (!this.#exited) this.#lose('closed its channel', EXIT_GRACE_US) // Otherwise `onExit` tells how.
  }

  onBreach(broken: Verdict): void {
    this.#lose(`broke the rule ${broken.rule}: ${broken.message}`)
  }

  onOverflow(): void {
    this.#lose('does not read its channel')
  }

  // ——— ProcessListener ———

  onExit(exit: ProcessExit, startError: string | undefined): void {
    if (this.#exited) return
    this.#exited = true
    if (this.#state !== 'lost') {
      this.#channel.finish() // What it wrote before its end still counts.
      this.#lose(startError ?? endFailure('ready', exit, undefined).message.replace(/^the worker /, ''))
    }
    this.#alarm?.cancel()
    for (const order of this.#children.values()) order.orphaned()
    this.#children.clear()
    this.#parts.ended()
  }

  onOutput(stream: 'stdout' | 'stderr', line: string): void {
    this.#parts.output(stream, line)
  }

  // ——— Messages ———

  #receive(view: MessageView): Verdict | undefined {
    const { type } = view
    if (!this.#span.open && this.#allowed[type] === 0)
      return notAllowed(type, this.#state === 'ready' ? 'ready' : 'starting')
    if (this.#span.open || type === MessageType.HELLO) {
      const body = this.#span.take(view)
      if (body === undefined || !(body instanceof Uint8Array)) return body
      return this.#receiveHello(body)
    }
    switch (type) {
      case MessageType.FORKED:
        return this.#receiveForked(view)
      case MessageType.EXITED:
        return this.#receiveExited(view)
      case MessageType.PING:
        this.#channel.claim(MessageType.PONG).nonce = view.nonce
        this.#channel.commit(0)
        return undefined
      case MessageType.GOODBYE:
        this.#lose(this.#draining ? undefined : 'said goodbye', EXIT_GRACE_US)
        return undefined
      case MessageType.PONG:
        return { rule: 'pong-open', message: 'PONG came, and no PING was sent' }
      default:
        return { rule: 'call-id-known', message: `${TYPES[type]!.name} came from a zygote, which runs no calls` }
    }
  }

  #receiveHello(body: Uint8Array): Verdict | undefined {
    const terms = judgeHello(body, this.#request.token, undefined, 'zygote')
    this.#process.attached()
    if ('reason' in terms) {
      writeGoodbye(this.#channel, terms.reason, terms.message, terms.rule)
      this.#lose(terms.message, EXIT_GRACE_US)
      return undefined
    }
    if (!terms.features.includes('fork') || terms.functions.length > 0) {
      const message = 'HELLO of a zygote must offer fork and name no function: the command does not know --zygote'
      return { rule: 'fork-no-functions', message }
    }
    this.#alarm?.cancel()
    this.#state = 'ready'
    this.#allowed = allowedTypes(terms.features)
    const none = { functions: [], maxOpenInvokes: 0, payloadBytesMax: BODY_BYTES, depthMax: 0, fileBytesMin: 0 }
    const welcome = welcomeBody(terms, { ...none, workerId: this.#request.workerId })
    this.#channel.sendAll(spanMessages(MessageType.WELCOME, welcome, () => {}))
    this.#parts.ready()
    const waiting = this.#waiting
    this.#waiting = []
    for (const order of waiting) this.#send(order)
    return undefined
  }

  #receiveForked(view: MessageView): Verdict | undefined {
    const { pid, status } = view
    const order = this.#open.shift()
    if (order === undefined) return { rule: 'fork-answered', message: 'FORKED came, and no FORK was open' }
    if ((pid === 0) === (status === 0) || this.#children.has(pid)) {
      this.#open.unshift(order) // It fails with the others.
      return { rule: 'fork-failed', message: `FORKED has pid ${pid} and status ${status}` }
    }
    this.#watchAnswer()
    if (status === 0) {
      this.#children.set(pid, order)
      order.forked(pid)
      return undefined
    }
    order.failed()
    this.#tellIdle()
    return undefined
  }

  #receiveExited(view: MessageView): Verdict | undefined {
    const order = this.#children.get(view.pid)
    if (order === undefined)
      return { rule: 'fork-exited', message: `EXITED names ${view.pid}, which is no living child` }
    this.#children.delete(view.pid)
    order.exited(view.exitCode)
    this.#tellIdle()
    return undefined
  }

  #send(order: ForkOrder): void {
    const { channelIn, channelOut, token } = order
    const body = encodeBody(ForkSchema, { channelIn, channelOut, token })
    this.#channel.sendAll(spanMessages(MessageType.FORK, body, () => {}))
    this.#parts.flusher.ask()
    this.#open.push(order)
    if (this.#open.length === 1) this.#watchAnswer()
  }

  // ——— The end ———

  /** From now on the oldest open FORK has all of its time. */
  #watchAnswer(): void {
    if (this.#draining) return
    this.#alarm?.cancel()
    if (this.#open.length === 0) return
    const seconds = FORK_ANSWER_US_MAX / 1_000_000
    this.#watch(FORK_ANSWER_US_MAX, () => this.#lose(`did not answer FORK within ${seconds} s`))
  }

  #watch(delayUs: number, ring: () => void): void {
    this.#alarm?.cancel()
    this.#alarm = this.#parts.clock.alarm(delayUs, ring)
  }

  #tellIdle(): void {
    if (this.size === 0) this.#parts.idle()
  }

  /** It forks no more: its open orders fail, and its process is seen to end. `graceUs`: before SIGTERM. */
  #lose(why: string | undefined, graceUs = 0): void {
    if (this.#state === 'lost') return
    this.#state = 'lost'
    this.#alarm?.cancel()
    this.#channel.close()
    this.#parts.lost(why)
    const unanswered = [...this.#open, ...this.#waiting]
    this.#open = []
    this.#waiting = []
    for (const order of unanswered) order.failed()
    this.#parts.flusher.ask()
    if (this.#exited) return
    if (graceUs === 0) this.#terminate()
    else this.#watch(graceUs, () => this.#terminate())
  }

  #terminate(): void {
    this.#process.signal('SIGTERM')
    this.#watch(KILL_GRACE_US, () => this.#process.signal('SIGKILL'))
  }
}
