import { type MessageView, PAYLOAD_LENGTH_UNKNOWN } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import { OPEN_FILES_BYTES_MAX } from '../base/limits.ts'
import type { Call, Caller } from '../call/call.ts'
import { type TraceContext, toHex } from '../observe/trace-context.ts'
import type { Door, DoorCall, DoorListener, DoorRequest } from './door.ts'
import type { DoorHouse } from './door-house.ts'
import { OpenCall } from './open-call.ts'

/** The front door: external calls, from HTTP or from the embedding program, become Calls here. */
export class ExternalDoor implements Door, Caller {
  readonly outputMax = Number.POSITIVE_INFINITY
  readonly #house: DoorHouse
  readonly #open = new Map<number, OpenCall>()
  #lastId = 0
  /** Bytes of the input files of open calls. */
  #fileBytes = 0

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
    this.#makeFile(call, request.inputBytes)
    const open = new OpenCall(call, this.#lastId, listener, this.#house, (id, fileBytes) => {
      this.#open.delete(id)
      this.#fileBytes -= fileBytes
    })
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

  /** Makes a file for a large input, where its function takes one. Within the bound on open files; beyond it goes DATA. */
  #makeFile(call: Call, bytes: number | undefined): void {
    const { fileBytesMin } = this.#house
    if (bytes === undefined || bytes < fileBytesMin || !call.fn.takesFiles) return
    if (this.#fileBytes > 0 && this.#fileBytes + bytes > OPEN_FILES_BYTES_MAX) return
    const file = this.#house.payloads()?.create(bytes, call.fn.id)
    if (file === undefined) return
    call.file = file
    call.fileBytes = bytes
    this.#fileBytes += bytes
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
