/** A caller from outside: opens calls at the door, gives input and takes output as its dice say, and goes away at times. */
import type { Failure } from '@millrace/protocol/cold'
import type { CallTiming, Door, DoorCall, DoorListener } from '../gateway/door.ts'
import { TownFault } from './town-ledger.ts'
import type { TownStreet } from './town-worker.ts'

const SIZES = [0, 4, 100, 959, 960, 961, 1_920, 5_000, 70_000, 200_000]
const TIMEOUTS_US = [0, 0, 0, 1, 5_000, 300_000, 3_000_000]

/** One external call, from opening to its one outcome. */
export class TownCaller implements DoorListener {
  readonly #street: TownStreet
  readonly #over: () => void
  readonly #input: { readonly number: number; readonly bytes: Uint8Array }
  readonly #announced: boolean
  readonly #output: Uint8Array[] = []
  readonly #greedy: boolean
  #call: DoorCall | undefined
  #given = 0
  #ready = true
  #heads = 0
  #settled = false

  constructor(street: TownStreet, over: () => void) {
    const { dice, ledger } = street
    this.#street = street
    this.#over = over
    this.#input = ledger.input(dice.pick(SIZES), () => dice.u32())
    this.#announced = dice.once(2)
    this.#greedy = !dice.once(10)
  }

  open(door: Door): void {
    const { dice, names } = this.#street
    this.#call = door.open(
      {
        function: dice.pick(names),
        content: dice.below(7),
        priority: dice.below(8),
        timeoutUs: dice.pick(TIMEOUTS_US),
        trace: undefined,
        inputBytes: this.#announced ? this.#input.bytes.length : undefined,
      },
      this,
    )
    this.#step()
  }

  onHead(): void {
    this.#alive('a head')
    this.#heads += 1
    if (this.#heads > 1) throw new TownFault('a call got two heads')
  }

  onOutput(bytes: Uint8Array): void {
    this.#alive('output')
    if (this.#heads === 0) throw new TownFault('output came before the head')
    this.#output.push(bytes.slice())
    const { length } = bytes
    if (this.#greedy) this.#call?.consumed(length)
    else this.#street.later(10, () => this.#settled || this.#call?.consumed(length))
    if (this.#street.dice.once(200)) this.#leave()
  }

  onEnd(timing: CallTiming): void {
    this.#alive('an end')
    this.#settle(timing)
    this.#street.ledger.arrived(this.#input.number, Buffer.concat(this.#output))
    this.#over()
  }

  onFailure(why: Failure, timing: CallTiming): void {
    this.#alive('a failure')
    this.#street.ledger.told.add(why.reason)
    this.#settle(timing)
    this.#over()
  }

  onDrain(): void {
    this.#alive('a drain')
    this.#ready = true
    this.#step()
  }

  #settle({ queueUs, totalUs }: CallTiming): void {
    this.#settled = true
    if (queueUs < 0 || totalUs < queueUs) throw new TownFault(`a call waited ${queueUs} of ${totalUs} µs`)
  }

  #alive(what: string): void {
    if (this.#settled) throw new TownFault(`${what} came after the outcome`)
  }

  #step(): void {
    const { dice } = this.#street
    if (this.#settled || !this.#ready || this.#call === undefined) return
    if (dice.once(60)) {
      this.#leave()
      return
    }
    const { bytes } = this.#input
    if (this.#given === bytes.length) {
      this.#call.end()
      if (dice.once(12)) this.#street.later(dice.below(80), () => this.#leave())
      return
    }
    const part = bytes.subarray(this.#given, this.#given + 1 + dice.below(dice.pick([10, 1_000, 30_000])))
    this.#given += part.length
    this.#ready = this.#call.write(part)
    if (this.#ready) this.#street.later(dice.below(3), () => this.#step())
  }

  /** Goes away; hears nothing any more. */
  #leave(): void {
    if (this.#settled) return
    this.#settled = true
    this.#call?.cancel()
    this.#over()
  }
}
