import { once } from 'node:events'
import { Content, REASONS } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { GatewayUnderTest, PAYLOAD_BYTES_MAX } from './http-test-client.ts'
import { type ScriptedCall, SPAN_ID, TIMING, TRACE_ID } from './scripted-door.ts'

const echo = (call: ScriptedCall) => call.succeed(call.inputBytes, call.request.content)
const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('HttpGateway, calls', () => {
  it('gives the body as input and the output as body, with content, length, timing and trace', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const answer = await made.ask('POST', '/function/add', '{"a":1}', { 'content-type': 'application/json' })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('{"a":1}')
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers['content-length']).toBe('7')
    expect(answer.headers['server-timing']).toBe('queue;dur=0.021, run;dur=0.220, total;dur=12.300')
    expect(answer.headers.traceparent).toBe(`00-${TRACE_ID}-${SPAN_ID}-00`)
    expect(made.door.calls[0]!.request).toEqual({
      function: 'add',
      content: Content.JSON,
      priority: 3,
      timeoutUs: 0,
      trace: undefined,
      inputBytes: 7,
    })
    expect(made.door.calls[0]!.consumedBytes).toBe(7)
  })

  it('keeps every byte value of inputs and outputs of 1, 16,384, 16,385, 65,536 and 65,537 bytes', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    for (const count of [1, 256, 16_384, 16_385, 65_536, 65_537, PAYLOAD_BYTES_MAX]) {
      const input = Uint8Array.from({ length: count }, (_, i) => i + (i >> 8))
      const answer = await made.ask('POST', '/function/echo', input)
      expect(answer.headers['content-length']).toBe(String(count))
      expect(answer.body.equals(input)).toBe(true)
    }
  })

  it('puts together an output of known length that comes in parts, and sends it in one piece', async () => {
    await using made = await GatewayUnderTest.listen((call) => {
      call.listener.onHead(Content.TEXT, 6)
      for (const part of ['ab', 'c', 'def']) call.listener.onOutput(Buffer.from(part))
      call.listener.onEnd(TIMING)
    })
    const answer = await made.ask('GET', '/function/parts')
    expect(answer.text).toBe('abcdef')
    expect(answer.headers['content-length']).toBe('6')
    expect(made.door.calls[0]!.consumedBytes).toBe(6)
  })

  it('has an empty input for GET without a body, and takes a body with GET', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const empty = await made.ask('GET', '/function/echo?q=1')
    expect(empty.headers['content-length']).toBe('0')
    expect(made.door.calls[0]!.request.inputBytes).toBe(0)
    expect((await made.ask('GET', '/function/echo', 'body', { 'content-length': 4 })).text).toBe('body')
  })

  it('ends the input of a POST with Content-Length 0 at once', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    expect((await made.ask('POST', '/function/echo', '', { 'content-length': 0 })).status).toBe(200)
  })

  it('answers an output without a head as no bytes', async () => {
    await using made = await GatewayUnderTest.listen((call) => call.listener.onEnd(TIMING))
    const answer = await made.ask('GET', '/function/nothing')
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '0'])
  })

  it('calls the function for HEAD and leaves the output away but not its length', async () => {
    await using made = await GatewayUnderTest.listen((call) => call.succeed('four'))
    const answer = await made.ask('HEAD', '/function/four')
    expect([answer.status, answer.headers['content-length'], answer.text]).toEqual([200, '4', ''])
  })

  it('drops the output of a stream asked for by HEAD, and tells the callee that it was consumed', async () => {
    await using made = await GatewayUnderTest.listen((call) => {
      call.listener.onHead(Content.BYTES, undefined)
      call.listener.onOutput(Buffer.alloc(100_000))
      call.listener.onEnd(TIMING)
    })
    const client = await made.socket()
    client.send(`HEAD /function/stream HTTP/1.1\r\nHost: x\r\n\r\n${GET('/livez')}`)
    const all = await client.until('ok\n')
    expect(all.split('\r\n\r\n').length).toBe(3)
    expect(all.split('HTTP/1.1 200 OK').length).toBe(3)
    expect(made.door.calls[0]!.consumedBytes).toBe(100_000)
  })

  it('passes on trace, urgency and time limit', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const answer = await made.ask('GET', '/function/add', undefined, {
      traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
      priority: 'u=0',
      'millrace-timeout': '2s',
    })
    const { request } = made.door.calls[0]!
    expect([request.priority, request.timeoutUs, request.trace?.flags]).toEqual([0, 2_000_000, 1])
    expect(answer.headers.traceparent).toBe(`00-${TRACE_ID}-${SPAN_ID}-01`)
  })

  it('answers every reason with its status and a problem without a stack trace', async () => {
    const reasons = Object.values(REASONS)
    await using made = await GatewayUnderTest.listen((call) => {
      const { name } = reasons[Number(call.inputBytes)]!
      call.fail(name, `it was ${name}`, { function: 'add', stack: 'at secret.ts:1', errorType: 'SecretError' })
    })
    for (const [index, info] of reasons.entries()) {
      const answer = await made.ask('POST', '/function/add', String(index))
      expect(answer.status).toBe(info.http)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(answer.json).toMatchObject({ reason: info.name, detail: `it was ${info.name}`, traceId: TRACE_ID })
      expect(answer.text.toLowerCase()).not.toContain('secret')
    }
  })

  it('names no trace when the call was refused at the door and has none', async () => {
    await using made = await GatewayUnderTest.listen((call) => {
      call.traceId = '0'.repeat(32)
      call.fail('not_found', 'no such function')
    })
    const answer = await made.ask('GET', '/function/nobody')
    expect(answer.headers.traceparent).toBeUndefined()
    expect('traceId' in answer.json).toBe(false)
  })

  it('answers with a problem when the call fails while its output is collected', async () => {
    await using made = await GatewayUnderTest.listen((call) => {
      call.listener.onHead(Content.BYTES, 10)
      call.listener.onOutput(Buffer.from('half'))
      call.fail('worker_crashed', 'gone')
    })
    expect((await made.ask('GET', '/function/add')).status).toBe(502)
  })

  it('reuses a socket for one call after another', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    expect((await made.ask('POST', '/function/echo', 'a')).reused).toBe(false)
    for (const body of ['b', 'c', 'd']) expect((await made.ask('POST', '/function/echo', body)).reused).toBe(true)
    expect(made.metrics.socketsOpen).toBe(1)
    expect(made.metrics.requests).toBe(4)
  })
})

describe('HttpGateway, streams', () => {
  it('sends the head and each part of an output of unknown length as it comes, then the timing as a trailer', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/events'))
    const call = await made.door.call(0)
    call.listener.onHead(5, undefined)
    expect(await client.until('\r\n\r\n')).toContain('Content-Type: text/event-stream\r\n')
    for (const part of ['data: 1\n\n', 'data: 2\n\n']) {
      call.listener.onOutput(Buffer.from(part))
      await client.until(part)
    }
    call.listener.onEnd(TIMING)
    const all = await client.until('\r\n0\r\nServer-Timing: queue;dur=0.021, run;dur=0.220, total;dur=12.300\r\n\r\n')
    expect(all).toContain('Transfer-Encoding: chunked\r\n')
    expect(all).toContain('Trailer: Server-Timing\r\n')
  })

  it('streams to an HTTP/1.0 client without chunks and closes at the end', async () => {
    await using made = await GatewayUnderTest.listen((call) => {
      call.listener.onHead(Content.TEXT, undefined)
      call.listener.onOutput(Buffer.from('part'))
      call.listener.onEnd(TIMING)
    })
    const client = await made.socket()
    client.send('GET /function/events HTTP/1.0\r\n\r\n')
    expect((await client.whenClosed()).endsWith('\r\n\r\npart')).toBe(true)
  })

  it('passes a chunked input on before it is complete, and output before the input ends', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send('POST /function/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    const call = await made.door.call(0)
    await call.whenInput(3)
    expect(call.request.inputBytes).toBeUndefined()
    expect(call.ended).toBe(false)
    call.listener.onHead(Content.BYTES, undefined)
    call.listener.onOutput(Buffer.from('early'))
    await client.until('early')
    client.send('3\r\ndef\r\n0\r\n\r\n')
    await call.whenEnded()
    expect(call.inputBytes.toString()).toBe('abcdef')
    call.listener.onEnd(TIMING)
    await client.until('\r\n0\r\n')
    client.send(GET('/livez'))
    await client.until('ok\n')
  })

  it('breaks the socket when a call fails after the head', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/events'))
    const call = await made.door.call(0)
    call.listener.onHead(Content.BYTES, undefined)
    await client.until('\r\n\r\n')
    call.fail('worker_crashed', 'gone')
    expect(await client.whenClosed()).not.toContain('\r\n0\r\n')
    expect(call.cancelled).toBe(false)
  })

  it('reads no more input while the callee is behind, and goes on when it is not', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const body = Buffer.alloc(PAYLOAD_BYTES_MAX, 'x')
    const client = await made.socket()
    client.send(`POST /function/echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`)
    const call = await made.door.call(0)
    call.accepts = false
    client.send(body)
    await call.whenInput(1)
    // Other sockets are served meanwhile; what came in until then was read by the one event that filled the door.
    for (let i = 0; i < 20; i += 1) expect((await made.ask('GET', '/livez')).status).toBe(200)
    expect(call.input.length).toBe(1)
    expect(call.inputBytes.length).toBeLessThanOrEqual(65_536)
    call.accepts = true
    call.listener.onDrain()
    await client.until('x'.repeat(body.length))
    expect(call.inputBytes.length).toBe(body.length)
  })

  it('holds the callee back while the client does not read, and loses nothing', async () => {
    const total = 64 * 1024 * 1024
    const window = 32 * 960
    const heldMax = 32 * 1024 * 1024
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.socket.pause()
    client.send(GET('/function/big'))
    const call = await made.door.call(0)
    let sent = 0
    /** Sends as a callee with this much credit would. */
    const pump = () => {
      while (sent < total && sent - call.consumedBytes + 960 <= window) {
        const bytes = Math.min(960, total - sent)
        sent += bytes
        call.listener.onOutput(Buffer.alloc(bytes, 'y'))
      }
    }
    let turnsWithoutProgress = 0
    call.onConsumed = () => {
      turnsWithoutProgress = 0
    }
    call.listener.onHead(Content.BYTES, total)
    // The kernel takes some megabytes; it has taken all that it will when 1,000 turns bring nothing more.
    while (turnsWithoutProgress < 1_000 && sent < total) {
      turnsWithoutProgress += 1
      pump()
      await new Promise(setImmediate)
    }
    expect(call.consumedBytes).toBeLessThan(heldMax)
    let received = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (text: string) => {
      received += text.length
    })
    call.onConsumed = () => setImmediate(pump)
    client.socket.resume()
    while (sent < total) await new Promise(setImmediate)
    call.listener.onEnd(TIMING)
    while (received < total) await once(client.socket, 'data')
    expect(call.consumedBytes).toBeGreaterThan(heldMax)
  })
})

describe('HttpGateway, clients that go away', () => {
  it('cancels the call when the socket closes before the answer', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/slow'))
    const call = await made.door.call(0)
    client.socket.destroy()
    await call.whenCancelled()
    expect(made.metrics.clientsGone).toBe(1)
  })

  it('cancels when the client closes its sending half', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/slow'))
    const call = await made.door.call(0)
    client.socket.end()
    await call.whenCancelled()
  })

  it('cancels in the middle of the input and in the middle of the output', async () => {
    await using made = await GatewayUnderTest.listen()
    const sender = await made.socket()
    sender.send('POST /function/in HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    const incoming = await made.door.call(0)
    await incoming.whenInput(3)
    sender.socket.destroy()
    await incoming.whenCancelled()
    expect(incoming.ended).toBe(false)

    const reader = await made.socket()
    reader.send(GET('/function/out'))
    const outgoing = await made.door.call(1)
    outgoing.listener.onHead(Content.BYTES, undefined)
    outgoing.listener.onOutput(Buffer.from('part'))
    await reader.until('part')
    reader.socket.destroy()
    await outgoing.whenCancelled()
  })

  it('cancels every pipelined call, not only the one whose turn it is', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/a').repeat(3))
    const calls = await Promise.all([0, 1, 2].map((index) => made.door.call(index)))
    client.socket.destroy()
    for (const call of calls) await call.whenCancelled()
  })

  it('does not cancel a call that was answered', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const client = await made.socket()
    client.send(GET('/function/a'))
    await client.until('\r\n\r\n')
    client.socket.destroy()
    await made.gateway.close(60_000)
    expect(made.door.calls[0]!.cancelled).toBe(false)
    expect(made.metrics.clientsGone).toBe(0)
    expect(made.metrics.socketsOpen).toBe(0)
  })
})

describe('HttpGateway, pipelining', () => {
  it('runs pipelined calls at once and answers in the order of asking', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(['a', 'b', 'c'].map((name) => GET(`/function/${name}`)).join(''))
    const [a, b, c] = await Promise.all([0, 1, 2].map((index) => made.door.call(index)))
    c!.succeed('<third>')
    b!.fail('queue_full', '<second>')
    a!.succeed('<first>')
    const all = await client.until('<third>')
    expect(all.indexOf('<first>')).toBeLessThan(all.indexOf('<second>'))
    expect(all.indexOf('<second>')).toBeLessThan(all.indexOf('<third>'))
  })

  it('refuses the call after the 2 that a socket may have open, and takes one again after an answer', async () => {
    await using made = await GatewayUnderTest.listen(undefined, { callsPerSocketMax: 2 })
    const client = await made.socket()
    client.send(GET('/function/a').repeat(3))
    const [first, second] = await Promise.all([0, 1].map((index) => made.door.call(index)))
    first!.succeed('<first>')
    second!.succeed('<second>')
    expect(await client.until('"reason":"queue_full"')).toContain('HTTP/1.1 503 Service Unavailable')
    expect(made.door.calls.length).toBe(2)
    client.send(GET('/function/a'))
    ;(await made.door.call(2)).succeed('<fourth>')
    await client.until('<fourth>')
  })
})
