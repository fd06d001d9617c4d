/** What a zygote says of its forks, held against what it was asked. */
import { MessageType, type MessageView, type Verdict } from '@millrace/protocol'
import type { Hello } from '@millrace/protocol/cold-protobuf'

export class ForkWatch {
  #open = 0
  readonly #living = new Set<number>()

  /** FORK was sent. */
  sent(): void {
    this.#open += 1
  }

  /** FORKED or EXITED came. Gives the rule that it breaks. */
  received(view: MessageView): Verdict | undefined {
    const { type, pid, status } = view
    if (type === MessageType.EXITED) {
      if (this.#living.delete(pid)) return undefined
      return { rule: 'fork-exited', message: `EXITED names ${pid}, which is no forked worker that lives` }
    }
    if (this.#open === 0) return { rule: 'fork-answered', message: 'FORKED answers no open FORK' }
    this.#open -= 1
    if ((pid === 0) === (status === 0)) {
      return { rule: 'fork-failed', message: `FORKED has pid ${pid} and status ${status}` }
    }
    if (status === 0) this.#living.add(pid)
    return undefined
  }
}

/** A zygote has no functions of its own. */
export function judgeZygote({ features, functions }: Hello): Verdict | undefined {
  if (!features.includes('fork') || functions.length === 0) return undefined
  return { rule: 'fork-no-functions', message: `HELLO offers fork and names ${functions[0]!.name}` }
}
