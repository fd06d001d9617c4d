/** The calls of one channel as both sides must see them, and the rules about them that a sender can break. */
import {
  announcedBytes,
  CREDIT_MAX,
  Flag,
  isAfter,
  MessageType,
  type MessageView,
  type Sender,
  type Verdict,
} from '@millrace/protocol'

/** One direction of a call's payload. */
class Payload {
  announced: number | undefined
  bytes = 0
  credit = CREDIT_MAX
  begun = false
  ended = false

  begin(view: MessageView): void {
    this.begun = true
    const inFile = (view.flags & Flag.PAYLOAD_FILE) !== 0
    this.bytes = inFile ? view.payloadLength : view.bodyLength
    this.ended = !view.more
    this.announced = view.more ? announcedBytes(view.payloadLength) : this.bytes
  }

  data(view: MessageView): void {
    this.credit -= 1
    this.bytes += view.bodyLength
  }

  /** Whether the bytes so far contradict what was announced. */
  get wrong(): boolean {
    return this.announced !== undefined && (this.ended ? this.bytes !== this.announced : this.bytes > this.announced)
  }
}

export interface CallState {
  readonly id: number
  readonly startedBy: Sender
  readonly functionId: number
  readonly input: Payload
  readonly output: Payload
  ended: boolean
}

/** Watches INVOKE, RESULT, ERROR, CANCEL, DATA and WINDOW of both sides of a channel. */
export class CallWatch {
  readonly calls = new Map<number, CallState>()
  readonly #last: Record<Sender, number> = { engine: 0, worker: 0xffff_ffff }

  open(startedBy: Sender): number {
    let count = 0
    for (const call of this.calls.values()) if (call.startedBy === startedBy && !call.ended) count += 1
    return count
  }

  wasStarted(id: number): boolean {
    const side = starter(id)
    return id !== 0 && !isAfter(id, this.#last[side])
  }

  /** A message that `sender` has sent. Returns the rule that it breaks; what breaks one changes nothing here. */
  take(view: MessageView, sender: Sender): Verdict | undefined {
    const id = view.callId
    if (view.type === MessageType.INVOKE) return this.#invoke(view, sender)
    const call = this.calls.get(id)
    if (call === undefined) {
      return this.wasStarted(id) ? undefined : broken('call-id-known', `call ${id} was never started`)
    }
    const ofCaller = call.startedBy === sender
    switch (view.type) {
      case MessageType.RESULT:
        return result(call, view)
      case MessageType.ERROR:
        if (call.ended) return broken('call-one-final', `a second final message of call ${id}`)
        if (!view.more) call.ended = true
        return undefined
      case MessageType.DATA:
        return ofCaller ? inputData(call, view) : outputData(call, view)
      case MessageType.WINDOW:
        return window(call, view, ofCaller)
      default:
        return undefined
    }
  }

  #invoke(view: MessageView, sender: Sender): Verdict | undefined {
    const id = view.callId
    if (!isAfter(id, this.#last[sender])) {
      return broken('call-id-rising', `INVOKE has call_id ${id}, which is not after ${this.#last[sender]}`)
    }
    if (this.calls.get(id)?.ended === false) return broken('call-id-open-skipped', `call ${id} is open`)
    this.#last[sender] = id
    const call: CallState = {
      id,
      startedBy: sender,
      functionId: view.functionId,
      input: new Payload(),
      output: new Payload(),
      ended: false,
    }
    call.input.begin(view)
    this.calls.set(id, call)
    return undefined
  }
}

function result(call: CallState, view: MessageView): Verdict | undefined {
  const { output, id } = call
  if (call.ended) return broken('call-one-final', `a second final message of call ${id}`)
  if (view.more) {
    if (output.begun) return broken('result-more-once', `a second RESULT with MORE for call ${id}`)
    output.begin(view)
    return undefined
  }
  const inFile = (view.flags & Flag.PAYLOAD_FILE) !== 0
  if (inFile && output.begun)
    return broken('file-alone', `the output of call ${id} began in RESULT and goes on in a file`)
  call.ended = true
  if (inFile) return undefined
  const total = output.bytes + view.bodyLength
  if (total !== view.payloadLength) {
    return broken('result-total', `the output of call ${id} had ${total} bytes; RESULT says ${view.payloadLength}`)
  }
  if (output.announced !== undefined && output.announced !== total) {
    return broken('payload-length-exact', `the output of call ${id} has ${total} bytes, ${output.announced} announced`)
  }
  return undefined
}

function inputData(call: CallState, view: MessageView): Verdict | undefined {
  const { input, id } = call
  if (call.ended) return undefined // It was on its way.
  if (input.ended) return broken('data-after-end', `DATA for call ${id}, whose input had ended`)
  if (input.credit === 0) return broken('data-credit', `DATA for the input of call ${id} without credit`)
  input.data(view)
  input.ended = !view.more
  return input.wrong
    ? broken('payload-length-exact', `the input of call ${id} has ${input.bytes} bytes, ${input.announced} announced`)
    : undefined
}

function outputData(call: CallState, view: MessageView): Verdict | undefined {
  const { output, id } = call
  if (call.ended) return broken('call-one-final', `DATA after the final message of call ${id}`)
  if (!output.begun) return broken('data-after-head', `DATA before RESULT for call ${id}`)
  if (output.credit === 0) return broken('data-credit', `DATA for the output of call ${id} without credit`)
  output.data(view)
  return output.wrong
    ? broken(
        'payload-length-exact',
        `the output of call ${id} has ${output.bytes} bytes, ${output.announced} announced`,
      )
    : undefined
}

function window(call: CallState, view: MessageView, ofCaller: boolean): Verdict | undefined {
  if (call.ended) return undefined
  const payload = ofCaller ? call.output : call.input
  if (!ofCaller && payload.ended) return undefined // A direction that carries no DATA any more.
  if (payload.credit + view.credit > CREDIT_MAX) {
    return broken(
      'credit-max',
      `WINDOW takes call ${call.id} from ${payload.credit} to ${payload.credit + view.credit}`,
    )
  }
  payload.credit += view.credit
  return undefined
}

function starter(id: number): Sender {
  return (id & 1) === 0 ? 'engine' : 'worker'
}

function broken(rule: string, message: string): Verdict {
  return { rule, message }
}
