import {
  ACCEPT,
  ColdSpan,
  type FeatureName,
  Flag,
  IGNORE,
  judge,
  MessageType,
  type MessageView,
  TYPES,
  type Verdict,
} from '@millrace/protocol'
import { decodePrefixed, encodePrefixed, HelloSchema, spanMessages, WelcomeSchema } from '@millrace/protocol/cold'
import { LINK_CALLS_MAX, OPEN_FILES_BYTES_MAX, OUTBOX_CALLS_ASSUMED, OUTBOX_MESSAGES_SPARE } from '../base/limits.ts'
import { Channel, type ChannelListener } from '../channel/channel.ts'
import { writeGoodbye } from '../worker/call-messages.ts'
import { readGoodbye } from '../worker/cold-bodies.ts'
import { flagRefused } from '../worker/exchange-faults.ts'
import { MadeCalls } from '../worker/made-calls.ts'
import { Questions } from '../worker/questions.ts'
import type { LinkPipes } from '../world.ts'
import { CrossingDoor } from './crossing-door.ts'
import type { LinkParts } from './link-parts.ts'

/** What this engine offers on a link. Calls the other way go over a link of their own. */
const FEATURES: readonly FeatureName[] = ['streaming']

/**
 * The worker's role on a link: another engine calls the functions of this one. For this engine they are calls that somebody
 * makes over a channel, as those of its own workers are.
 */
export class LinkServer implements ChannelListener {
  /** The shard that calls. */
  readonly from: number
  readonly #parts: LinkParts
  readonly #channel: Channel
  readonly #made: MadeCalls
  readonly #questions: Questions
  readonly #door: CrossingDoor
  readonly #span = new ColdSpan()
  #welcomed = false
  #over = false

  /** Says HELLO. `token`: of the offer. `functions`: of this engine, all of them. */
  constructor(
    from: number,
    parts: LinkParts,
    pipes: LinkPipes,
    token: string,
    functions: readonly { readonly name: string; readonly timeoutUs: number }[],
  ) {
    this.from = from
    this.#parts = parts
    const { calls, clock, registry, settings, metrics, flusher } = parts
    const { depthMax, payloadBytesMax } = settings
    const outboxMax = (OUTBOX_CALLS_ASSUMED + LINK_CALLS_MAX) * 34 + OUTBOX_MESSAGES_SPARE
    this.#channel = new Channel(pipes.output, pipes.input, this, flusher, metrics, outboxMax)
    this.#questions = new Questions(this.#channel)
    this.#door = new CrossingDoor(calls, registry, { depthMax, payloadBytesMax })
    const terms = {
      concurrency: 0,
      maxCalls: 0,
      maxOpenInvokes: LINK_CALLS_MAX,
      payloadBytesMax,
      functionIds: new Set<number>(),
      streaming: true,
      internalCalls: true,
      payloads: undefined,
      openFilesBytesMax: OPEN_FILES_BYTES_MAX,
    }
    this.#made = new MadeCalls(this.#channel, calls, clock, this.#door, terms, noCalls)
    this.#channel.open()
    const hello = encodePrefixed(HelloSchema, {
      token,
      functions: [...functions],
      features: [...FEATURES],
      maxCalls: LINK_CALLS_MAX,
      software: { name: '@millrace/engine', language: 'typescript' },
    })
    this.#channel.sendAll(spanMessages(MessageType.HELLO, hello, () => {}))
    flusher.ask()
  }

  /** Lets the link go: calls that came over it have lost their caller. Doing so twice is allowed. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#channel.close()
    this.#made.end()
    this.#parts.flusher.ask()
  }

  // ——— ChannelListener ———

  onMessage(view: MessageView): boolean {
    this.#parts.metrics.messagesIn += 1
    const verdict = judge(view, 'engine')
    if (verdict === IGNORE && !this.#span.open) return true
    const broken = verdict === ACCEPT || verdict === IGNORE ? this.#receive(view) : verdict
    if (broken !== undefined) this.#breach(broken)
    return !this.#over
  }

  onTurn(): void {}

  onEnd(): void {
    this.close()
  }

  onBreach(broken: Verdict): void {
    this.#breach(broken)
  }

  onOverflow(): void {
    this.#breach({ rule: 'channel-read', message: 'the other engine asks and does not read: the outbox is full' })
  }

  // ——— Inside ———

  #receive(view: MessageView): Verdict | undefined {
    const type = view.type
    if (this.#span.open || TYPES[type]!.spans) return this.#receiveCold(view, type)
    if (type === MessageType.GOODBYE) return this.#receiveGoodbye(view)
    if (!this.#welcomed) return { rule: 'handshake-hello-first', message: `${TYPES[type]!.name} came before WELCOME` }
    const made = this.#made
    switch (type) {
      case MessageType.INVOKE:
        if ((view.flags & Flag.PAYLOAD_FILE) !== 0) return flagRefused(view)
        return made.receiveInvoke(view)
      case MessageType.DATA:
        return this.#known(made.receiveData(view), view, 'DATA')
      case MessageType.WINDOW:
        return this.#known(made.receiveWindow(view), view, 'WINDOW')
      case MessageType.CANCEL:
        return this.#known(made.receiveCancel(view), view, 'CANCEL')
      case MessageType.PING:
        return this.#questions.ping(view, made.size)
      default:
        return { rule: 'message-direction', message: `an engine may not send ${TYPES[type]!.name} over a link` }
    }
  }

  #receiveCold(view: MessageView, type: number): Verdict | undefined {
    const body = this.#span.take(view)
    if (body === undefined) return undefined
    if (!(body instanceof Uint8Array)) return body
    const welcome = type === MessageType.WELCOME && !this.#welcomed ? decodePrefixed(WelcomeSchema, body) : undefined
    if (welcome === undefined) {
      return { rule: 'message-direction', message: `an engine may not send ${TYPES[type]!.name} over a link now` }
    }
    this.#welcomed = true
    this.#door.welcomed(welcome.functions)
    return undefined
  }

  #receiveGoodbye(view: MessageView): Verdict | undefined {
    const goodbye = readGoodbye(view)
    if ('rule' in goodbye) return goodbye
    this.#parts.warn(this.from, `it ended the link: ${goodbye.message}`)
    this.close()
    return undefined
  }

  /** A message for a call that is not open: dropped when it was, the end of the link when it never was. */
  #known(broken: Verdict | undefined | 'late', view: MessageView, what: string): Verdict | undefined {
    if (broken !== 'late') return broken
    if (this.#made.neverMade(view.callId)) {
      return { rule: 'call-id-known', message: `${what} for call ${view.callId}, which never was` }
    }
    this.#parts.metrics.messagesLate += 1
    return undefined
  }

  #breach(broken: Verdict): void {
    if (this.#over) return
    this.#parts.metrics.protocolErrors += 1
    this.#parts.warn(this.from, `${broken.message} (rule ${broken.rule})`)
    writeGoodbye(this.#channel, 'protocol_error', broken.message, broken.rule)
    this.close()
  }
}

/** A link's calls have their parents on the other engine. */
const noCalls = { heldCall: () => undefined, neverHeld: () => false }
