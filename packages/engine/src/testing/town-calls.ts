/** The calls of a town's worker: one that it runs, and one that it makes. */
import { BODY_BYTES, CREDIT_MAX, MessageType, type MessageView, type ReasonName } from '@millrace/protocol'
import { decodeFailure } from '@millrace/protocol/cold'
import type { Dice } from './schedule.ts'
import type { ScriptedWorker } from './scripted-worker.ts'
import { TownFault, type TownLedger } from './town-ledger.ts'

/** DATA that may still come in one direction. */
class Credit {
  #left = CREDIT_MAX
  #owed = 0

  /** One DATA came. */
  take(what: string): void {
    this.#left -= 1
    this.#owed += 1
    if (this.#left < 0) throw new TownFault(`the engine sent DATA of ${what} without credit`)
  }

  /** How much may be granted now; it counts as granted. */
  grant(): number {
    const grant = this.#owed
    this.#owed = 0
    this.#left += grant
    return grant
  }
}

/** A call that the worker runs. */
export class ServedCall {
  readonly id: number
  readonly #script: ScriptedWorker
  readonly #ledger: TownLedger
  readonly #ended: () => void
  readonly #input: Uint8Array[] = []
  readonly #inputCredit = new Credit()
  #inputOpen = true
  #outputCredit = CREDIT_MAX
  #output = new Uint8Array(0)
  #sent = 0
  #flowing = false
  #dice: Dice | undefined
  /** Its fate is sealed. */
  decided = false
  /** It waits for CANCEL. */
  hangs = false
  open = true

  constructor(id: number, script: ScriptedWorker, ledger: TownLedger, ended: () => void) {
    this.id = id
    this.#script = script
    this.#ledger = ledger
    this.#ended = ended
  }

  /** INVOKE or DATA came. */
  take(view: MessageView): void {
    if (!this.#inputOpen) throw new TownFault(`DATA came after the end of the input of call ${this.id}`)
    if (view.type === MessageType.DATA) this.#inputCredit.take(`the input of call ${this.id}`)
    this.#input.push(view.body.slice())
    this.#inputOpen = view.more
    if (!view.more) this.#ledger.received(Buffer.concat(this.#input))
  }

  grantAll(): void {
    const grant = this.open && this.#inputOpen ? this.#inputCredit.grant() : 0
    if (grant > 0) this.#script.window(this.id, grant)
  }

  answer(output: Uint8Array<ArrayBuffer>, streaming: boolean, dice: Dice): void {
    if (!this.open) return
    const inline = output.length <= BODY_BYTES
    if (!inline && !streaming) {
      this.fail('payload_too_large')
      return
    }
    if (inline && (!streaming || dice.once(2))) {
      this.#settle(output)
      this.#script.result(this.id, output)
      this.#end()
      return
    }
    this.#output = output
    this.#sent = Math.min(output.length, dice.below(BODY_BYTES + 1))
    this.#flowing = true
    this.#dice = dice
    this.#script.begin(this.id, output.subarray(0, this.#sent), dice.once(2) ? output.length : undefined)
    this.#flow()
  }

  fail(reason: ReasonName): void {
    if (!this.open) return
    this.#script.error(this.id, reason, `call ${this.id} failed as the dice said`)
    this.#end()
  }

  /** The caller grants credit for the output. */
  granted(credit: number): void {
    this.#outputCredit += credit
    if (this.#outputCredit > CREDIT_MAX) throw new TownFault(`call ${this.id} was granted credit above ${CREDIT_MAX}`)
    if (this.#flowing) this.#flow()
  }

  #flow(): void {
    while (this.open && this.#outputCredit > 0 && this.#output.length - this.#sent > 0) {
      const rest = this.#output.length - this.#sent
      if (rest <= BODY_BYTES && this.#dice!.once(2)) break
      const length = Math.min(rest, this.#dice!.once(6) ? 1 + this.#dice!.below(BODY_BYTES) : BODY_BYTES)
      this.#script.data(this.id, this.#output.subarray(this.#sent, this.#sent + length), true)
      this.#sent += length
      this.#outputCredit -= 1
    }
    const rest = this.#output.length - this.#sent
    if (!this.open || rest > BODY_BYTES) return
    this.#settle(this.#output)
    this.#script.finish(this.id, this.#output.subarray(this.#sent), this.#output.length)
    this.#end()
  }

  #settle(output: Uint8Array): void {
    const first = this.#input[0]
    if (first !== undefined) this.#ledger.answered(this.#ledger.numberOf(first), output)
  }

  #end(): void {
    this.open = false
    this.#ended()
  }
}

/** A call that the worker makes. */
export class MadeCall {
  readonly #script: ScriptedWorker
  readonly #ledger: TownLedger
  readonly #number: number
  readonly #input: Uint8Array
  readonly #done: () => void
  readonly #output: Uint8Array[] = []
  readonly #outputCredit = new Credit()
  #inputCredit = CREDIT_MAX
  #sent = 0
  #inputOpen = false
  id = 0
  open = true

  constructor(
    script: ScriptedWorker,
    ledger: TownLedger,
    input: { readonly number: number; readonly bytes: Uint8Array },
    done: () => void,
  ) {
    this.#script = script
    this.#ledger = ledger
    this.#number = input.number
    this.#input = input.bytes
    this.#done = done
  }

  /** Sends INVOKE, and DATA for what does not fit it. Returns the call id. */
  start(functionId: number, parent: number, timeoutUs: number): number {
    this.#sent = Math.min(this.#input.length, BODY_BYTES)
    this.#inputOpen = this.#sent < this.#input.length
    const head = this.#input.subarray(0, this.#sent)
    this.id = this.#script.invoke(functionId, head, parent, timeoutUs, this.#inputOpen)
    this.#flow()
    return this.id
  }

  /** A message of the engine about it. True: it was the final one. */
  receive(view: MessageView): boolean {
    switch (view.type) {
      case MessageType.WINDOW:
        this.#inputCredit += view.credit
        if (this.#inputCredit > CREDIT_MAX)
          throw new TownFault(`call ${this.id} was granted credit above ${CREDIT_MAX}`)
        this.#flow()
        return false
      case MessageType.DATA: {
        this.#outputCredit.take(`the output of call ${this.id}`)
        this.#output.push(view.body.slice())
        this.#script.window(this.id, this.#outputCredit.grant())
        return false
      }
      case MessageType.RESULT:
        this.#output.push(view.body.slice())
        if (view.more) return false
        this.#ledger.arrived(this.#number, Buffer.concat(this.#output))
        break
      case MessageType.ERROR:
        if (view.more) return false
        this.#ledger.told.add(decodeFailure(view.body, view.status)?.reason ?? 'what is no Failure')
        break
      default:
        throw new TownFault(`the engine sent ${view.toString()} for a call that the worker made`)
    }
    this.open = false
    this.#done()
    return true
  }

  #flow(): void {
    while (this.open && this.#inputOpen && this.#inputCredit > 0) {
      const part = this.#input.subarray(this.#sent, this.#sent + BODY_BYTES)
      this.#sent += part.length
      this.#inputOpen = this.#sent < this.#input.length
      this.#inputCredit -= 1
      this.#script.data(this.id, part, this.#inputOpen)
    }
  }
}
