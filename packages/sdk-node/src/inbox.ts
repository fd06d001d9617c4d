import {
  ColdSpan,
  type FeatureName,
  IGNORE,
  judge,
  MessageType,
  type MessageView,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import type { Caller } from './caller.ts'
import type { ChannelListener } from './channel.ts'
import type { Names } from './names.ts'
import type { ServedCalls } from './served-calls.ts'
import type { RingSwitch } from './world.ts'

/** The rooms that take messages once WELCOME came. */
export interface Rooms {
  readonly served: ServedCalls
  readonly caller: Caller
  readonly names: Names
  readonly features: ReadonlySet<string>
  /** Given when `shm-ring` was accepted. */
  readonly rings: RingSwitch | undefined
}

/** What the worker as a whole is told. */
export interface InboxListener {
  /** The whole body of WELCOME. Returns the rooms, or the rule broken. */
  onWelcome(body: Uint8Array): Rooms | Verdict
  /** The whole body of LOAD. Returns the rule broken. */
  onLoad(body: Uint8Array): Verdict | undefined
  /** The whole body of the engine's LOADED. Returns the rule broken. */
  onLoaded(body: Uint8Array): Verdict | undefined
  onGoodbye(body: Uint8Array, status: number): void
  onPing(nonce: number): void
  onDrain(timeoutUs: number): void
  /** The engine broke a rule. No message is taken any more. */
  onBroken(verdict: Verdict): void
  onEnd(error: string | undefined, truncated: boolean): void
}

/** Messages that may span after WELCOME. */
const SPANNING: ReadonlySet<number> = new Set([MessageType.ERROR, MessageType.LOAD, MessageType.LOADED])

/** Judges each message of the engine and takes it to its room. Touches nothing of the outside. */
export class Inbox implements ChannelListener {
  readonly #listener: InboxListener
  readonly #span = new ColdSpan()
  /** Undefined before WELCOME. */
  #rooms: Rooms | undefined
  #attached = false
  #ended = false

  constructor(listener: InboxListener) {
    this.#listener = listener
  }

  onMessage(view: MessageView): boolean {
    const verdict = judge(view, 'engine')
    if (verdict === IGNORE && !this.#span.open) return true
    const broken = typeof verdict === 'object' ? verdict : this.#take(view)
    if (broken !== undefined) this.onBreach(broken)
    return !this.#ended
  }

  onBreach(broken: Verdict): void {
    if (this.#ended) return
    this.#ended = true
    this.#listener.onBroken(broken)
  }

  onEnd(error: string | undefined, truncated: boolean): void {
    this.#listener.onEnd(error, truncated)
  }

  #take(view: MessageView): Verdict | undefined {
    const rooms = this.#rooms
    const { type } = view
    if (rooms === undefined) return this.#takeFirst(view)
    if (rooms.rings !== undefined && !this.#attached) return this.#takeAttached(view, rooms.rings)
    if (this.#span.open && !SPANNING.has(type)) return this.#span.take(view) as Verdict
    switch (type) {
      case MessageType.INVOKE:
        return rooms.served.invoke(view)
      case MessageType.RESULT:
        return notCallee(view) ?? rooms.caller.result(view)
      case MessageType.ERROR:
        return notCallee(view) ?? this.#takeError(view, rooms)
      case MessageType.CANCEL:
        return (view.callId & 1) === 0 ? rooms.served.cancel(view) : notCaller(view)
      case MessageType.DATA:
        return this.#needs(view, rooms) ?? ((view.callId & 1) === 0 ? rooms.served.data(view) : rooms.caller.data(view))
      case MessageType.WINDOW:
        return (
          this.#needs(view, rooms) ?? ((view.callId & 1) === 0 ? rooms.served.window(view) : rooms.caller.window(view))
        )
      case MessageType.RESOLVED:
        return this.#needs(view, rooms) ?? rooms.names.resolved(view)
      case MessageType.LOAD:
      case MessageType.LOADED:
        return this.#needs(view, rooms) ?? this.#takeCode(view)
      case MessageType.PING:
        this.#listener.onPing(view.nonce)
        return undefined
      case MessageType.PONG:
        return { rule: 'pong-open', message: 'PONG came, but this worker sent no PING' }
      case MessageType.DRAIN:
        this.#listener.onDrain(view.timeoutUs)
        return undefined
      case MessageType.GOODBYE:
        this.#ended = true
        this.#listener.onGoodbye(view.body.slice(), view.status)
        return undefined
      case MessageType.WELCOME:
        return { rule: 'handshake-hello-once', message: 'a second WELCOME came' }
      case MessageType.ATTACHED:
      case MessageType.WAKE:
        return this.#needs(view, rooms) ?? { rule: 'ring-no-wake', message: `${TYPES[type]?.name} came in the ring` }
      default:
        return (
          this.#needs(view, rooms) ?? { rule: 'message-direction', message: `a worker takes no ${TYPES[type]?.name}` }
        )
    }
  }

  /** The first message is WELCOME or GOODBYE. */
  #takeFirst(view: MessageView): Verdict | undefined {
    if (view.type === MessageType.GOODBYE && !this.#span.open) {
      this.#ended = true
      this.#listener.onGoodbye(view.body.slice(), view.status)
      return undefined
    }
    if (view.type !== MessageType.WELCOME && !this.#span.open) {
      return { rule: 'handshake-engine-waits', message: `${TYPES[view.type]?.name} came before WELCOME` }
    }
    const body = this.#span.take(view)
    if (body === undefined || 'rule' in body) return body
    const rooms = this.#listener.onWelcome(body)
    if ('rule' in rooms) return rooms
    this.#rooms = rooms
    return undefined
  }

  /** With rings, ATTACHED is the first message after WELCOME (rule `ring-attached`). */
  #takeAttached(view: MessageView, rings: RingSwitch): Verdict | undefined {
    if (view.type !== MessageType.ATTACHED) {
      const message = `${TYPES[view.type]?.name} came after WELCOME, where ATTACHED belongs`
      return { rule: 'ring-attached', message }
    }
    this.#attached = true
    rings.switchIn()
    return undefined
  }

  #takeError(view: MessageView, rooms: Rooms): Verdict | undefined {
    const body = this.#span.take(view)
    if (body === undefined || 'rule' in body) return body
    return rooms.caller.error(view.callId, view.status, body, view)
  }

  #takeCode(view: MessageView): Verdict | undefined {
    const body = this.#span.take(view)
    if (body === undefined || 'rule' in body) return body
    return view.type === MessageType.LOAD ? this.#listener.onLoad(body) : this.#listener.onLoaded(body)
  }

  #needs(view: MessageView, rooms: Rooms): Verdict | undefined {
    const feature: FeatureName | undefined = TYPES[view.type]?.feature
    if (feature === undefined || rooms.features.has(feature)) return undefined
    return {
      rule: 'feature-accepted',
      message: `${TYPES[view.type]?.name} came, but WELCOME did not accept ${feature}`,
    }
  }
}

/** An outcome is sent by the callee, so the engine sends none for a call that it started itself. */
function notCallee(view: MessageView): Verdict | undefined {
  if ((view.callId & 1) !== 0) return undefined
  const message = `${TYPES[view.type]?.name} came for call ${view.callId}, which the engine started itself`
  return { rule: 'call-callee-answers', message }
}

function notCaller(view: MessageView): Verdict {
  return { rule: 'call-caller-cancels', message: `CANCEL came for call ${view.callId}, which this worker started` }
}
