/** HTTP clients for tests: Node's own, and a bare socket for what Node would never send. */
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { EngineMetrics } from '../observe/metrics.ts'
import { HttpGateway, type HttpHouse } from './http-gateway.ts'
import type { HttpLimits } from './http-limits.ts'
import { type ScriptedCall, ScriptedDoor } from './scripted-door.ts'

export const PAYLOAD_BYTES_MAX = 200_000

/** A listening gateway over a scripted door. Dispose closes it without grace. */
export class GatewayUnderTest {
  readonly door: ScriptedDoor
  readonly gateway: HttpGateway
  readonly house: HttpHouse
  readonly metrics = new EngineMetrics().http
  readonly errors: Error[] = []
  port = 0
  ready = true
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(script: ((call: ScriptedCall) => void) | undefined, limits: Partial<HttpLimits>) {
    this.door = new ScriptedDoor(script)
    this.house = {
      door: this.door,
      payloadBytesMax: PAYLOAD_BYTES_MAX,
      metrics: this.metrics,
      ready: () => this.ready,
      functions: async () => [
        { name: 'add', program: 'math', running: 1, waiting: 0, ok: 5, failed: 2, timeoutUs: 60_000_000 },
      ],
      workers: async () => [],
      metricsText: () => this.metricsText(),
      onError: (error) => this.errors.push(error),
    }
    this.gateway = new HttpGateway({ host: '127.0.0.1', port: 0, limits }, this.house)
  }

  metricsText: () => Promise<string> = async () => '# the metrics\n'

  static async listen(script?: (call: ScriptedCall) => void, limits: Partial<HttpLimits> = {}) {
    const made = new GatewayUnderTest(script, limits)
    made.port = (await made.gateway.listen()).port
    return made
  }

  /** Sends a request by Node's client, over kept sockets, and reads the whole answer. */
  async ask(method: string, path: string, body?: string | Uint8Array, headers: OutgoingHttpHeaders = {}) {
    const outgoing = request({ port: this.port, host: '127.0.0.1', method, path, headers, agent: this.#agent })
    outgoing.end(body)
    const [incoming] = await once(outgoing, 'response')
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part)
    return {
      status: incoming.statusCode as number,
      headers: incoming.headers as IncomingHttpHeaders,
      trailers: incoming.trailers as Record<string, string>,
      body: Buffer.concat(parts),
      get text() {
        return this.body.toString()
      },
      get json() {
        return JSON.parse(this.text)
      },
      reused: outgoing.reusedSocket,
    }
  }

  /** A bare socket to the gateway. */
  async socket(): Promise<BareClient> {
    const socket = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return new BareClient(socket)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    await this.gateway.close(0)
  }
}

/** A client that sends bytes and waits for bytes. */
export class BareClient {
  readonly socket: Socket
  /** All that came, as Latin-1. */
  received = ''
  ended = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.received += text
    })
    socket.on('close', () => {
      this.ended = true
    })
    socket.on('end', () => socket.end())
    // A reset is one of the ways in which the gateway closes; `close` follows it, and that is what tests wait for.
    socket.on('error', () => socket.destroy())
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** Resolves with all that came once it contains `text`; rejects when the socket closes before. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.ended) throw new Error(`the socket closed before ${JSON.stringify(text)}: ${this.received}`)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    }
    return this.received
  }

  /** Resolves with all that came once the socket closed. */
  async whenClosed(): Promise<string> {
    if (!this.ended) await once(this.socket, 'close')
    return this.received
  }
}
