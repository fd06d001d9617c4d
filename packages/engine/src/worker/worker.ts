import {
  ACCEPT,
  ColdSpan,
  Flag,
  IGNORE,
  judge,
  MessageType,
  type MessageView,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import {
  decodeBody,
  decodeFailure,
  decodePrefixed,
  type Failure,
  failure,
  GoodbyeSchema,
  LogSchema,
  readPrefix,
  reasonName,
  spanMessages,
} from '@millrace/protocol/cold'
import { EXIT_GRACE_US, KILL_GRACE_US, OUTBOX_MESSAGES_SPARE } from '../base/limits.ts'
import { Channel, type ChannelListener } from '../channel/channel.ts'
import type { Alarm, LaunchedWorker, LaunchRequest, ProcessExit, ProcessListener } from '../world.ts'
import { allowedTypes, HELLO_ONLY, notAllowed } from './allowed-types.ts'
import { writeGoodbye } from './call-messages.ts'
import { endFailure, goodbyeFailure } from './end-failure.ts'
import type { Exchange } from './exchange.ts'
import { flagRefused } from './exchange-faults.ts'
import { judgeHello, prefixFault, type Terms, welcomeBody } from './handshake.ts'
import { Pause } from './pause.ts'
import { Questions } from './questions.ts'
import { Suspicion } from './suspicion.ts'
import type { WorkerParts } from './worker-parts.ts'
import { moveWorker, type WorkerMove, type WorkerState } from './worker-states.ts'

/** One function process, seen from here: its state, its channel, its handshake and its end. */
export class Worker implements ChannelListener, ProcessListener {
  readonly id: number
  readonly program: string
  readonly #parts: WorkerParts
  readonly #token: string
  readonly #span = new ColdSpan()
  readonly #process: LaunchedWorker
  readonly #channel: Channel
  #state: WorkerState = 'starting'
  #exchange: Exchange | undefined
  #terms: Terms | undefined
  /** 1 for each type that may come now; rule `feature-accepted`. */
  #allowed: Uint8Array = HELLO_ONLY
  #payloadFlags = 0
  #alarm: Alarm | undefined
  #exited = false
  readonly #suspicion: Suspicion
  readonly #pause: Pause
  readonly #questions: Questions

  constructor(parts: WorkerParts, launch: Omit<LaunchRequest, 'workerId' | 'token' | 'program'>, token: string) {
    this.#parts = parts
    this.id = parts.id
    this.program = parts.program
    this.#token = token
    this.#process = parts.launcher.launch({ ...launch, program: parts.program, workerId: parts.id, token }, this)
    // The most that open calls can put into the outbox: each its final message and a window of DATA, both ways.
    const outboxMax = (MAX_CALLS_FOR_OUTBOX + parts.maxOpenInvokes) * 34 + OUTBOX_MESSAGES_SPARE
    this.#channel = new Channel(
      this.#process.output,
      this.#process.input,
      this,
      parts.flusher,
      parts.metrics,
      outboxMax,
    )
    this.#questions = new Questions(this.#channel)
    const ping = (nonce: number): void => {
      this.#channel.claim(MessageType.PING).nonce = nonce
      this.#channel.commit(0)
      parts.flusher.ask()
    }
    this.#suspicion = new Suspicion(parts.clock, { ping, end: (why) => this.#lose(why) })
    const pause = (isPaused: boolean): void => {
      this.#exchange!.paused = isPaused
      this.#process.pause(isPaused)
    }
    const resumed = (us: number): void => parts.listener.resumed(this, us)
    this.#pause = new Pause(parts.clock, { pause, ping, resumed }, parts.metrics)
    this.#channel.open()
    this.#alarm = parts.clock.alarm(parts.handshakeTimeoutUs, () => {
      const seconds = parts.handshakeTimeoutUs / 1_000_000
      this.#lose(
        failure(
          'worker_unavailable',
          `the worker said no HELLO within ${seconds} s of its start (rule handshake-deadline)`,
        ),
      )
    })
  }

  get state(): WorkerState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** What HELLO settled; undefined before. */
  get terms(): Terms | undefined {
    return this.#terms
  }

  /** Its calls; undefined before it is ready. */
  get exchange(): Exchange | undefined {
    return this.#exchange
  }

  get channel(): Channel {
    return this.#channel
  }

  /**
   * Finish what is open, refuse the rest, say goodbye. Rules `drain-finish` and `stop-order`: after `timeoutUs`
   * microseconds it is ended.
   */
  drain(timeoutUs = this.#parts.drainTimeoutUs): void {
    if (this.#state === 'starting') {
      this.#lose(failure('draining', 'the engine is stopping'))
      return
    }
    if (this.#state !== 'ready') return
    this.#pause.end()
    this.#startDraining()
    this.#alarm?.cancel()
    const message = this.#channel.claim(MessageType.DRAIN)
    message.timeoutUs = timeoutUs
    this.#channel.commit(0)
    this.#parts.flusher.ask()
    this.#alarm = this.#parts.clock.alarm(timeoutUs, () => {
      this.#lose(failure('worker_crashed', 'the worker did not finish within the drain timeout, and was ended'))
    })
  }

  /** A call is long past its deadline; `wait`: looks again later. See `Suspicion`. */
  suspect(what: string, wait: () => void): void {
    if (this.#state === 'ready' || this.#state === 'draining')
      this.#suspicion.raise(what, this.#exchange!.awaited, wait)
  }

  /** Lets it stand still until a call comes for it, or it is drained. It must be ready and run nothing. */
  pause(): void {
    this.#exchange!.resume = () => this.#pause.end()
    this.#pause.begin()
  }

  #startDraining(): void {
    this.#move('drained')
    this.#parts.listener.draining(this)
  }

  /** Ends it now. Its calls fail with `why`. */
  kill(why: Failure): void {
    this.#lose(why)
  }

  /** Answers one RESOLVE. `id` 0: no such function. */
  resolved(name: string, id: number): void {
    if (this.#state === 'gone') return
    this.#pause.end()
    this.#questions.resolved(name, id)
    this.#parts.flusher.ask()
  }

  // ——— ChannelListener ———

  onMessage(view: MessageView): boolean {
    this.#parts.metrics.messagesIn += 1
    const verdict = judge(view, 'worker')
    if (verdict === IGNORE && !this.#span.open) return true
    const broken = verdict === ACCEPT || verdict === IGNORE ? this.#receive(view) : verdict
    if (broken === undefined) return this.#state !== 'gone'
    this.#breach(broken)
    return false
  }

  onTurn(): void {
    if (this.#state === 'ready' && this.#exchange !== undefined) this.#parts.listener.idle(this)
  }

  onEnd(error: string | undefined, cutBytes: number): void {
    if (this.#state === 'gone') return
    const cut = cutBytes === 0 ? '' : ` in the middle of a message (rule channel-truncated)`
    const how = (error === undefined ? 'closed its channel' : `lost its channel (${error})`) + cut
    if (this.#exited) return // `onExit` tells how.
    if (this.#exchange !== undefined) this.#exchange.leaving = true // No answer can come any more.
    this.#alarm?.cancel()
    // The exit of the process mostly follows at once, and says more.
    this.#alarm = this.#parts.clock.alarm(EXIT_GRACE_US, () => {
      this.#lose(failure('worker_crashed', `the worker ${how} without exiting`))
    })
  }

  onOverflow(): void {
    this.#breach({ rule: 'channel-read', message: 'the worker asks and does not read: its outbox is full' })
  }

  // ——— ProcessListener ———

  onExit(exit: ProcessExit, startError: string | undefined): void {
    if (this.#exited) return
    this.#exited = true
    if (this.#state !== 'gone') {
      this.#channel.finish() // What it wrote before its end still counts.
      this.#lose(endFailure(this.#state, exit, startError))
    }
    this.#alarm?.cancel()
    this.#parts.listener.exited(this)
    this.#parts.flusher.ask()
  }

  onOutput(stream: 'stdout' | 'stderr', line: string): void {
    this.#parts.listener.output(this, stream, line)
  }

  // ——— Messages ———

  #receive(view: MessageView): Verdict | undefined {
    const type = view.type
    // A part first: whatever comes between two parts breaks `cold-span-consecutive`, allowed or not.
    if (this.#span.open) return this.#receiveCold(view, type)
    if (this.#allowed[type] === 0) return notAllowed(type, this.#state)
    if (TYPES[type]!.spans) return this.#receiveCold(view, type)
    const exchange = this.#exchange
    switch (type) {
      case MessageType.RESULT:
        if ((view.flags & ~this.#payloadFlags) !== 0) return flagRefused(view)
        return exchange!.receiveResult(view)
      case MessageType.INVOKE:
        if ((view.flags & ~this.#payloadFlags) !== 0) return flagRefused(view)
        return exchange!.receiveInvoke(view)
      case MessageType.DATA:
        return exchange!.receiveData(view)
      case MessageType.WINDOW:
        return exchange!.receiveWindow(view)
      case MessageType.CANCEL:
        return exchange!.receiveCancel(view)
      case MessageType.RESOLVE:
        return this.#questions.resolve(view, (name) => this.#parts.listener.resolve(this, name))
      case MessageType.PING:
        return this.#questions.ping(view, exchange?.running ?? 0)
      case MessageType.PONG:
        return this.#pause.pong(view.nonce) ? undefined : this.#suspicion.pong(view.nonce)
      case MessageType.CAPACITY:
        exchange!.offer(view.capacity)
        return undefined
      case MessageType.GOODBYE:
        return this.#receiveGoodbye(view)
      default:
        return { rule: 'message-direction', message: `the worker may not send ${TYPES[type]!.name} now` }
    }
  }

  #receiveCold(view: MessageView, type: number): Verdict | undefined {
    const body = this.#span.take(view)
    if (body === undefined) return undefined
    if (!(body instanceof Uint8Array)) return body
    switch (type) {
      case MessageType.HELLO:
        return this.#receiveHello(body)
      case MessageType.ERROR: {
        const why = decodeFailure(body, view.status)
        if (why === undefined)
          return { rule: 'error-body', message: `ERROR of call ${view.callId} holds no protobuf Failure` }
        return this.#exchange!.receiveError(view.callId, view.runUs, why)
      }
      case MessageType.LOG: {
        const record = decodeBody(LogSchema, body)
        if ((view.callId & 1) === 1)
          return { rule: 'log-call-id', message: `LOG names call ${view.callId}, which the worker made` }
        if (record === undefined) return { rule: 'log-body', message: 'LOG holds no protobuf Log' }
        this.#parts.listener.log(this, view.callId, record)
        return undefined
      }
      default:
        return { rule: 'message-direction', message: `the worker may not send ${TYPES[type]!.name} now` }
    }
  }

  #receiveHello(body: Uint8Array): Verdict | undefined {
    const parts = this.#parts
    const terms = judgeHello(body, this.#token, parts.wanted)
    this.#process.attached()
    if ('reason' in terms) {
      writeGoodbye(this.#channel, terms.reason, terms.message, terms.rule)
      const reason = terms.reason === 'load_failed' ? 'load_failed' : 'worker_unavailable'
      this.#lose(failure(reason, terms.message), EXIT_GRACE_US)
      return undefined
    }
    this.#alarm?.cancel()
    this.#terms = terms
    const { functions, exchange } = parts.listener.welcome(this, terms)
    this.#exchange = exchange
    this.#allowed = allowedTypes(terms.features)
    this.#payloadFlags = terms.features.includes('streaming') ? Flag.MORE : 0
    const welcome = welcomeBody(terms, {
      functions,
      workerId: this.id,
      maxOpenInvokes: parts.maxOpenInvokes,
      payloadBytesMax: parts.payloadBytesMax,
      depthMax: parts.depthMax,
    })
    this.#channel.sendAll(spanMessages(MessageType.WELCOME, welcome, () => {}))
    this.#move('welcomed')
    parts.listener.ready(this)
    return undefined
  }

  #receiveGoodbye(view: MessageView): Verdict | undefined {
    if (readPrefix(view.body) === undefined) return prefixFault(view.body, 'GOODBYE')
    const goodbye = decodePrefixed(GoodbyeSchema, view.body)
    if (goodbye === undefined) return { rule: 'cold-body', message: 'GOODBYE holds no protobuf Goodbye' }
    const reason = reasonName(goodbye.reason)
    const rule = goodbye.rule === '' ? '' : ` (rule ${goodbye.rule})`
    if (reason === undefined) {
      if (this.#state === 'ready') this.#startDraining()
      this.#exchange?.leave()
    }
    // Its last message: nothing is read or written after it (rule `goodbye-received`). Its exit follows; if not, it is helped.
    this.#lose(goodbyeFailure({ reason, message: goodbye.message + rule }), EXIT_GRACE_US)
    return undefined
  }

  // ——— The end ———

  /** The worker broke a rule: it is told, and its channel ends. Rule `channel-breach-ends`. */
  #breach(broken: Verdict): void {
    if (this.#state === 'gone') return
    this.#parts.metrics.protocolErrors += 1
    writeGoodbye(this.#channel, 'protocol_error', broken.message, broken.rule)
    this.#lose(failure('protocol_error', `${broken.message} (rule ${broken.rule})`), EXIT_GRACE_US)
  }

  /**
   * One path for every end: take the calls first, then tell the house, then see that the process ends. `graceUs`: how
   * long it may take to end by itself before SIGTERM, in microseconds: it may have to read a GOODBYE first.
   */
  #lose(why: Failure, graceUs = 0): void {
    if (this.#state === 'gone') return
    const wasReady = this.#state !== 'starting'
    this.#alarm?.cancel()
    this.#alarm = undefined
    this.#suspicion.drop()
    this.#move('lost')
    this.#channel.close()
    this.#exchange?.end(why)
    this.#parts.listener.gone(this, why, wasReady)
    this.#parts.flusher.ask()
    if (this.#exited) return
    if (graceUs === 0) this.#terminate()
    else this.#alarm = this.#parts.clock.alarm(graceUs, () => this.#terminate())
  }

  #terminate(): void {
    this.#process.signal('SIGTERM')
    this.#alarm = this.#parts.clock.alarm(KILL_GRACE_US, () => this.#process.signal('SIGKILL'))
  }

  #move(move: WorkerMove): void {
    this.#state = moveWorker(this.#state, move)
  }
}

/** What the bound of an outbox assumes a worker runs at once; beyond it, DATA of so many streams at once is no longer covered. */
const MAX_CALLS_FOR_OUTBOX = 1_024
