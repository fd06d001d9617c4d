import { ACCEPT, ColdSpan, IGNORE, judge, MessageType, type MessageView, TYPES, type Verdict } from '@millrace/protocol'
import { type Failure, failure, spanMessages } from '@millrace/protocol/cold'
import { EXIT_GRACE_US, KILL_GRACE_US, OUTBOX_CALLS_ASSUMED, OUTBOX_MESSAGES_SPARE } from '../base/limits.ts'
import type { Call } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import { Channel, type ChannelListener } from '../channel/channel.ts'
import type { Alarm, LaunchedWorker, LaunchRequest, PayloadDirectory, ProcessExit, ProcessListener } from '../world.ts'
import { Admission } from './allowed-types.ts'
import { writeAttached, writeGoodbye } from './call-messages.ts'
import { judgeLoaded, loadedMessages, loadMessages, type ProgramCode } from './code-load.ts'
import { readError, readGoodbye, readLog } from './cold-bodies.ts'
import { endFailure, goodbyeFailure, noHello, notLoaded } from './end-failure.ts'
import type { Exchange } from './exchange.ts'
import { flagRefused } from './exchange-faults.ts'
import { judgeHello, payloadFlags, type Refusal, type Terms, welcomeBody } from './handshake.ts'
import { Pause } from './pause.ts'
import { Questions } from './questions.ts'
import { Suspicion } from './suspicion.ts'
import type { WorkerListener, WorkerParts } from './worker-parts.ts'
import { moveWorker, type WorkerMove, type WorkerState } from './worker-states.ts'

/** One function process, seen from here: its state, its channel, its handshake and its end. */
export class Worker implements ChannelListener, ProcessListener {
  readonly id: number
  #program: string
  readonly #parts: WorkerParts
  readonly #token: string
  readonly #span = new ColdSpan()
  readonly #process: LaunchedWorker
  readonly #channel: Channel
  #state: WorkerState = 'starting'
  #exchange: Exchange | undefined
  #terms: Terms | undefined
  readonly #admission = new Admission()
  #payloadFlags = 0
  /** What a prewarmed worker was told to load. */
  #code: ProgramCode | undefined
  #alarm: Alarm | undefined
  #exited = false
  readonly #suspicion: Suspicion
  readonly #pause: Pause
  readonly #questions: Questions

  constructor(parts: WorkerParts, launch: Omit<LaunchRequest, 'workerId' | 'token' | 'program'>, token: string) {
    this.#parts = parts
    this.id = parts.id
    this.#program = parts.program
    this.#token = token
    this.#process = parts.launcher.launch({ ...launch, program: parts.program, workerId: parts.id, token }, this)
    // The most that open calls can put into the outbox: each its final message and a window of DATA, both ways.
    const outboxMax = (OUTBOX_CALLS_ASSUMED + parts.maxOpenInvokes) * 34 + OUTBOX_MESSAGES_SPARE
    const { output, input } = this.#process
    this.#channel = new Channel(output, input, this, parts.flusher, parts.metrics, outboxMax)
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
    this.#alarm = parts.clock.alarm(parts.handshakeTimeoutUs, () => this.#lose(noHello(parts.handshakeTimeoutUs)))
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Name of its program; of a prewarmed worker that waits: what its parts say. */
  get program(): string {
    return this.#program
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** What HELLO settled; undefined before. */
  get terms(): Terms | undefined {
    return this.#terms
  }

  /** Its payload directory, if `payload-file` was accepted. */
  get payloads(): PayloadDirectory | undefined {
    return this.#terms?.features.includes('payload-file') === true ? this.#process.payloads : undefined
  }

  /** Its calls; undefined before it is ready. */
  get exchange(): Exchange | undefined {
    return this.#exchange
  }

  get channel(): Channel {
    return this.#channel
  }

  /**
   * Gives a prewarmed worker its code, once. What comes of it the listener is told: `loaded` and `ready`; or `gone` with
   * reason `load_failed` and the worker's words, also when it does not answer within the time of the handshake, or LOAD
   * would be above 64 KiB. Throws unless the state is `waiting`.
   */
  load(code: ProgramCode): void {
    this.#move('load_sent')
    this.#code = code
    this.#program = code.program
    const messages = loadMessages(code)
    if (!(messages instanceof Uint8Array)) {
      this.#lose(messages)
      return
    }
    this.#channel.sendAll(messages)
    this.#parts.flusher.ask()
    const { clock, handshakeTimeoutUs } = this.#parts
    this.#alarm?.cancel()
    this.#alarm = clock.alarm(handshakeTimeoutUs, () => this.#lose(notLoaded(code.entry, handshakeTimeoutUs)))
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
    if (this.#state === 'draining' || this.#state === 'gone') return
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

  /** `call` of `calls` is still open `graceUs` microseconds after its deadline. See `Suspicion`. */
  suspect(call: Call, calls: CallTable, graceUs: number): void {
    if (this.#state === 'ready' || this.#state === 'draining')
      this.#suspicion.raise(call, calls, graceUs, this.#exchange!.awaited)
  }

  /** Lets it stand still until a call comes for it, or it is drained. It must be ready and run nothing. */
  pause(): void {
    this.#exchange!.resume = () => this.#pause.end()
    this.#pause.begin()
  }

  #startDraining(): void {
    this.#move('drained')
    if (this.#exchange !== undefined) this.#parts.listener.draining(this)
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

  onBreach(broken: Verdict): void {
    this.#breach(broken)
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
    if (this.#admission.types[type] === 0) return this.#admission.fault(type)
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
      case MessageType.ATTACHED:
        return this.#admission.attached()
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
      case MessageType.LOADED:
        return this.#receiveLoaded(body, view.status)
      case MessageType.ERROR: {
        const why = readError(view, body)
        return 'rule' in why ? why : this.#exchange!.receiveError(view.callId, view.runUs, why)
      }
      case MessageType.LOG: {
        const record = readLog(view, body)
        if ('rule' in record) return record
        this.#parts.listener.log(this, view.callId, record)
        return undefined
      }
      default:
        return { rule: 'message-direction', message: `the worker may not send ${TYPES[type]!.name} now` }
    }
  }

  #receiveHello(body: Uint8Array): Verdict | undefined {
    const parts = this.#parts
    const kind = parts.prewarm === undefined ? 'serving' : 'prewarmed'
    const { payloads, switchToRing } = this.#process
    const given = { payloads: payloads !== undefined, rings: switchToRing !== undefined }
    const terms = judgeHello(body, this.#token, parts.wanted, kind, given)
    this.#process.attached()
    if ('reason' in terms) return this.#refuse(terms)
    this.#alarm?.cancel()
    this.#terms = terms
    const functions = parts.prewarm === undefined ? this.#begin(parts.listener.welcome(this, terms)) : []
    this.#admission.welcomed(terms.features, parts.prewarm !== undefined)
    this.#payloadFlags = payloadFlags(terms)
    const welcome = welcomeBody(terms, { ...parts, functions, workerId: this.id })
    this.#channel.sendAll(spanMessages(MessageType.WELCOME, welcome, () => {}))
    if (terms.features.includes('shm-ring')) writeAttached(this.#channel, this.#process)
    this.#move(parts.prewarm === undefined ? 'welcomed' : 'prewarmed')
    if (parts.prewarm === undefined) parts.listener.ready(this)
    else parts.prewarm.waiting(this)
    return undefined
  }

  #receiveLoaded(body: Uint8Array, status: number): Verdict | undefined {
    const code = this.#code
    if (code === undefined || this.#exchange !== undefined) {
      return { rule: 'loaded-asked', message: 'LOADED came, and no LOAD is open' }
    }
    if (this.#state !== 'loading') return undefined // It crossed DRAIN.
    const terms = judgeLoaded(body, status, this.#terms!, code)
    if ('reason' in terms) return this.#refuse(terms)
    if ('rule' in terms) return terms
    this.#alarm?.cancel()
    this.#terms = terms
    this.#admission.loaded(terms.features)
    const functions = this.#begin(this.#parts.prewarm!.loaded(this, terms))
    this.#channel.sendAll(loadedMessages(functions, terms.maxCalls))
    this.#move('loaded')
    this.#parts.listener.ready(this)
    return undefined
  }

  /** Calls go that way from now on. Returns the functions that the channel serves. */
  #begin({ functions, exchange }: ReturnType<WorkerListener['welcome']>): { name: string; id: number }[] {
    this.#exchange = exchange
    return functions
  }

  /** What it offers is not what was wanted: it is told, and ends. */
  #refuse({ reason, rule, message }: Refusal): undefined {
    writeGoodbye(this.#channel, reason, message, rule)
    this.#lose(failure(reason === 'load_failed' ? reason : 'worker_unavailable', message), EXIT_GRACE_US)
  }

  #receiveGoodbye(view: MessageView): Verdict | undefined {
    const goodbye = readGoodbye(view)
    if ('rule' in goodbye) return goodbye
    if (goodbye.reason === undefined) {
      if (this.#state === 'ready') this.#startDraining()
      this.#exchange?.leave()
    }
    // Its last message: nothing is read or written after it (rule `goodbye-received`). Its exit follows; if not, it is helped.
    this.#lose(goodbyeFailure(goodbye), EXIT_GRACE_US)
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
    const wasReady = this.#exchange !== undefined
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
