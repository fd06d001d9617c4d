import { MessageType, type MessageView, type Verdict } from '@millrace/protocol'
import { OPEN_PINGS_MAX, OPEN_RESOLVES_MAX } from '../base/limits.ts'
import type { Channel } from '../channel/channel.ts'
import { Answers } from '../channel/outbox.ts'

/** What a worker asks that is no call, RESOLVE and PING, within the bounds of WELCOME: a place frees when the answer is written. */
export class Questions {
  readonly #channel: Channel
  #openResolves = 0

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** RESOLVE came. `ask`: looks the name up; the answer comes by `resolved`. The rule that it breaks, if any. */
  resolve(view: MessageView, ask: (name: string) => void): Verdict | undefined {
    const open = this.#openResolves + this.#channel.unwritten(Answers.resolve)
    if (open >= OPEN_RESOLVES_MAX) {
      return { rule: 'limit-open-resolves', message: `${open} RESOLVEs are open already, which is max_open_resolves` }
    }
    this.#openResolves += 1
    ask(Buffer.from(view.body).toString('utf8'))
    return undefined
  }

  /** Writes RESOLVED. `id` 0: no such function. */
  resolved(name: string, id: number): void {
    this.#openResolves -= 1
    const body = Buffer.from(name)
    const message = this.#channel.claim(MessageType.RESOLVED)
    message.functionId = id
    message.status = id === 0 ? 5 : 0
    message.copyBody(body, 0, body.length)
    this.#channel.commit(body.length, Answers.resolve)
  }

  /** PING came; `running`: calls that the worker has. The rule that it breaks, if any. */
  ping(view: MessageView, running: number): Verdict | undefined {
    const open = this.#channel.unwritten(Answers.ping)
    if (open >= OPEN_PINGS_MAX) {
      return { rule: 'limit-open-pings', message: `${open} PINGs are open already, which is max_open_pings` }
    }
    const message = this.#channel.claim(MessageType.PONG)
    message.nonce = view.nonce
    message.openCalls = running
    this.#channel.commit(0, Answers.ping)
    return undefined
  }
}
