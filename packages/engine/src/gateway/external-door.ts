import {
  BODY_BYTES,
  Flag,
  MESSAGE_BYTES,
  MessageType,
  type MessageView,
  MessageWriter,
  PAYLOAD_LENGTH_UNKNOWN,
  MessageView as View,
} from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { DOOR_GRANT_MESSAGES, DOOR_INPUT_BYTES_HIGH, DOOR_INPUT_BYTES_MAX } from '../base/limits.ts'
import { type Call, type Caller, CallState } from '../call/call.ts'
import type { CallTable } from '../call/call-table.ts'
import type { Flusher } from '../channel/flusher.ts'
import { type TraceContext, toHex } from '../observe/trace-context.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { Clock } from '../world.ts'
import type { CallTiming, Door, DoorCall, DoorListener, DoorRequest } from './door.ts'
import type { EntryRules } from './inner-gateway.ts'

/** What the door asks of the engine. */
export interface DoorHouse {
  readonly calls: CallTable
  readonly registry: FunctionRegistry
  readonly flusher: Flusher
  readonly clock: Clock
  readonly rules: EntryRules
  /** Why no call may enter now; undefined: it may. */
  closed(): Failure | undefined
}

/** The front door: external calls, from HTTP or from the embedding program, become Calls here. */
export class ExternalDoor implements Door, Caller {
  readonly outputMax = Number.POSITIVE_INFINITY
  readonly #house: DoorHouse
  readonly #open = new Map<number, OpenCall>()
  #lastId = 0

  constructor(house: DoorHouse) {
    this.#house = house
  }

  open(request: DoorRequest, listener: DoorListener): DoorCall {
    const refusal = this.#refusal(request)
    if (refusal !== undefined) return refused(refusal, listener, request.trace)
    const fn = this.#house.registry.byName(request.function)!
    this.#lastId += 1
    const call = this.#house.calls.enter(fn, this, this.#lastId, undefined)
    if (call === undefined) {
      return refused(tooMany, listener, request.trace)
    }
    call.priority = request.priority
    call.content = request.content
    call.inputAnnounced = request.inputBytes ?? PAYLOAD_LENGTH_UNKNOWN
    this.#house.calls.trace(call, undefined)
    if (request.trace !== undefined) {
      call.trace.set(request.trace.traceId, 0)
      call.traceFlags = request.trace.flags
    }
    const open = new OpenCall(call, this.#lastId, listener, this.#house, this.#open)
    this.#open.set(this.#lastId, open)
    this.#house.calls.limit(call, request.timeoutUs)
    return open
  }

  onResult(call: Call, view: MessageView): void {
    this.#open.get(call.callerCallId)?.result(view)
  }

  onData(call: Call, view: MessageView): void {
    this.#open.get(call.callerCallId)?.data(view)
  }

  onFailure(call: Call, why: Failure): void {
    this.#open.get(call.callerCallId)?.failed(why)
  }

  onWindow(call: Call): void {
    this.#open.get(call.callerCallId)?.window()
  }

  #refusal(request: DoorRequest): Failure | undefined {
    const closed = this.#house.closed()
    if (closed !== undefined) return closed
    if (this.#house.registry.byName(request.function) === undefined) {
      return failure('not_found', `there is no function ${JSON.stringify(request.function)}`)
    }
    const max = this.#house.rules.payloadBytesMax
    if (request.inputBytes !== undefined && request.inputBytes > max) {
      return failure('payload_too_large', `the payload has ${request.inputBytes} bytes, above ${max}`)
    }
    return undefined
  }
}

/** One open external call. Holds the `Call` only until it is settled. */
class OpenCall implements DoorCall {
  readonly traceId: string
  readonly spanId: string
  readonly #id: number
  readonly #listener: DoorListener
  readonly #house: DoorHouse
  readonly #table: Map<number, OpenCall>
  #call: Call | undefined
  /** Bytes of the whole input; undefined: not known before its end. */
  readonly #announced: number | undefined
  /** Bytes of input that were given. */
  #given = 0
  /** Input that was given and not sent yet. */
  #chunks: Uint8Array[] = []
  #held = 0
  #ended = false
  #dispatched = false
  #choked = false
  #outputStarted = false
  /** Bytes of each output message that is not wholly consumed, oldest first, and the credit that it gives back. */
  readonly #unconsumed: { bytes: number; readonly credit: number }[] = []
  /** Credit of consumed messages that no WINDOW has given back yet. */
  #freed = 0

  constructor(call: Call, id: number, listener: DoorListener, house: DoorHouse, table: Map<number, OpenCall>) {
    this.#call = call
    this.#id = id
    this.#listener = listener
    this.#house = house
    this.#table = table
    this.#announced = call.inputAnnounced === PAYLOAD_LENGTH_UNKNOWN ? undefined : call.inputAnnounced
    this.traceId = toHex(call.trace, 0, 16)
    this.spanId = toHex(call.trace, 16, 24)
  }

  // ——— DoorCall ———

  write(bytes: Uint8Array): boolean {
    const call = this.#call
    if (call === undefined || this.#ended || bytes.length === 0) return true
    this.#given += bytes.length
    const fault = this.#fault(call, this.#held + bytes.length)
    if (fault !== undefined) {
      this.#give(fault)
      return true
    }
    this.#chunks.push(new Uint8Array(bytes)) // Not `slice`: of a Buffer that is no copy.
    this.#held += bytes.length
    this.#pump()
    this.#choked = this.#held > DOOR_INPUT_BYTES_HIGH
    return !this.#choked
  }

  end(): void {
    if (this.#call === undefined || this.#ended) return
    this.#ended = true
    if (this.#announced !== undefined && this.#given !== this.#announced) {
      this.#give(failure('bad_input', `the payload has ${this.#given} bytes, but ${this.#announced} were announced`))
      return
    }
    this.#pump()
  }

  consumed(bytes: number): void {
    const call = this.#call
    if (call === undefined) return
    let rest = bytes
    while (rest > 0 && this.#unconsumed.length > 0) {
      const oldest = this.#unconsumed[0]!
      const part = Math.min(rest, oldest.bytes)
      rest -= part
      oldest.bytes -= part
      if (oldest.bytes > 0) break
      this.#freed += oldest.credit
      this.#unconsumed.shift()
    }
    // While fewer are free, the callee has at least as much credit left.
    if (this.#freed < DOOR_GRANT_MESSAGES) return
    const grant = this.#freed
    this.#freed = 0
    call.outputCredit += grant
    if (call.state === CallState.running) call.callee?.sendWindow(call, grant)
    this.#house.flusher.ask()
  }

  cancel(): void {
    const call = this.#call
    if (call === undefined) return
    this.#forget()
    this.#house.calls.callerGone(call)
    this.#house.flusher.ask()
  }

  // ——— What comes back ———

  result(view: MessageView): void {
    const more = view.more
    if (!this.#outputStarted) {
      this.#outputStarted = true
      const length = view.payloadLength
      this.#listener.onHead(view.content, length === PAYLOAD_LENGTH_UNKNOWN ? undefined : length)
      if (this.#call === undefined) return // It went away: it hears nothing more.
    }
    if (view.bodyLength > 0) {
      if (more) this.#unconsumed.push({ bytes: view.bodyLength, credit: 0 })
      this.#listener.onOutput(view.body)
    }
    if (more || this.#call === undefined) return
    const timing = this.#timing()
    this.#forget()
    this.#listener.onEnd(timing)
  }

  data(view: MessageView): void {
    this.#unconsumed.push({ bytes: view.bodyLength, credit: 1 })
    this.#listener.onOutput(view.body)
  }

  failed(why: Failure): void {
    const timing = this.#timing()
    this.#forget()
    this.#listener.onFailure(why, timing)
  }

  window(): void {
    this.#pump()
    if (this.#choked && this.#call !== undefined && this.#held <= DOOR_INPUT_BYTES_HIGH / 2) {
      this.#choked = false
      this.#listener.onDrain()
    }
  }

  // ——— Inside ———

  /** Sends what may be sent: the first 960 bytes (or all) as INVOKE, the rest as DATA while there is credit. */
  #pump(): void {
    const call = this.#call
    if (call === undefined) return
    if (!this.#dispatched) {
      // Exactly one message full may be all there is: more than that, or the end, tells.
      if (!this.#whole && this.#held <= BODY_BYTES) return
      this.#dispatched = true
      const length = this.#take()
      const more = !(this.#whole && this.#held === 0)
      if (call.inputAnnounced === PAYLOAD_LENGTH_UNKNOWN && !more) call.inputAnnounced = length
      head.begin(MessageType.INVOKE)
      if (more) head.flags = Flag.MORE
      head.payloadLength = call.inputAnnounced
      head.end(length, BODY_BYTES)
      call.inputOpen = more
      call.inputBytes = length
      call.keep(headView)
      call.fn.dispatcher.submit(call)
      this.#house.flusher.ask()
    }
    while (this.#call !== undefined && call.inputOpen && call.inputCredit > 0) {
      if (this.#held < BODY_BYTES && !this.#whole) break
      this.#sendData(call)
    }
  }

  /** Sends one DATA. */
  #sendData(call: Call): void {
    const length = this.#take()
    const more = !(this.#whole && this.#held === 0)
    call.inputBytes += length
    call.inputCredit -= 1
    call.inputOpen = more
    head.begin(MessageType.DATA)
    if (more) head.flags = Flag.MORE
    head.end(length, BODY_BYTES)
    if (call.state === CallState.waiting) call.held.push(headView.whole.slice())
    else call.callee?.sendData(call, headView)
    this.#house.flusher.ask()
  }

  /** All of the input was given. */
  get #whole(): boolean {
    return this.#ended || this.#given === this.#announced
  }

  /** What is wrong with the input so far, of which `held` bytes wait here; undefined: nothing. */
  #fault(call: Call, held: number): Failure | undefined {
    const max = this.#house.rules.payloadBytesMax
    if (this.#announced !== undefined && this.#given > this.#announced) {
      return failure('bad_input', `the payload has ${this.#given} bytes, but ${this.#announced} were announced`)
    }
    if (this.#given > max) {
      return failure('payload_too_large', `the payload is over ${max} bytes, the engine's payload limit`)
    }
    if (held <= DOOR_INPUT_BYTES_MAX) return undefined
    const text = `${DOOR_INPUT_BYTES_MAX} bytes wait for ${call.fn.name}: heed the answer of write`
    return failure('payload_too_large', text)
  }

  /** Moves up to 960 held bytes into the head's body. Returns how many. */
  #take(): number {
    let length = 0
    while (length < BODY_BYTES && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!
      const part = Math.min(BODY_BYTES - length, chunk.length)
      head.bytes.set(chunk.subarray(0, part), 64 + length)
      length += part
      if (part === chunk.length) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(part)
    }
    this.#held -= length
    return length
  }

  /** Ends the call for a fault on this side of it. */
  #give(why: Failure): void {
    const call = this.#call!
    this.#house.calls.giveUp(call, why)
    this.#house.flusher.ask()
  }

  #timing(): CallTiming {
    const call = this.#call!
    const now = this.#house.clock.nowUs()
    const queued = call.dispatchedUs === 0 ? now : call.dispatchedUs
    return { queueUs: queued - call.enteredUs, runUs: call.runUs, totalUs: now - call.enteredUs }
  }

  #forget(): void {
    this.#call = undefined
    this.#chunks = []
    this.#held = 0
    this.#table.delete(this.#id)
  }
}

/** One message at a time is on its way from the door to a worker's outbox, so one buffer serves all calls. */
const headBytes = new Uint8Array(MESSAGE_BYTES)
const head = new MessageWriter(headBytes)
const headView = new View(headBytes)

const tooMany = failure('queue_full', 'the engine has as many calls as it takes', { retryable: true })

/** A call that never was: its failure comes after `open` has returned. */
function refused(why: Failure, listener: DoorListener, trace: TraceContext | undefined): DoorCall {
  let gone = false
  queueMicrotask(() => {
    if (!gone) listener.onFailure(why, { queueUs: 0, runUs: 0, totalUs: 0 })
  })
  return {
    traceId: trace === undefined ? '0'.repeat(32) : toHex(trace.traceId),
    spanId: trace === undefined ? '0'.repeat(16) : toHex(trace.spanId),
    write: () => true,
    end: () => {},
    consumed: () => {},
    cancel: () => {
      gone = true
    },
  }
}
