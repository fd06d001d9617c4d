/**
 * One HTTP request and its response: opens a call at the door, gives it the body as input, and sends its output.
 *
 * Memory is bounded both ways. Input: reading stops while the door says that the callee is behind. Output: the callee is
 * told that bytes were consumed only when the socket took them; an output of known length up to `collectBytesMax` is
 * held whole.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Content } from '@millrace/protocol'
import type { Failure } from '@millrace/protocol/cold'
import type { HttpMetrics } from '../observe/metrics.ts'
import { formatTraceparent } from '../observe/trace-context.ts'
import type { CallTiming, Door, DoorCall, DoorListener, DoorRequest } from './door.ts'
import { dropLeftover } from './http-leftover.ts'
import type { HttpLimits } from './http-limits.ts'
import { failureReply, mediaType, NO_TRACE, type Reply, refusalReply, serverTiming } from './http-reply.ts'
import { announcedBodyBytes, inputRefusal, type Refusal } from './http-request.ts'
import type { HttpSocket } from './http-socket.ts'

/** What all exchanges of a gateway share. */
export interface ExchangeHost {
  readonly door: Door
  readonly payloadBytesMax: number
  readonly limits: HttpLimits
  readonly metrics: HttpMetrics
  /** Every socket closes after its answer. */
  readonly draining: boolean
}

/** How far the answer is. */
type Stage =
  /** Nothing of the output came. */
  | 'waiting'
  /** The output is held until it is whole. */
  | 'collecting'
  /** The head is sent, and the output passes through. */
  | 'streaming'
  /** Everything was given to Node, or the client is gone. */
  | 'over'

/** An output in one part, up to this, goes out as Latin-1 text: Node joins it with the head for a single write. */
const TEXT_BYTES_MAX = 16_384

export class HttpExchange implements DoorListener {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #host: ExchangeHost
  readonly #socket: HttpSocket
  #call: DoorCall | undefined
  #traceFlags = 0

  /** Bytes of the input; undefined: chunked. */
  #inputBytes: number | undefined = 0
  #inputBytesRead = 0
  #inputEnded = false
  #heldBack = false

  #stage: Stage = 'waiting'
  #content: number = Content.BYTES
  /** The output so far while collecting: Latin-1 text when it came in one small part. */
  #output: Uint8Array | string = ''
  #outputBytes = 0
  #outputBytesHeld = 0
  #hasTrailers = false
  /** Bytes given to the response and not taken by the socket, which the door was not told of. */
  #unconsumedBytes = 0

  constructor(request: IncomingMessage, response: ServerResponse, host: ExchangeHost, socket: HttpSocket) {
    this.#request = request
    this.#response = response
    this.#host = host
    this.#socket = socket
  }

  /**
   * Opens the call. Everything after comes by the request's events and the listener. `awaitsContinue`: the client sends
   * its body only after 100 Continue. (When another answer comes instead, Node closes the socket after it.)
   */
  open(start: DoorRequest, awaitsContinue: boolean): void {
    this.#inputBytes = start.inputBytes
    this.#traceFlags = start.trace?.flags ?? 0
    this.#socket.opened(this)
    const call = this.#host.door.open(start, this)
    this.#call = call
    if (start.inputBytes === 0) {
      this.#inputEnded = true
      call.end()
      return
    }
    this.#socket.reads(this)
    this.#request.on('data', (bytes: Buffer) => this.#onInput(bytes))
    if (start.inputBytes === undefined) this.#request.on('end', () => this.#onInputEnd())
    if (awaitsContinue) this.#response.writeContinue()
  }

  /** Answers without a call. */
  reply(reply: Reply): void {
    this.#inputBytes = announcedBodyBytes(this.#request.rawHeaders)
    this.#stage = 'over'
    this.#sendReply(reply)
  }

  /** Answers with a problem, without a call. */
  refuse(refusal: Refusal): void {
    this.#host.metrics.refused += 1
    this.reply(refusalReply(refusal))
  }

  /** The client's socket closed before the answer was complete. */
  clientGone(): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#host.metrics.clientsGone += 1
    this.#call?.cancel()
  }

  /** Bytes of the input read so far; undefined when nothing more of it is to come. */
  get pendingInputBytesRead(): number | undefined {
    return this.#inputEnded || this.#request.complete ? undefined : this.#inputBytesRead
  }

  /** It is the callee that keeps the input waiting, and not the client. */
  get heldBack(): boolean {
    return this.#heldBack
  }

  /** The client announced more input and does not send it. */
  inputIdle(): void {
    if (this.#stage === 'waiting' || this.#stage === 'collecting') {
      const message = `nothing more of the input came for ${this.#host.limits.inputIdleMs} ms`
      this.#giveUp({ status: 408, reason: 'bad_input', message })
    } else {
      this.#cut()
    }
  }

  #onInput(bytes: Buffer): void {
    this.#inputBytesRead += bytes.length
    if (this.#stage === 'over') return
    const { payloadBytesMax } = this.#host
    if (this.#inputBytesRead > payloadBytesMax) {
      // Only a chunked input gets here: an announced length was checked before the call was opened.
      if (this.#stage === 'streaming') this.#cut()
      else this.#giveUp(inputRefusal(undefined, payloadBytesMax))
      return
    }
    const call = this.#call!
    const more = call.write(bytes)
    if (this.#inputBytesRead === this.#inputBytes) {
      this.#inputEnded = true
      call.end()
    } else if (!more && !this.#isOver()) {
      this.#heldBack = true
      this.#request.pause()
    }
  }

  /** Also after a call to the door, which may have settled the call by then. */
  #isOver(): boolean {
    return this.#stage === 'over'
  }

  #onInputEnd(): void {
    this.#inputEnded = true
    if (this.#stage !== 'over') this.#call!.end()
  }

  onDrain(): void {
    this.#heldBack = false
    this.#request.resume()
  }

  onHead(content: number, outputBytes: number | undefined): void {
    this.#content = content
    if (outputBytes !== undefined && outputBytes <= this.#host.limits.collectBytesMax) {
      this.#stage = 'collecting'
      this.#outputBytes = outputBytes
      return
    }
    this.#stage = 'streaming'
    const request = this.#request
    const response = this.#response
    const headers = ['Content-Type', mediaType(content)]
    this.#addTrace(headers)
    if (outputBytes !== undefined) {
      headers.push('Content-Length', String(outputBytes))
    } else if (request.method !== 'HEAD' && request.httpVersionMinor > 0) {
      this.#hasTrailers = true
      headers.push('Trailer', 'Server-Timing')
    }
    if (this.#host.draining) headers.push('Connection', 'close')
    response.on('drain', () => this.#onOutputTaken())
    response.writeHead(200, headers)
    // A stream of events may be silent for long after its head.
    if (outputBytes === undefined) response.flushHeaders()
  }

  onOutput(bytes: Uint8Array): void {
    if (this.#stage === 'collecting') {
      this.#collect(bytes)
      this.#call!.consumed(bytes.length)
    } else if (this.#request.method === 'HEAD' || this.#response.write(Buffer.from(bytes))) {
      this.#call!.consumed(bytes.length)
    } else {
      this.#unconsumedBytes += bytes.length
    }
  }

  #collect(bytes: Uint8Array): void {
    if (bytes.length === this.#outputBytes && bytes.length <= TEXT_BYTES_MAX) {
      this.#output = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      return
    }
    if (typeof this.#output === 'string') this.#output = Buffer.allocUnsafe(this.#outputBytes)
    this.#output.set(bytes, this.#outputBytesHeld)
    this.#outputBytesHeld += bytes.length
  }

  #onOutputTaken(): void {
    const bytes = this.#unconsumedBytes
    this.#unconsumedBytes = 0
    if (this.#stage === 'streaming' && bytes > 0) this.#call!.consumed(bytes)
  }

  onEnd(timing: CallTiming): void {
    const streaming = this.#stage === 'streaming'
    this.#over()
    if (!streaming) {
      const headers = ['Content-Type', mediaType(this.#content), 'Server-Timing', serverTiming(timing)]
      this.#addTrace(headers)
      this.#send(200, headers, this.#output, 'latin1')
      return
    }
    if (this.#hasTrailers) this.#response.addTrailers({ 'Server-Timing': serverTiming(timing) })
    this.#response.end()
    // The head is out and may have promised to keep the socket, so only the bounds can end it now.
    if (this.#inputBytesLeft > 0) this.#dropInput((complete) => complete || this.#request.socket.destroy())
  }

  onFailure(failure: Failure, timing: CallTiming): void {
    const streaming = this.#stage === 'streaming'
    this.#over()
    // Part of the output is out as a 200: only a socket that breaks tells the client that the rest will not come.
    if (streaming) {
      this.#response.destroy()
      return
    }
    const reply = failureReply(failure, timing, this.#call!.traceId)
    this.#addTrace(reply.headers)
    this.#sendReply(reply)
  }

  #addTrace(headers: string[]): void {
    const { traceId, spanId } = this.#call!
    if (traceId !== NO_TRACE) headers.push('traceparent', formatTraceparent(traceId, spanId, this.#traceFlags))
  }

  /** Cancels the call and answers with a problem. Only before the head is sent. */
  #giveUp(refusal: Refusal): void {
    this.#call?.cancel()
    this.#over()
    this.#sendReply(refusalReply(refusal))
  }

  /** Cancels what is open and breaks the socket off. */
  #cut(): void {
    if (this.#stage !== 'over') this.#call?.cancel()
    this.#over()
    this.#request.socket.destroy()
  }

  #over(): void {
    this.#stage = 'over'
    this.#socket.answered(this)
  }

  #sendReply(reply: Reply): void {
    this.#send(reply.status, reply.headers, reply.body, 'utf8')
  }

  /**
   * Sends a whole answer. When input is still to come, a little of it is dropped and the socket stays; otherwise the
   * answer says that the socket closes, and closing waits for the rest: a socket closed with unread bytes resets, and
   * many clients then lose the answer.
   */
  #send(status: number, headers: string[], output: string | Uint8Array, encoding: 'latin1' | 'utf8'): void {
    const response = this.#response
    const left = this.#inputBytesLeft
    const closes = this.#host.draining || left > this.#host.limits.discardBytesMax
    const bytes = typeof output === 'string' ? Buffer.byteLength(output, encoding) : output.length
    if (status !== 204) headers.push('Content-Length', String(bytes)) // RFC 9110, 8.6: never with 204.
    if (closes) headers.push('Connection', 'close')
    response.writeHead(status, headers)
    if (left === 0) {
      response.end(output, encoding)
    } else if (closes) {
      response.flushHeaders()
      if (bytes > 0) response.write(output, encoding)
      this.#dropInput(() => response.end())
    } else {
      response.end(output, encoding)
      this.#dropInput((complete) => complete || this.#request.socket.destroy())
    }
  }

  /** Bytes of the input not read yet; Infinity when nobody knows. */
  get #inputBytesLeft(): number {
    if (this.#inputEnded || this.#request.complete) return 0
    return this.#inputBytes === undefined ? Number.POSITIVE_INFINITY : this.#inputBytes - this.#inputBytesRead
  }

  /** Reads the rest of the input for nobody. `done` as in `dropLeftover`. */
  #dropInput(done: (complete: boolean) => void): void {
    this.#heldBack = false
    dropLeftover(this.#request, this.#host.limits, done)
    this.#socket.reads(this)
  }
}
