/**
 * Judges every message that the side under test sends, in every case: whatever a case is about, a message that breaks a
 * rule fails it. Also keeps the state of the channel as the spec has it.
 */
import {
  ACCEPT,
  ColdSpan,
  Flag,
  HEADER_BYTES,
  IGNORE,
  judge,
  MESSAGE_BYTES,
  MessageType,
  type MessageView,
  type Sender,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import type { Hello, Loaded, Welcome } from '@millrace/protocol/cold-protobuf'
import { judgeBody, readGoodbye, readHello, readLoaded, readWelcome } from './watch-bodies.ts'
import { CallWatch } from './watch-calls.ts'
import { ForkWatch, judgeZygote } from './watch-forks.ts'

const TEXT = new TextDecoder()

/** What the watch makes of a message: nothing yet (a part of a span), or its whole body. */
export type Watched = { readonly body: Uint8Array } | undefined

export class Watch {
  /** The side under test. */
  readonly side: Sender
  readonly token: string
  readonly calls = new CallWatch()
  hello: Hello | undefined
  welcome: Welcome | undefined
  readonly #forks = new ForkWatch()
  /** What the worker's LOADED with status 0 said. */
  loaded: Loaded | undefined
  /** The runner has sent the ids of the loaded functions. */
  idsGiven = false
  /** LOADs that the worker has not answered. */
  #loads = 0
  readonly #span = new ColdSpan()
  #goodbye = false
  /** The side under test has sent ATTACHED. */
  #attached = false
  #pings: number[] = []
  readonly #answered = new Set<number>()
  #pingsOfPeer = 0
  #resolves: string[] = []
  /** The worker was given a payload directory. */
  hasPayloads = true
  /** GOODBYE was sent by the runner, or the channel was left on purpose. */
  released = false
  /** The worker was launched with a segment for rings. */
  segmentGiven = false
  /**
   * The runner has broken a rule on purpose: from here on the side under test owes a GOODBYE and nothing else, so that
   * what it does instead is for the case to judge, and the state of the channel means nothing any more.
   */
  provoked = false

  constructor(side: Sender, token: string) {
    this.side = side
    this.token = token
  }

  get other(): Sender {
    return this.side === 'worker' ? 'engine' : 'worker'
  }

  /** Names that RESOLVE asked for and no RESOLVED answered. */
  get openResolves(): readonly string[] {
    return this.#resolves
  }

  /** Whether it is a worker that was started without its code. */
  get waitsForCode(): boolean {
    return this.hello !== undefined && this.hello.functions.length === 0 && this.hello.features.includes('load')
  }

  /** The runner sends so many LOADs. */
  loadsSent(count: number): void {
    this.#loads += count
  }

  accepted(feature: string): boolean {
    return this.welcome?.features.includes(feature) ?? false
  }

  /** A message that the runner sends. Deliberate breaches are taken as far as they make sense. */
  sent(view: MessageView): void {
    if (this.provoked) return
    const verdict = judge(view, this.other)
    if (verdict !== ACCEPT) {
      if (verdict !== IGNORE) this.provoked = true
      return
    }
    switch (view.type) {
      case MessageType.PING:
        this.#pings.push(view.nonce)
        break
      case MessageType.PONG:
        this.#pingsOfPeer -= 1
        break
      case MessageType.RESOLVE:
        this.#resolves.push(TEXT.decode(view.body))
        break
      case MessageType.RESOLVED:
        this.#take(this.#resolves, TEXT.decode(view.body))
        break
      case MessageType.GOODBYE:
        this.released = true
        break
      case MessageType.FORK:
        this.#forks.sent()
        break
      default:
        if (aboutCall(view.type) && this.calls.take(view, this.other) !== undefined) this.provoked = true
    }
  }

  /** A message of the side under test. Throws nothing: gives the rule broken, or the body once it is whole. */
  received(view: MessageView): Watched | Verdict {
    if (this.#goodbye) return broken('goodbye-last', `${view.toString()} came after GOODBYE`)
    const verdict = judge(view, this.side)
    if (view.type >= 0x60 && view.type <= 0x7f) {
      return broken(
        'message-vendor-feature',
        `type 0x${view.type.toString(16)} is a vendor's, and no feature defines it`,
      )
    }
    if (typeof verdict === 'object') return verdict
    const tail = tailByte(view)
    if (tail !== undefined) return broken('message-tail-zero', `body byte ${tail} is behind body_length and not zero`)
    if (verdict === IGNORE && !this.#span.open) return undefined
    const fault = this.provoked ? undefined : (this.#order(view) ?? this.#features(view) ?? this.#early(view))
    if (fault !== undefined) return fault
    let body: Uint8Array = view.body
    if (this.#span.open || TYPES[view.type]?.spans) {
      const whole = this.#span.take(view)
      if (whole !== undefined && 'rule' in whole) return whole
      if (whole === undefined) return undefined
      body = whole
    }
    if (this.provoked && view.type !== MessageType.GOODBYE && view.type !== MessageType.HELLO) return { body }
    return this.#act(view, body) ?? { body }
  }

  /** The stream ended with so many bytes of a message that was begun. */
  ended(cutBytes: number): Verdict | undefined {
    return cutBytes > 0 && !this.released
      ? broken('message-size', `the last message has ${cutBytes} bytes instead of ${MESSAGE_BYTES}`)
      : undefined
  }

  #order(view: MessageView): Verdict | undefined {
    const first = this.side === 'worker' ? this.hello === undefined : this.welcome === undefined
    const { type } = view
    if (this.side === 'worker') {
      if (first && type !== MessageType.HELLO && type !== MessageType.GOODBYE) {
        return broken('handshake-hello-first', `the first message is ${view.toString()}`)
      }
      if (!first && type === MessageType.HELLO) return broken('handshake-hello-once', 'a second HELLO')
      if (!first && this.welcome === undefined && type !== MessageType.GOODBYE) {
        return broken('handshake-welcome-awaited', `${view.toString()} came before WELCOME was sent`)
      }
      return undefined
    }
    if (first && type !== MessageType.WELCOME && type !== MessageType.GOODBYE) {
      return broken('handshake-engine-waits', `the first message is ${view.toString()}`)
    }
    return !first && type === MessageType.WELCOME ? broken('handshake-hello-once', 'a second WELCOME') : undefined
  }

  /** What a worker that has no code yet may not send. */
  #early(view: MessageView): Verdict | undefined {
    const { type } = view
    if (this.side === 'engine' || !this.waitsForCode || this.idsGiven) return undefined
    return type === MessageType.RESOLVE || type === MessageType.INVOKE || type === MessageType.CAPACITY
      ? broken('load-before-calls', `${view.toString()} came before the worker had its code`)
      : undefined
  }

  /** ATTACHED comes first after WELCOME, and never again; the link sees to it that a WAKE on the pipe is not told. */
  #rings(view: MessageView): Verdict | undefined {
    if (!this.accepted('shm-ring') || view.type === MessageType.HELLO) return undefined
    const isAttached = view.type === MessageType.ATTACHED
    if (this.#attached) {
      return isAttached || view.type === MessageType.WAKE
        ? broken('ring-no-wake', `${view.toString()} came in the ring`)
        : undefined
    }
    this.#attached = isAttached
    return isAttached || view.type === MessageType.GOODBYE
      ? undefined
      : broken('ring-attached', `${view.toString()} came after WELCOME, where ATTACHED belongs`)
  }

  #features(view: MessageView): Verdict | undefined {
    const feature = TYPES[view.type]?.feature
    const rings = this.#rings(view)
    if (rings !== undefined) return rings
    if (feature !== undefined && !this.accepted(feature)) {
      return broken('feature-accepted', `${view.toString()} needs the feature ${feature}, which was not accepted`)
    }
    const payload = view.type === MessageType.INVOKE || view.type === MessageType.RESULT
    const needs: readonly [number, string][] = [
      [Flag.MORE, 'streaming'],
      [Flag.PAYLOAD_FILE, 'payload-file'],
      [Flag.HEAD, 'http'],
    ]
    const missing = needs.find(([flag, name]) => payload && (view.flags & flag) !== 0 && !this.accepted(name))
    if (missing !== undefined) return broken('feature-accepted', `${view.toString()} needs the feature ${missing[1]}`)
    return view.type === MessageType.INVOKE && this.side === 'worker' && !this.accepted('internal-calls')
      ? broken('feature-accepted', 'INVOKE needs the feature internal-calls')
      : undefined
  }

  #act(view: MessageView, body: Uint8Array): Verdict | undefined {
    switch (view.type) {
      case MessageType.HELLO: {
        const hello = readHello(body, this.token)
        if ('rule' in hello) return hello
        this.hello = hello
        if (!this.hasPayloads && hello.features.includes('payload-file')) {
          return broken('file-offered', 'HELLO offers payload-file, and there is no payload directory')
        }
        if (hello.features.includes('shm-ring') && !this.segmentGiven) {
          return broken('ring-offer', 'HELLO offers shm-ring, and MILLRACE_RING named no segment')
        }
        return judgeZygote(hello)
      }
      case MessageType.WELCOME: {
        const welcome = readWelcome(body, this.hello)
        if ('rule' in welcome) return welcome
        this.welcome = welcome
        return undefined
      }
      case MessageType.LOADED:
        return this.side === 'worker' ? this.#loaded(view, body) : undefined
      case MessageType.GOODBYE: {
        this.#goodbye = true
        const goodbye = readGoodbye(body, view.status)
        if ('rule' in goodbye && !('reason' in goodbye)) return goodbye
        return this.#farewell(view)
      }
      case MessageType.PING: {
        this.#pingsOfPeer += 1
        const max = this.welcome?.limits?.maxOpenPings ?? 0
        return this.side === 'worker' && this.#pingsOfPeer > max
          ? broken('limit-open-pings', `${this.#pingsOfPeer} PINGs are open; WELCOME allows ${max}`)
          : undefined
      }
      case MessageType.PONG:
        return this.#pong(view)
      case MessageType.FORKED:
      case MessageType.EXITED:
        return this.#forks.received(view)
      case MessageType.RESOLVE: {
        this.#resolves.push(TEXT.decode(body))
        const max = this.welcome?.limits?.maxOpenResolves ?? 0
        return this.#resolves.length > max
          ? broken('limit-open-resolves', `${this.#resolves.length} RESOLVEs are open; WELCOME allows ${max}`)
          : undefined
      }
      case MessageType.RESOLVED: {
        const name = TEXT.decode(body)
        if (this.#take(this.#resolves, name)) return undefined
        return broken('resolved-open', `RESOLVED names ${name}, which nobody asked for`)
      }
      case MessageType.LOG:
        if (view.callId !== 0 && !this.calls.wasStarted(view.callId)) {
          return broken('log-call-id', `LOG names call ${view.callId}, which was never started`)
        }
        return judgeBody(view, body, this.side)
      default:
        return aboutCall(view.type) ? (this.#call(view) ?? judgeBody(view, body, this.side)) : undefined
    }
  }

  #loaded(view: MessageView, body: Uint8Array): Verdict | undefined {
    if (this.#loads === 0) return broken('loaded-asked', 'LOADED came, and no LOAD is open')
    this.#loads -= 1
    const loaded = readLoaded(body, view.status)
    if ('rule' in loaded) return loaded
    if (view.status === 0) this.loaded = loaded
    return undefined
  }

  #farewell(view: MessageView): Verdict | undefined {
    const open = this.calls.open('engine')
    return this.side === 'worker' && view.status === 0 && open > 0 && !this.released
      ? broken('goodbye-idle', `GOODBYE without a reason came while ${open} calls were open`)
      : undefined
  }

  #pong(view: MessageView): Verdict | undefined {
    const open = this.#take(this.#pings, view.nonce)
    if (!open && (this.#pings.length === 0 || this.#answered.has(view.nonce))) {
      return broken('pong-open', `PONG ${view.nonce} answers no open PING`)
    }
    this.#answered.add(view.nonce)
    if (!open) return broken('pong-nonce', `PONG has nonce ${view.nonce}`)
    const calls = this.calls.open('engine')
    return this.side === 'worker' && view.openCalls > calls
      ? broken('pong-open-calls', `PONG says ${view.openCalls} open calls; there are ${calls}`)
      : undefined
  }

  #call(view: MessageView): Verdict | undefined {
    if (view.type === MessageType.INVOKE) {
      if (this.side === 'worker') {
        const max = this.welcome?.limits?.maxOpenInvokes ?? 0
        if (this.calls.open('worker') + 1 > max) {
          return broken('limit-open-invokes', `more than the ${max} INVOKEs that WELCOME allows are open`)
        }
        const parent = view.parentCallId
        if (parent !== 0 && !this.calls.wasStarted(parent)) {
          return broken('call-parent-open', `the parent ${parent} was never started`)
        }
      } else {
        if (!this.welcome!.functions.some((one) => one.id === view.functionId)) {
          return broken('welcome-functions', `INVOKE has function_id ${view.functionId}, which WELCOME does not list`)
        }
        const max = this.welcome!.limits!.maxCalls
        if (this.calls.open('engine') + 1 > max) {
          return broken('call-capacity', `more than the ${max} calls of WELCOME are open`)
        }
      }
    }
    return this.calls.take(view, this.side)
  }

  #take<T>(list: T[], value: T): boolean {
    const at = list.indexOf(value)
    if (at >= 0) list.splice(at, 1)
    return at >= 0
  }
}

function aboutCall(type: number): boolean {
  const call = TYPES[type]?.call
  return (call === 'new' || call === 'open') && type !== MessageType.LOG
}

/** The first body byte behind `body_length` that is not zero. */
function tailByte(view: MessageView): number | undefined {
  const { bytes, at } = view
  for (let i = at + HEADER_BYTES + view.bodyLength; i < at + MESSAGE_BYTES; i += 1) {
    if (bytes[i] !== 0) return i - at - HEADER_BYTES
  }
  return undefined
}

function broken(rule: string, message: string): Verdict {
  return { rule, message }
}
