/** The mutant worker's inbox: judges each message of the engine and acts on it. */
import {
  ColdSpan,
  Flag,
  HEADER_BYTES,
  IGNORE,
  judge,
  MessageType,
  type MessageView,
  REASONS,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  Reason,
  readPrefix,
  reasonName,
  spanMessages,
} from '@millrace/protocol/cold'
import { Caller } from './caller.ts'
import { dropFile, readFile } from './files.ts'
import { readWelcome } from './handshake.ts'
import { type Rooms, run } from './interp.ts'
import { CodeLoad } from './load.ts'
import type { Out } from './out.ts'
import { Failed, Served, ServedCall } from './served.ts'
import { is, isLax } from './switch.ts'

export class MutantWorker {
  readonly #out: Out
  readonly #leave: (code: number) => void
  readonly #served: Served
  readonly #caller: Caller
  readonly #load: CodeLoad
  readonly #span = new ColdSpan()
  readonly #fds: readonly [number, number]
  #features = new Set<string>()
  readonly #names = new Map<number, string>()
  #maxCalls = 0
  #welcomed = false
  #draining = false
  #over = false
  /** WELCOME accepted the rings. */
  onRings: () => void = () => {}

  constructor(out: Out, fds: readonly [number, number], leave: (code: number) => void) {
    this.#out = out
    this.#fds = fds
    this.#leave = leave
    this.#served = new Served(out)
    this.#caller = new Caller(out, isLax)
    this.#load = new CodeLoad(out)
    this.#served.onIdle = () => {
      if (this.#draining) this.#finish()
    }
  }

  get openCalls(): number {
    return this.#served.open.size
  }

  get welcomed(): boolean {
    return this.#welcomed
  }

  get over(): boolean {
    return this.#over
  }

  onMessage(view: MessageView): boolean {
    if (this.#over) return false
    const verdict = judge(view, 'engine')
    if (verdict === IGNORE && !is('ignorable-fatal')) return true
    if (verdict === IGNORE) this.breach({ rule: 'message-type-known', message: 'an unknown type' })
    else if (typeof verdict === 'object' && is('acts-before-judging') && view.type === MessageType.INVOKE) {
      const call = new ServedCall(this.#names.get(view.functionId) ?? 'echo', view)
      void run(call, this.#rooms()).then(() => this.breach(verdict))
      this.#over = true
    } else if (typeof verdict === 'object' && !isLax(verdict.rule)) this.breach(verdict)
    else if (is('tail-checked') && tailSet(view)) this.breach({ rule: 'message-tail-zero', message: 'a tail' })
    else {
      const broken = this.#take(view)
      if (broken !== undefined) this.breach(broken)
    }
    return !this.#over
  }

  #take(view: MessageView): Verdict | undefined {
    let body: Uint8Array = view.body
    if (this.#span.open || (TYPES[view.type]?.spans && view.more)) {
      if (is('spans-refused')) return { rule: 'message-flags-known', message: 'a span' }
      const whole = this.#span.take(view)
      if (whole === undefined) return undefined
      if ('rule' in whole) return isLax(whole.rule) ? this.#act(view, body) : whole
      body = whole
    }
    return this.#act(view, body)
  }

  #act(view: MessageView, body: Uint8Array): Verdict | undefined {
    const { type } = view
    if (
      !this.#welcomed &&
      type !== MessageType.WELCOME &&
      type !== MessageType.GOODBYE &&
      !isLax('handshake-engine-waits')
    ) {
      return { rule: 'handshake-engine-waits', message: view.toString() }
    }
    const missing = this.#missing(view)
    if (missing !== undefined && !isLax('feature-accepted')) {
      return { rule: 'feature-accepted', message: `${view.toString()} needs ${missing}` }
    }
    switch (type) {
      case MessageType.WELCOME:
        return this.#welcome(body)
      case MessageType.GOODBYE:
        return this.#goodbye(body, view.status)
      case MessageType.LOAD:
        return this.#load.load(body)
      case MessageType.LOADED:
        return this.#loaded(body)
      case MessageType.INVOKE:
        return this.#invoke(view)
      case MessageType.CANCEL:
        return this.#cancel(view)
      case MessageType.DATA:
        return this.#data(view)
      case MessageType.WINDOW:
        return this.#window(view)
      case MessageType.RESULT:
      case MessageType.ERROR:
        return this.#answer(view, body)
      case MessageType.RESOLVED:
        return this.#caller.resolved(view)
      case MessageType.PING:
        this.#pong(view)
        return undefined
      case MessageType.PONG:
        return isLax('pong-open') ? undefined : { rule: 'pong-open', message: 'PONG' }
      case MessageType.DRAIN:
        this.#drain()
        return undefined
      default:
        return undefined
    }
  }

  #loaded(body: Uint8Array): Verdict | undefined {
    const ids = this.#load.loaded(body)
    if (ids === undefined || 'rule' in ids) return ids
    for (const [id, name] of ids.names) this.#names.set(id, name)
    this.#maxCalls = ids.maxCalls
    return undefined
  }

  #pong(view: MessageView): void {
    if (is('ping-unheard-waiting') && this.#load.waiting) return
    if (is('ping-unheard-while-draining') && this.#draining) return
    const nonce = view.nonce
    const answer = (): void =>
      this.#out.send(MessageType.PONG, (writer) => {
        writer.nonce = nonce
        writer.openCalls = this.#served.open.size
      })
    if (is('ping-waits-for-idle') && this.#served.open.size > 0) this.#served.onIdle = answer
    else answer()
  }

  #missing(view: MessageView): string | undefined {
    const feature = TYPES[view.type]?.feature
    if (feature !== undefined && !this.#features.has(feature)) return feature
    if (view.type !== MessageType.INVOKE && view.type !== MessageType.RESULT) return undefined
    if ((view.flags & Flag.PAYLOAD_FILE) !== 0 && !this.#features.has('payload-file')) return 'payload-file'
    if ((view.flags & Flag.HEAD) !== 0) return 'http'
    return view.more && !this.#features.has('streaming') ? 'streaming' : undefined
  }

  #welcome(body: Uint8Array): Verdict | undefined {
    if (this.#welcomed)
      return isLax('handshake-hello-once') ? undefined : { rule: 'handshake-hello-once', message: 'WELCOME' }
    const welcome = readWelcome(body, isLax)
    if ('rule' in welcome) return welcome
    if (is('wants-every-function') && welcome.functions.length < 2)
      return { rule: 'welcome-functions', message: 'too few' }
    this.#features = new Set(welcome.features)
    for (const { name, id } of welcome.functions) this.#names.set(id, name)
    this.#maxCalls = welcome.limits?.maxCalls ?? 1
    if (this.#features.has('payload-file')) this.#served.fileBytes = welcome.limits?.minFileBytes ?? 0
    this.#served.streaming = this.#features.has('streaming')
    this.#caller.accepted = this.#features.has('internal-calls')
    this.#caller.invokesMax = welcome.limits?.maxOpenInvokes ?? 0
    this.#caller.resolvesMax = welcome.limits?.maxOpenResolves ?? 0
    this.#welcomed = true
    if (this.#features.has('shm-ring')) this.onRings()
    if (is('resolve-before-loaded')) this.#out.send(MessageType.RESOLVE, () => {}, Buffer.from('early'))
    return undefined
  }

  #invoke(view: MessageView): Verdict | undefined {
    const wrong = this.#served.judgeId(view.callId, isLax)
    if (wrong !== undefined) return wrong
    if (is('id-step-fixed') && view.callId > 1_000_000) return { rule: 'call-id-rising', message: 'a gap' }
    if (is('content-checked') && view.content > 6) return { rule: 'content-unknown', message: 'content' }
    if (is('attempt-checked') && view.attempt > 1) return { rule: 'invoke-attempt-positive', message: 'again' }
    const name = this.#names.get(view.functionId)
    if (name === undefined && is('unknown-function-fatal')) return { rule: 'invoke-function-id', message: 'unknown' }
    if (name === undefined && is('unknown-function-runs')) {
      this.#start('echo', view)
      return undefined
    }
    if (name === undefined) this.#served.refuse(view.callId, new Failed('not_found', `no function ${view.functionId}`))
    else if (this.#draining && !is('drain-takes-calls')) {
      this.#served.refuse(view.callId, new Failed(is('draining-as-overloaded') ? 'overloaded' : 'draining', 'draining'))
    } else if (this.#served.open.size >= this.#maxCalls) {
      if (is('overload-dropped')) return undefined
      if (is('file-refused-removed')) dropFile(textOf(view))
      this.#served.refuse(view.callId, new Failed(is('overload-as-handlers') ? 'handler_error' : 'overloaded', 'full'))
    } else return this.#start(name, view)
    return undefined
  }

  #start(name: string, view: MessageView): Verdict | undefined {
    const call = new ServedCall(name, copyOf(view))
    this.#served.open.set(call.id, call)
    if ((view.flags & Flag.PAYLOAD_FILE) !== 0) return this.#startFile(call, view)
    if (!view.more) void run(call, this.#rooms())
    return undefined
  }

  #startFile(call: ServedCall, view: MessageView): Verdict | undefined {
    try {
      call.takeFile(readFile(textOf(view), view.payloadLength))
    } catch (thrown) {
      if (is('file-refused-fatal')) return { rule: 'file-regular', message: (thrown as Error).message }
      this.#served.fail(call, new Failed('bad_input', (thrown as Error).message))
      return undefined
    }
    void run(call, this.#rooms())
    return undefined
  }

  #cancel(view: MessageView): Verdict | undefined {
    const call = this.#served.open.get(view.callId)
    if (call === undefined) {
      if (!this.#served.wasStarted(view.callId)) return isLax('call-id-known') ? undefined : unknown(view)
      return is('late-cancel-fatal') ? unknown(view) : undefined
    }
    if (is('cancel-without-final')) {
      call.ended = true
      this.#served.open.delete(call.id)
      return undefined
    }
    if (call.abort.signal.aborted) return is('second-cancel-fatal') ? unknown(view) : undefined
    call.abort.abort()
    if (is('cancels-all')) for (const other of this.#served.open.values()) other.abort.abort()
    this.#caller.cancelOf(call)
    if (!call.inputEnded) this.#served.fail(call, new Failed('cancelled', 'the caller gave up'))
    else if (is('cancel-answered-at-once')) {
      this.#served.refuse(call.id, new Failed('cancelled', 'the caller gave up'))
    }
    return undefined
  }

  #data(view: MessageView): Verdict | undefined {
    if ((view.callId & 1) === 1) {
      return this.#caller.wasStarted(view.callId) || isLax('call-id-known') ? this.#caller.data(view) : unknown(view)
    }
    const call = this.#served.open.get(view.callId)
    if (call === undefined) {
      if (is('late-data-fatal')) return unknown(view)
      return this.#served.wasStarted(view.callId) || isLax('call-id-known') ? undefined : unknown(view)
    }
    if (call.inputEnded)
      return isLax('data-after-end') ? undefined : { rule: 'data-after-end', message: view.toString() }
    call.add(view.body)
    call.inputEnded = !view.more
    if (call.wrong && !isLax('payload-length-exact')) return { rule: 'payload-length-exact', message: view.toString() }
    if (call.inputEnded) void run(call, this.#rooms())
    else {
      const credit = call.grantAfterData()
      if (credit > 0) {
        this.#out.send(MessageType.WINDOW, (writer) => {
          writer.callId = call.id
          writer.credit = credit
        })
      }
    }
    return undefined
  }

  #window(view: MessageView): Verdict | undefined {
    if ((view.callId & 1) === 1) {
      return this.#caller.wasStarted(view.callId) || isLax('call-id-known') ? this.#caller.window(view) : unknown(view)
    }
    const call = this.#served.open.get(view.callId)
    if (call === undefined) {
      return this.#served.wasStarted(view.callId) || isLax('call-id-known') ? undefined : unknown(view)
    }
    if (call.credit + view.credit > 32 && !isLax('credit-max')) return { rule: 'credit-max', message: view.toString() }
    call.credit += is('credit-counted-once') ? 1 : view.credit
    call.onCredit()
    return undefined
  }

  #answer(view: MessageView, body: Uint8Array): Verdict | undefined {
    if ((view.callId & 1) === 0) return undefined // Only a lax worker gets here.
    if (!this.#caller.wasStarted(view.callId)) return isLax('call-id-known') ? undefined : unknown(view)
    return view.type === MessageType.RESULT
      ? this.#caller.result(view)
      : this.#caller.error(view.callId, view.status, body)
  }

  #drain(): void {
    if (this.#draining) {
      if (is('second-drain-fatal')) this.breach({ rule: 'drain-repeated', message: 'DRAIN' })
      if (is('second-drain-hurries')) this.#finish()
      return
    }
    this.#draining = true
    if (is('drain-ignored') || (is('drain-unheard-waiting') && this.#load.waiting)) return
    if (is('drain-kills'))
      for (const call of this.#served.open.values()) this.#served.fail(call, new Failed('draining', ''))
    if (this.#served.open.size === 0 || is('drain-hurries')) this.#finish()
  }

  #goodbye(body: Uint8Array, status: number): Verdict | undefined {
    const prefix = readPrefix(body)
    const goodbye = decodePrefixed(GoodbyeSchema, body)
    const good = prefix !== undefined && goodbye !== undefined && goodbye.reason === 0 && status === 0
    this.#over = true
    if (is('goodbye-answered')) this.#sendGoodbye(Reason.UNSPECIFIED, '', '')
    if (is('goodbye-final-sent')) {
      for (const call of this.#served.open.values()) this.#served.fail(call, new Failed('cancelled', 'the engine left'))
    }
    this.#out.seal()
    const strict = goodbye !== undefined && reasonName(goodbye.reason) === undefined && is('goodbye-unknown-as-none')
    this.#leave(
      good || strict || (is('goodbye-unreadable-as-none') && goodbye === undefined) || is('goodbye-always-good')
        ? 0
        : 76,
    )
    return undefined
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#sendGoodbye(is('goodbye-with-reason') ? Reason.INTERNAL : Reason.UNSPECIFIED, '', '')
    if (is('stays-after-goodbye')) return
    this.#leave(is('exit-1-after-drain') ? 1 : 0)
  }

  /** Ends the channel for a broken rule. */
  breach(verdict: Verdict): void {
    this.#over = true
    if (!is('breach-without-goodbye')) {
      const reason = is('breach-with-other-reason') ? Reason.INTERNAL : Reason.PROTOCOL_ERROR
      this.#sendGoodbye(reason, is('breach-of-other-rule') ? 'message-size' : verdict.rule, verdict.message)
    }
    if (is('breach-stays')) return
    this.#leave(is('exit-0-after-breach') ? 0 : 76)
  }

  #sendGoodbye(reason: Reason, rule: string, message: string): void {
    const status = reason === Reason.UNSPECIFIED ? 0 : REASONS[reasonName(reason)!].status
    const body = encodePrefixed(GoodbyeSchema, { reason, rule, message })
    this.#out.sendWhole(
      spanMessages(MessageType.GOODBYE, body, (writer) => {
        writer.status = status
      }),
    )
  }

  #rooms(): Rooms {
    return { out: this.#out, served: this.#served, caller: this.#caller, features: this.#features, fds: this.#fds }
  }
}

function copyOf(view: MessageView): MessageView {
  const Copy = view.constructor as new (bytes: Uint8Array) => MessageView
  return new Copy(view.whole.slice())
}

function textOf(view: MessageView): string {
  return Buffer.from(view.body).toString('latin1')
}

function unknown(view: MessageView): Verdict {
  return { rule: 'call-id-known', message: view.toString() }
}

function tailSet(view: MessageView): boolean {
  const { bytes, at } = view
  return bytes.subarray(at + HEADER_BYTES + view.bodyLength, at + 1024).some((byte) => byte !== 0)
}
