/** The HTTP gateway: listens, sends each request to its route, and watches over the client sockets. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { HttpMetrics } from '../observe/metrics.ts'
import { METRICS_MEDIA_TYPE } from '../observe/prometheus.ts'
import type { Door } from './door.ts'
import { type ExchangeHost, HttpExchange } from './http-exchange.ts'
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { jsonReply, type Reply, textReply, unreadableResponse } from './http-reply.ts'
import { type FixedRoute, readCall, routeOf } from './http-request.ts'
import { HttpSocket } from './http-socket.ts'

/** What the gateway serves, as it sees the engine. */
export interface HttpHouse {
  /** Where calls enter. */
  readonly door: Door
  /** Largest input in bytes; a longer one is answered with 413. */
  readonly payloadBytesMax: number
  /** Counters that the gateway raises. */
  readonly metrics: HttpMetrics
  /** Whether calls are taken: `/readyz` says 503 when not. */
  ready(): boolean
  /** For `/v1/functions`. */
  functions(): Promise<readonly object[]>
  /** For `/v1/workers`. */
  workers(): Promise<readonly object[]>
  /** The metrics page, in the Prometheus text format. A rejection is answered with a 500 problem. */
  metricsText(): Promise<string>
  /** The listening socket failed after it listened (`EMFILE`, ...) or a metrics page did. The gateway goes on. */
  onError(error: Error): void
}

/** Where to listen, and the bounds. */
export interface HttpGatewayOptions {
  /** Address of an interface, such as 127.0.0.1. */
  readonly host: string
  /** 0 to 65,535; 0: any free one. */
  readonly port: number
  /** Whether other processes may listen there, too. Default false. */
  readonly shared?: boolean
  /** Bounds other than the default ones. */
  readonly limits?: Partial<HttpLimits>
}

/** An address that listens. */
export interface HttpAddress {
  readonly host: string
  readonly port: number
}

/**
 * Serves functions and the engine's pages over HTTP/1.1.
 *
 * | route | answer |
 * |---|---|
 * | any method on `/function/{name}` | the output of a call, or a problem |
 * | `GET /livez` | 200 while the process answers |
 * | `GET /readyz` | 200 when calls are taken, 503 while starting or draining |
 * | `GET /metrics` | Prometheus text |
 * | `GET /v1/functions`, `GET /v1/workers` | `{"functions": [...]}`, `{"workers": [...]}` |
 *
 * The request's body is the input: empty without a body, whatever the method; the query string is not input. OPTIONS is
 * answered with the allowed methods and calls nothing; HEAD calls the function and leaves the output away. Failures are
 * RFC 9457 problems; after the head of a streamed output is out, a failure breaks the socket. A client that closes its
 * socket, or its sending half, before the answer is complete has its calls cancelled; while the callee holds a long
 * input back, that is found out only when reading goes on.
 */
export class HttpGateway {
  readonly #options: HttpGatewayOptions
  readonly #house: HttpHouse
  readonly #limits: HttpLimits
  readonly #server: Server
  readonly #host: ExchangeHost
  readonly #sockets = new Map<Socket, HttpSocket>()
  #address: HttpAddress | undefined
  #draining = false
  #rounds: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined
  /** Called when the last socket is gone. */
  #onEmpty: () => void = () => {}

  constructor(options: HttpGatewayOptions, house: HttpHouse) {
    this.#options = options
    this.#house = house
    const limits = { ...HTTP_LIMITS, ...options.limits }
    this.#limits = limits
    const isDraining = () => this.#draining
    this.#host = {
      door: house.door,
      payloadBytesMax: house.payloadBytesMax,
      metrics: house.metrics,
      limits,
      get draining() {
        return isDraining()
      },
    }
    const server = createServer({
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: 0, // A streamed input has no total time; `inputIdleMs` and the call's own limit hold.
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      highWaterMark: limits.outputBytesHigh,
    })
    server.maxConnections = limits.socketsMax
    server.maxHeadersCount = 0 // `headerBytesMax` bounds it. Node would drop headers beyond its count without a word.
    server.on('connection', (socket) => this.#onSocket(socket))
    server.on('drop', () => {
      house.metrics.socketsDropped += 1
    })
    server.on('request', (request, response) => this.#onRequest(request, response, false))
    server.on('checkContinue', (request, response) => this.#onRequest(request, response, true))
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#onUnreadable(error, socket as Socket))
    this.#server = server
  }

  /**
   * Begins to listen. Rejects with Node's error when the address can't be had (`code` is `EADDRINUSE`, `EACCES`,
   * `EADDRNOTAVAIL`, `ENOTFOUND`); then nothing listens. Call it once.
   */
  listen(): Promise<HttpAddress> {
    const { host, port, shared = false } = this.#options
    const server = this.#server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host, reusePort: shared }, () => {
        server.off('error', reject)
        server.on('error', (error) => this.#house.onError(error))
        const bound = server.address() as AddressInfo
        this.#address = { host: bound.address, port: bound.port }
        this.#rounds = setInterval(() => this.#cutIdleInputs(), this.#limits.inputIdleMs)
        this.#rounds.unref()
        resolve(this.#address)
      })
    })
  }

  /** Where it listens; undefined before `listen` and after `close`. */
  get address(): HttpAddress | undefined {
    return this.#address
  }

  /**
   * Lets clients go: idle sockets close now, every other one after its answer (`Connection: close`), and `/readyz` says
   * 503. It still listens, so that `/readyz` can be asked; what calls get is the door's affair. Twice is once.
   */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    // For answers whose head went out before: their sockets would idle for `keepAliveMs`.
    this.#server.keepAliveTimeout = 1
    this.#server.closeIdleConnections()
  }

  /**
   * Stops listening, drains, and resolves when every socket is closed and every call was answered or cancelled. What is
   * open after `graceMs` milliseconds is broken off. Twice gives the same promise.
   */
  close(graceMs: number): Promise<void> {
    this.drain()
    this.#address = undefined
    this.#closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
      // The only error here is that it never listened: then there is nothing to wait for either.
      this.#server.close(() => {
        clearTimeout(timer)
        clearInterval(this.#rounds)
        // Node counts a socket as gone before it tells the socket's listeners.
        if (this.#sockets.size === 0) resolve()
        else this.#onEmpty = resolve
      })
    })
    return this.#closed
  }

  #onSocket(socket: Socket): void {
    const { metrics } = this.#house
    const own = new HttpSocket()
    metrics.socketsOpen += 1
    this.#sockets.set(socket, own)
    socket.on('close', () => {
      metrics.socketsOpen -= 1
      this.#sockets.delete(socket)
      own.gone()
      if (this.#sockets.size === 0) this.#onEmpty()
    })
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    this.#house.metrics.requests += 1
    const socket = this.#sockets.get(request.socket)
    if (socket === undefined) return // It closed with this request in the parser: nobody is there to answer.
    const exchange = new HttpExchange(request, response, this.#host, socket)
    const route = routeOf(request.method!, request.url!)
    switch (route.kind) {
      case 'function':
        this.#openCall(route.name, request, socket, exchange, awaitsContinue)
        break
      case 'fixed':
        this.#answerFixed(route.path, exchange)
        break
      case 'options':
        exchange.reply({ status: 204, headers: ['Allow', route.allow], body: '' })
        break
      case 'refused':
        exchange.refuse(route.refusal)
        break
    }
  }

  #openCall(
    name: string,
    request: IncomingMessage,
    socket: HttpSocket,
    exchange: HttpExchange,
    awaitsContinue: boolean,
  ): void {
    const { callsPerSocketMax } = this.#limits
    if (socket.openCount >= callsPerSocketMax) {
      const message = `${callsPerSocketMax} calls of this client socket are open already: wait for an answer, or open another socket`
      exchange.refuse({ reason: 'queue_full', message })
      return
    }
    const start = readCall(name, request.rawHeaders, this.#house.payloadBytesMax)
    if ('reason' in start) exchange.refuse(start)
    else exchange.open(start, awaitsContinue)
  }

  #answerFixed(path: FixedRoute, exchange: HttpExchange): void {
    const house = this.#house
    switch (path) {
      case '/livez':
        exchange.reply(textReply(200, 'ok'))
        break
      case '/readyz':
        exchange.reply(this.#readiness())
        break
      case '/v1/functions':
        this.#answerPage(exchange, house.functions(), (functions) => jsonReply({ functions }))
        break
      case '/v1/workers':
        this.#answerPage(exchange, house.workers(), (workers) => jsonReply({ workers }))
        break
      case '/metrics':
        this.#answerPage(exchange, house.metricsText(), (body) => {
          return { status: 200, headers: ['Content-Type', METRICS_MEDIA_TYPE], body }
        })
        break
    }
  }

  #answerPage<T>(exchange: HttpExchange, page: Promise<T>, reply: (page: T) => Reply): void {
    page.then(
      (content) => exchange.reply(reply(content)),
      (error: Error) => {
        this.#house.onError(error)
        exchange.refuse({ reason: 'internal', message: 'the page could not be read; the engine logged why' })
      },
    )
  }

  #readiness(): Reply {
    if (this.#draining) return textReply(503, 'draining')
    return this.#house.ready() ? textReply(200, 'ready') : textReply(503, 'starting or draining')
  }

  /** Bytes that are no request, or headers that took too long. */
  #onUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
    const own = this.#sockets.get(socket)
    // Amid an input or an answer the client would take it for another answer.
    const amid = own !== undefined && (own.openCount > 0 || own.inputPending)
    if (error.code === 'ECONNRESET' || !socket.writable || amid) {
      socket.destroy()
      return
    }
    this.#house.metrics.refused += 1
    socket.end(unreadableResponse(error.code))
  }

  #cutIdleInputs(): void {
    for (const socket of this.#sockets.values()) socket.cutIdleInput()
  }
}
