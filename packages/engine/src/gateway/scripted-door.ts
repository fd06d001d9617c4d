/** A door for tests: records what comes in, and does with each call what the test's script says. */
import { EventEmitter, once } from 'node:events'
import { Content, type ReasonName } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { CallTiming, Door, DoorCall, DoorListener, DoorRequest } from './door.ts'

export const TIMING: CallTiming = { queueUs: 21, runUs: 220.4, totalUs: 12_300 }
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
export const SPAN_ID = 'b7ad6b7169203331'

/** One call, seen from the engine's side. */
export class ScriptedCall implements DoorCall {
  traceId = TRACE_ID
  readonly spanId = SPAN_ID
  readonly request: DoorRequest
  readonly listener: DoorListener
  /** Copies of what was written. */
  readonly input: Buffer[] = []
  consumedBytes = 0
  /** Called by `write`, before it answers. */
  onWrite: () => void = () => {}
  /** What `write` answers. */
  accepts = true
  ended = false
  cancelled = false
  /** Called by `consumed`. */
  onConsumed: (bytes: number) => void = () => {}
  readonly #events = new EventEmitter()

  constructor(request: DoorRequest, listener: DoorListener) {
    this.request = request
    this.listener = listener
  }

  write(bytes: Uint8Array): boolean {
    this.input.push(Buffer.from(bytes))
    this.#events.emit('input')
    this.onWrite()
    return this.accepts
  }

  end(): void {
    this.ended = true
    this.#events.emit('end')
  }

  consumed(bytes: number): void {
    this.consumedBytes += bytes
    this.onConsumed(bytes)
  }

  cancel(): void {
    this.cancelled = true
    this.#events.emit('cancel')
  }

  get inputBytes(): Buffer {
    return Buffer.concat(this.input)
  }

  /** Resolves once `end` was called. */
  async whenEnded(): Promise<void> {
    if (!this.ended) await once(this.#events, 'end')
  }

  /** Resolves once `cancel` was called. */
  async whenCancelled(): Promise<void> {
    if (!this.cancelled) await once(this.#events, 'cancel')
  }

  /** Resolves once `bytes` of input were written. */
  async whenInput(bytes: number): Promise<void> {
    while (this.inputBytes.length < bytes) await once(this.#events, 'input')
  }

  /** Ends well with a whole output in one part. */
  succeed(output: string | Uint8Array, content: number = Content.BYTES): void {
    const bytes = Buffer.from(output)
    this.listener.onHead(content, bytes.length)
    if (bytes.length > 0) this.listener.onOutput(bytes)
    this.listener.onEnd(TIMING)
  }

  fail(reason: ReasonName, message: string, more: Partial<Failure> = {}): void {
    this.listener.onFailure(failure(reason, message, more), TIMING)
  }
}

export class ScriptedDoor implements Door {
  /** Every call, in the order of opening. */
  readonly calls: ScriptedCall[] = []
  readonly #events = new EventEmitter()
  #script: (call: ScriptedCall) => void

  /** `script` is run for each call, in a later turn, when its input is complete. Default: nothing happens. */
  constructor(script: (call: ScriptedCall) => void = () => {}) {
    this.#script = script
  }

  open(request: DoorRequest, listener: DoorListener): DoorCall {
    const call = new ScriptedCall(request, listener)
    this.calls.push(call)
    this.#events.emit('call')
    void call.whenEnded().then(() => {
      if (!call.cancelled) this.#script(call)
    })
    return call
  }

  /** The call with this index, from 0, as soon as it is open. */
  async call(index: number): Promise<ScriptedCall> {
    while (this.calls.length <= index) await once(this.#events, 'call')
    return this.calls[index]!
  }
}
