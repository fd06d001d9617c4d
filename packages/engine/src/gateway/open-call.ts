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
import { type Call, CallState } from '../call/call.ts'
import type { HeldFile } from '../world.ts'
import type { CallTiming, DoorCall, DoorListener } from './door.ts'
import type { DoorHouse } from './door-house.ts'
import { FileInput } from './file-input.ts'
import { FileOutput } from './file-output.ts'

/** One open external call. Holds the `Call` only until it is settled. */
export class OpenCall implements DoorCall {
  /** Trace id and span id, 48 hexadecimal digits: the `Call` may be another's when they are asked for. */
  readonly #trace: string
  readonly #id: number
  readonly #listener: DoorListener
  readonly #house: DoorHouse
  /** Told once, when the call has its outcome. */
  readonly #onOver: (id: number, fileBytes: number) => void
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
  /** The input's file, until the call is dispatched; undefined: the input goes in messages. */
  #file: FileInput | undefined
  /** The output's file on its way to the listener: the call itself is over. */
  #delivery: FileOutput | undefined
  #outputStarted = false
  /** Bytes of each output message that is not wholly consumed, oldest first, and the credit that it gives back. */
  readonly #unconsumed: { bytes: number; readonly credit: number }[] = []
  /** Credit of consumed messages that no WINDOW has given back yet. */
  #freed = 0

  constructor(
    call: Call,
    id: number,
    listener: DoorListener,
    house: DoorHouse,
    onOver: (id: number, fileBytes: number) => void,
  ) {
    this.#call = call
    this.#id = id
    this.#listener = listener
    this.#house = house
    this.#onOver = onOver
    if (call.file !== undefined) this.#file = new FileInput(call.file, house.soon, () => this.#drained())
    this.#announced = call.inputAnnounced === PAYLOAD_LENGTH_UNKNOWN ? undefined : call.inputAnnounced
    this.#trace = call.traceBuffer.toString('hex')
  }

  // ——— DoorCall ———

  get traceId(): string {
    return this.#trace.slice(0, 32)
  }

  get spanId(): string {
    return this.#trace.slice(32)
  }

  write(bytes: Uint8Array): boolean {
    const call = this.#call
    if (call === undefined || this.#ended || bytes.length === 0) return true
    this.#given += bytes.length
    const fault = this.#fault(call, this.#held + bytes.length)
    if (fault !== undefined) {
      this.#give(fault)
      return true
    }
    if (this.#file !== undefined) return this.#writeFile(this.#file, bytes)
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
    this.#delivery?.consumed(bytes)
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
    this.#delivery?.stop()
    const call = this.#call
    if (call === undefined) return
    this.#forget()
    this.#house.calls.callerGone(call)
    this.#house.flusher.ask()
  }

  // ——— What comes back ———

  result(view: MessageView): void {
    if (this.#call!.outputFile !== undefined) {
      this.#deliver(this.#call!, this.#call!.outputFile, view.content)
      return
    }
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
    if (this.#file !== undefined) {
      this.#submitFile(call)
      return
    }
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

  /** All of the input is in its file: from here on it is a call as any other. */
  #submitFile(call: Call): void {
    if (!this.#whole) return
    this.#file = undefined
    this.#dispatched = true
    call.flags = Flag.PAYLOAD_FILE
    call.bodyLength = 0
    call.inputBytes = this.#given
    call.fn.dispatcher.submit(call)
    this.#house.flusher.ask()
  }

  #writeFile(file: FileInput, bytes: Uint8Array): boolean {
    const error = file.write(bytes)
    if (error !== undefined) {
      const text = `the input could not be written to a payload file (${error}): give the payload directory more room`
      this.#give(failure('payload_too_large', text))
      return true
    }
    this.#pump()
    return !file.choked
  }

  #drained(): void {
    if (this.#call !== undefined) this.#listener.onDrain()
  }

  /** The output lies in a file: the call is over, and the listener gets it step by step. */
  #deliver(call: Call, file: HeldFile, content: number): void {
    call.outputFile = undefined
    const timing = this.#timing()
    this.#forget()
    const { soon, deliveries } = this.#house
    deliveries.begin()
    this.#delivery = new FileOutput(file, call.fn.id, this.#listener, timing, soon, () => deliveries.end())
    this.#delivery.start(content)
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
    const { fileBytes } = this.#call!
    this.#call = undefined
    this.#file = undefined
    this.#chunks = []
    this.#held = 0
    this.#onOver(this.#id, fileBytes)
  }
}

/** One message at a time is on its way from the door to a worker's outbox, so one buffer serves all calls. */
const headBytes = new Uint8Array(MESSAGE_BYTES)
const head = new MessageWriter(headBytes)
const headView = new View(headBytes)
