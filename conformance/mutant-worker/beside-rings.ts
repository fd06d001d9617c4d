/** The pipes of the mutant worker when it has rings: ATTACHED, WAKE, and what may not come there. */
import { judge, MessageType, MessageView, type Verdict } from '@millrace/protocol'
import type { Out } from './out.ts'
import type { Rings } from './rings.ts'
import { is, isLax } from './switch.ts'
import type { MutantWorker } from './worker.ts'

/** In the case about them the first brings a message, and this one finds the worker asleep and nothing new. */
const IDLE_WAKE = 2
const EX_UNAVAILABLE = 69
const EX_PROTOCOL = 76

export class BesideRings {
  readonly #rings: Rings
  readonly #out: Out
  readonly #worker: MutantWorker
  #wakes = 0
  /** ATTACHED of the engine: not awaited yet, or not at all; awaited; here. */
  #state: 'none' | 'due' | 'here' = 'none'

  constructor(rings: Rings, out: Out, worker: MutantWorker, leave: (code: number) => void) {
    this.#rings = rings
    this.#out = out
    this.#worker = worker
    worker.onRings = () => this.#begin()
    rings.onNonsense = (sending) => {
      if (sending) leave(is('ring-nonsense-exit-69') ? EX_UNAVAILABLE : EX_PROTOCOL)
      else worker.breach({ rule: 'ring-indices', message: 'a tail' })
    }
  }

  /** A message that came by the pipe. */
  onMessage(view: MessageView): boolean {
    if (this.#worker.over) return false
    if (this.#state === 'none') return this.#worker.onMessage(view)
    const verdict = judge(view, 'engine')
    const broken = typeof verdict === 'object' && !isLax(verdict.rule) ? verdict : this.#take(view)
    if (broken !== undefined) this.#worker.breach(broken)
    return !this.#worker.over
  }

  /** The pipe has ended: what lies in the ring comes first. */
  drain(): void {
    if (this.#state === 'here' && !this.#worker.over && !is('ring-undrained')) this.#rings.look()
  }

  #begin(): void {
    this.#state = 'due'
    const early: Uint8Array[] = []
    this.#rings.onMessage = (bytes) => early.push(bytes)
    if (is('ring-taken-early')) this.#rings.look()
    this.#rings.onMessage = (bytes) => this.#fromRing(new MessageView(bytes))
    this.#out.attach(this.#rings)
    for (const bytes of early) this.#fromRing(new MessageView(bytes))
  }

  #take(view: MessageView): Verdict | undefined {
    const { type } = view
    if (this.#state === 'due') {
      if (type === MessageType.ATTACHED) {
        this.#state = 'here'
        if (!is('ring-unlooked-after-attached')) this.#rings.look()
      } else if (!isLax('ring-attached')) return { rule: 'ring-attached', message: view.toString() }
      else this.#worker.onMessage(view)
      return undefined
    }
    if (type === MessageType.WAKE) {
      this.#wakes += 1
      if (is('ring-idle-wake-fatal') && this.#wakes === IDLE_WAKE) return { rule: 'ring-wake-idle', message: 'WAKE' }
      this.#rings.look()
      this.#out.onRoom()
    } else if (!isLax('ring-only')) return { rule: 'ring-only', message: view.toString() }
    else if (type !== MessageType.ATTACHED) this.#worker.onMessage(view)
    return undefined
  }

  #fromRing(view: MessageView): void {
    if (this.#worker.over) return
    const isBeside = view.type === MessageType.ATTACHED || view.type === MessageType.WAKE
    if (!isBeside) this.#worker.onMessage(view)
    else if (!isLax('ring-no-wake')) this.#worker.breach({ rule: 'ring-no-wake', message: view.toString() })
  }
}
