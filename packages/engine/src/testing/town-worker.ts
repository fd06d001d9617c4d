/** A worker of a simulated town: behaves as its dice say, well or badly, and watches that the engine keeps the rules. */
import { ACCEPT, judge, MessageType, type MessageView, TYPES } from '@millrace/protocol'
import type { Dice } from './schedule.ts'
import { type ScriptedWorker, set } from './scripted-worker.ts'
import { MadeCall, ServedCall } from './town-calls.ts'
import { TownFault, type TownLedger } from './town-ledger.ts'

/** What a worker knows of its town. */
export interface TownStreet {
  readonly dice: Dice
  readonly ledger: TownLedger
  /** Names of all functions, some of them of nobody. */
  readonly names: readonly string[]
  /** Runs something some turns later. */
  later(turns: number, run: () => void): void
}

/** How a worker is, for its whole life. */
export interface Temper {
  readonly functions: readonly string[]
  readonly features: readonly string[]
  readonly maxCalls: number
  /** Of a hundred calls, how many it uses to do something bad to itself or the channel. */
  readonly mischief: number
}

const OUTPUT_SIZES = [0, 4, 50, 959, 960, 961, 3_000, 20_000, 90_000]
const INPUT_SIZES = [0, 5, 300, 960, 961, 4_000, 50_000]

export class TownWorker {
  readonly script: ScriptedWorker
  readonly #street: TownStreet
  readonly #temper: Temper
  readonly #served = new Map<number, ServedCall>()
  readonly #made = new Map<number, MadeCall>()
  readonly #ids = new Map<string, number>()
  #leaving = false
  #gone = false
  #welcome = false

  constructor(script: ScriptedWorker, street: TownStreet, temper: Temper) {
    this.script = script
    this.#street = street
    this.#temper = temper
    script.onMessage = (view) => this.#receive(view)
    script.onEnd = () => this.#exit(69)
    if (street.dice.once(60)) this.#exit(3)
    else script.hello({ functions: temper.functions, features: temper.features, maxCalls: temper.maxCalls })
  }

  get streaming(): boolean {
    return this.#temper.features.includes('streaming')
  }

  #receive(view: MessageView): void {
    if (this.#gone) return
    const { ledger } = this.#street
    ledger.note(`${this.script.process.request.program} ${this.script.process.request.workerId} got ${view.toString()}`)
    const verdict = judge(view, 'engine')
    if (verdict !== ACCEPT) throw new TownFault(`the engine broke ${JSON.stringify(verdict)} with ${view.toString()}`)
    if (!this.#welcome && view.type !== MessageType.WELCOME && view.type !== MessageType.GOODBYE) {
      throw new TownFault(`${view.toString()} came before WELCOME`)
    }
    switch (view.type) {
      case MessageType.WELCOME:
        this.#welcome = true
        break
      case MessageType.GOODBYE:
        this.#exit(76)
        break
      case MessageType.DRAIN:
        this.#leaving = true
        this.#leaveWhenIdle()
        break
      case MessageType.INVOKE:
        this.#serve(view)
        break
      case MessageType.RESOLVED:
        if (view.status === 0) this.#ids.set(Buffer.from(view.body).toString(), view.functionId)
        break
      case MessageType.PONG:
      case MessageType.PING:
        break
      default:
        this.#aboutCall(view)
    }
  }

  #aboutCall(view: MessageView): void {
    if ((view.callId & 1) === 0) {
      const call = this.#served.get(view.callId)
      if (call === undefined) return
      if (view.type === MessageType.DATA) this.#input(call, view)
      else if (view.type === MessageType.WINDOW) call.granted(view.credit)
      else if (view.type === MessageType.CANCEL) this.#cancelled(call)
      else throw new TownFault(`the engine sent ${view.toString()} for a call that it started`)
      return
    }
    const call = this.#made.get(view.callId)
    if (call === undefined) {
      if (view.type === MessageType.WINDOW || view.type === MessageType.DATA) return
      throw new TownFault(`a second final message for call ${view.callId}: ${TYPES[view.type]?.name}`)
    }
    if (call.receive(view)) this.#made.delete(view.callId)
  }

  #serve(view: MessageView): void {
    const { dice } = this.#street
    if (this.#served.size >= this.#temper.maxCalls) {
      throw new TownFault(`INVOKE ${view.callId} came with ${this.#served.size} calls open`)
    }
    if (!this.streaming && view.more) throw new TownFault('INVOKE with MORE came without streaming')
    if (this.#leaving || dice.once(40)) {
      this.script.error(view.callId, this.#leaving ? 'draining' : dice.pick(['draining', 'overloaded'] as const), 'no')
      return
    }
    const call = new ServedCall(view.callId, this.script, this.#street.ledger, () => this.#ended(call))
    this.#served.set(view.callId, call)
    call.take(view)
    if (!view.more || dice.once(6)) this.#decide(call)
  }

  #input(call: ServedCall, view: MessageView): void {
    call.take(view)
    if (call.decided) return
    if (!view.more) this.#decide(call)
    else if (!this.#street.dice.once(8)) call.grantAll()
    else this.#street.later(5, () => call.grantAll())
  }

  /** What becomes of a call whose input is complete, or of which enough was seen. */
  #decide(call: ServedCall): void {
    const { dice } = this.#street
    call.decided = true
    if (dice.below(100) < this.#temper.mischief) {
      this.#misbehave(call)
      return
    }
    const fate = dice.below(20)
    if (fate < 9) this.#answer(call)
    else if (fate < 12) this.#street.later(dice.below(40), () => this.#answer(call))
    else if (fate < 14) call.fail(dice.pick(['handler_error', 'bad_input', 'queue_full'] as const))
    else if (fate < 19) this.#invoke(call, dice.below(3))
    else call.hangs = !dice.once(3) // Until CANCEL; one in three not even then.
  }

  #answer(call: ServedCall): void {
    const { dice } = this.#street
    if (this.#gone || !call.open) return
    const output = new Uint8Array(dice.pick(OUTPUT_SIZES))
    for (let i = 0; i < output.length; i += 1) output[i] = dice.u32()
    call.answer(output, this.streaming, dice)
  }

  /** Makes internal calls, one after the other, then answers. */
  #invoke(call: ServedCall, more: number): void {
    const { dice, ledger, names } = this.#street
    if (this.#gone || !call.open) return
    const name = dice.pick(names)
    const functionId = this.#ids.get(name) ?? this.script.ids.get(name)
    if (!this.#temper.features.includes('internal-calls')) {
      this.#answer(call)
      return
    }
    if (functionId === undefined) {
      this.script.resolve(name)
      this.#street.later(dice.below(30), () => this.#invoke(call, more))
      if (dice.once(4)) this.#ids.set(name, 1 + dice.below(40))
      return
    }
    const sizes = this.streaming ? INPUT_SIZES : INPUT_SIZES.filter((size) => size <= 960)
    const input = ledger.input(dice.pick(sizes), () => dice.u32())
    const timeout = dice.pick([0, 0, 1, 100, 20_000, 2_000_000])
    const parent = dice.once(6) ? 0 : call.id
    const made = new MadeCall(this.script, ledger, input, () => {
      if (more > 0) this.#invoke(call, more - 1)
      else this.#answer(call)
    })
    this.#made.set(made.start(functionId, parent, timeout), made)
    if (dice.once(5)) this.#street.later(dice.below(25), () => made.open && this.script.cancel(made.id))
    if (dice.once(8)) this.#answer(call) // Ends before what it made.
  }

  #cancelled(call: ServedCall): void {
    if (call.hangs || this.#street.dice.once(2)) call.fail('cancelled')
  }

  #misbehave(call: ServedCall): void {
    const { dice } = this.#street
    const { process } = this.script
    switch (dice.below(10)) {
      case 0:
        process.exit(dice.below(2))
        this.#gone = true
        break
      case 1:
        process.exit(null, 'SIGKILL')
        this.#gone = true
        break
      case 2:
        this.script.sendBytes(Uint8Array.from({ length: 1 + dice.below(3_000) }, () => dice.u32()))
        break
      case 3: {
        // Of a call that was or never was.
        const id = 2 * (1 + dice.below(2_000))
        this.script.result(this.#served.has(id) ? id + 4_000 : id, new Uint8Array(3))
        break
      }
      case 4:
        process.pause(true)
        this.#street.later(50 + dice.below(300), () => process.pause(false))
        this.#answer(call)
        break
      case 5:
        for (let i = 0; i < 300; i += 1) this.script.send(MessageType.PING, set({ nonce: i }))
        this.#answer(call)
        break
      case 6:
        this.#leaving = true
        this.#answer(call)
        break
      case 7:
        process.output.close() // Nothing more can be heard of it, and it lives on.
        break
      case 8:
        if (this.#temper.features.includes('capacity')) {
          this.script.send(MessageType.CAPACITY, set({ capacity: dice.below(this.#temper.maxCalls + 2) }))
          this.#street.later(60, () => this.#gone || this.script.send(MessageType.CAPACITY, set({ capacity: 99 })))
        }
        this.#answer(call)
        break
      default:
        process.pause(true) // For good.
    }
  }

  #ended(call: ServedCall): void {
    this.#served.delete(call.id)
    this.#leaveWhenIdle()
  }

  #leaveWhenIdle(): void {
    if (!this.#leaving || this.#gone || this.#served.size > 0) return
    this.#gone = true
    this.script.leave()
  }

  #exit(code: number): void {
    this.#gone = true
    this.script.process.exit(code)
  }
}
