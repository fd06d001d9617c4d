import { describe, expect, it } from 'vitest'
import { HttpGateway } from './http-gateway.ts'
import { GatewayUnderTest, PAYLOAD_BYTES_MAX } from './http-test-client.ts'
import { type ScriptedCall, TIMING } from './scripted-door.ts'

const echo = (call: ScriptedCall) => call.succeed(call.inputBytes, call.request.content)
const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('HttpGateway, inputs over the limit', () => {
  it('answers 413 to an announced length of one byte too many, before the body is sent, and opens no call', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const client = await made.socket()
    client.send(`POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${PAYLOAD_BYTES_MAX + 1}\r\n\r\n`)
    const answer = await client.until('"reason":"payload_too_large"')
    expect(answer).toContain('HTTP/1.1 413 Payload Too Large')
    expect(answer).toContain('Connection: close')
    expect(answer).toContain(`${PAYLOAD_BYTES_MAX} bytes; this one is ${PAYLOAD_BYTES_MAX + 1} bytes`)
    client.socket.end()
    expect((await client.whenClosed()).split('HTTP/1.1').length).toBe(2)
    expect(made.door.calls.length).toBe(0)
    expect(made.metrics.refused).toBe(1)
  })

  it('lets a client that reads nothing before it has sent 15 MiB still read its 413', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const body = Buffer.alloc(15 * 1024 * 1024)
    const client = await made.socket()
    client.socket.pause()
    client.send(`POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`)
    await new Promise<void>((resolve, reject) => {
      client.socket.write(body, (error) => (error ? reject(error) : resolve()))
    })
    client.socket.resume()
    expect(await client.whenClosed()).toContain('HTTP/1.1 413')
  })

  it('cancels the call and answers 413 when a chunked input grows beyond the limit', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const chunk = `${(PAYLOAD_BYTES_MAX / 2).toString(16)}\r\n${'z'.repeat(PAYLOAD_BYTES_MAX / 2)}\r\n`
    const client = await made.socket()
    client.send(`POST /function/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)
    const call = await made.door.call(0)
    await call.whenInput(PAYLOAD_BYTES_MAX)
    expect(call.cancelled).toBe(false)
    client.send('1\r\nz\r\n')
    await call.whenCancelled()
    await client.until('"reason":"payload_too_large"')
    client.send('0\r\n\r\n')
    expect(await client.whenClosed()).toContain('HTTP/1.1 413')
    expect(call.ended).toBe(false)
  })

  it('stops reading what follows a 413 after the bytes that it drops, and closes', async () => {
    await using made = await GatewayUnderTest.listen(echo, { lingerBytesMax: 100_000 })
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n')
    await client.until('"reason":"payload_too_large"')
    client.send(Buffer.alloc(200_000))
    await client.whenClosed()
  })

  it('stops waiting for what follows a 413, and closes', async () => {
    await using made = await GatewayUnderTest.listen(echo, { lingerMs: 10 })
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n')
    expect(await client.whenClosed()).toContain('HTTP/1.1 413')
  })
})

describe('HttpGateway, answers before the input is read', () => {
  it('drops a short input of a refused request and keeps the socket', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    expect((await made.ask('POST', '/nowhere', 'x'.repeat(1_000))).status).toBe(404)
    const next = await made.ask('POST', '/function/a', 'next')
    expect([next.text, next.reused]).toEqual(['next', true])
  })

  it('answers a call that fails early, reads the rest of the input, and keeps the socket', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    const call = await made.door.call(0)
    await call.whenInput(3)
    call.fail('not_found', 'no such function')
    await client.until('"reason":"not_found"')
    client.send(`defghij${GET('/livez')}`)
    await client.until('ok\n')
    expect(call.inputBytes.toString()).toBe('abc')
  })

  it('reads the rest of the input when the call fails by the very part that the door did not want', async () => {
    await using made = await GatewayUnderTest.listen(undefined, { discardBytesMax: PAYLOAD_BYTES_MAX })
    const client = await made.socket()
    client.send(`POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${PAYLOAD_BYTES_MAX}\r\n\r\n`)
    const call = await made.door.call(0)
    call.accepts = false
    call.onWrite = () => call.fail('worker_crashed', 'gone')
    client.send('abc')
    await client.until('"reason":"worker_crashed"')
    client.send('x'.repeat(PAYLOAD_BYTES_MAX - 3))
    client.send(GET('/livez'))
    await client.until('ok\n')
  })

  it('closes after the answer when 65,537 bytes of the input are still to come', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n')
    const call = await made.door.call(0)
    call.succeed('early')
    expect(await client.until('early')).toContain('Connection: close')
    client.send('x'.repeat(65_537))
    await client.whenClosed()
  })

  it('breaks the socket when a stream ended and its client never ends the input', async () => {
    await using made = await GatewayUnderTest.listen(undefined, { lingerBytesMax: 1_000 })
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    const call = await made.door.call(0)
    call.listener.onHead(0, undefined)
    call.listener.onEnd(TIMING)
    await client.until('\r\n0\r\n')
    client.send(`7d0\r\n${'x'.repeat(2_000)}\r\n`)
    await client.whenClosed()
  })
})

describe('HttpGateway, 100 Continue', () => {
  it('asks for the body of a request that it takes', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
    await client.until('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('body')
    expect(await client.until('\r\n\r\nbody')).toContain('HTTP/1.1 200 OK')
  })

  it('does not ask for a body that is too large, nor for one to nowhere, and says that it closes', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    for (const [path, length, status] of [
      ['/function/a', PAYLOAD_BYTES_MAX + 1, 413],
      ['/nowhere', 4, 404],
    ] as const) {
      const client = await made.socket()
      client.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`)
      const answer = await client.until('"status":')
      expect(answer).toContain(`HTTP/1.1 ${status}`)
      expect(answer).toContain('Connection: close')
      expect(answer).not.toContain('100 Continue')
      client.socket.end()
      await client.whenClosed()
    }
  })

  it('answers 417 to any other expectation', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    expect((await made.ask('GET', '/function/a', undefined, { expect: 'more' })).status).toBe(417)
  })
})

describe('HttpGateway, bad requests', () => {
  it.each([
    ['GET', '/function/a%2Fb', {}, 404, 'not_found'],
    ['GET', '/function/-a', {}, 404, 'not_found'],
    ['GET', '/function/%zz', {}, 400, 'bad_input'],
    ['GET', '/function/a/b', {}, 404, 'not_found'],
    ['GET', '/', {}, 404, 'not_found'],
    ['DELETE', '/metrics', {}, 405, 'bad_input'],
    ['TRACE', '/function/a', {}, 405, 'bad_input'],
    ['GET', '/function/a', { 'millrace-timeout': 'soon' }, 400, 'bad_input'],
    ['GET', '/function/a', { 'content-encoding': 'gzip' }, 415, 'bad_input'],
  ])('answers %s %s %j with %i and %s', async (method, path, headers, status, reason) => {
    await using made = await GatewayUnderTest.listen(echo)
    const answer = await made.ask(method, path, undefined, headers as Record<string, string>)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json).toMatchObject({ status, reason, component: 'caller' })
    expect(made.door.calls.length).toBe(0)
  })

  it('answers 431 to headers over the limit and 400 to what is no HTTP, as problems, and closes', async () => {
    await using made = await GatewayUnderTest.listen(echo, { headerBytesMax: 1_000 })
    const long = await made.socket()
    long.send(`GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(1_000)}\r\n\r\n`)
    expect(await long.whenClosed()).toMatch(/^HTTP\/1.1 431 .*"status":431/s)
    const other = await made.socket()
    other.send('HELLO\r\n\r\n')
    expect(await other.whenClosed()).toMatch(/^HTTP\/1.1 400 .*"status":400/s)
    const both = await made.socket()
    both.send(
      'POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    )
    expect(await both.whenClosed()).toContain('HTTP/1.1 400')
    expect(made.door.calls.length).toBe(0)
  })

  it('breaks the socket and cancels the call when its chunks cannot be read', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    const call = await made.door.call(0)
    await call.whenInput(3)
    client.send('zz\r\n')
    await call.whenCancelled()
    await client.whenClosed()
  })
})

describe('HttpGateway, slow clients', () => {
  it('answers 408 when the headers do not arrive in time', async () => {
    await using made = await GatewayUnderTest.listen(echo, { headersTimeoutMs: 20, timeoutCheckMs: 10 })
    const client = await made.socket()
    client.send('GET /livez HTTP/1.1\r\nHost:')
    expect(await client.whenClosed()).toMatch(/^HTTP\/1.1 408 .*"status":408/s)
  })

  it('cancels the call and answers 408 when nothing more of the input comes', async () => {
    await using made = await GatewayUnderTest.listen(echo, { inputIdleMs: 10, lingerMs: 10 })
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    await (await made.door.call(0)).whenCancelled()
    expect(await client.whenClosed()).toContain('HTTP/1.1 408')
  })

  it('breaks the socket when the input stops after the head of the output', async () => {
    await using made = await GatewayUnderTest.listen(echo, { inputIdleMs: 10 })
    const client = await made.socket()
    client.send('POST /function/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    const call = await made.door.call(0)
    call.listener.onHead(0, undefined)
    await call.whenCancelled()
    await client.whenClosed()
  })

  it('does not blame the client while the callee holds the input back', async () => {
    await using made = await GatewayUnderTest.listen(echo, { inputIdleMs: 1 })
    const client = await made.socket()
    client.send(`POST /function/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${PAYLOAD_BYTES_MAX}\r\n\r\n`)
    const call = await made.door.call(0)
    call.accepts = false
    client.send(Buffer.alloc(PAYLOAD_BYTES_MAX))
    await call.whenInput(1)
    for (let i = 0; i < 50; i += 1) await made.ask('GET', '/livez')
    expect(call.cancelled).toBe(false)
    call.accepts = true
    call.listener.onDrain()
    await call.whenEnded()
  })

  it('closes the socket after the 2 that it takes', async () => {
    await using made = await GatewayUnderTest.listen(echo, { socketsMax: 2 })
    const [first, second] = [await made.socket(), await made.socket()]
    for (const client of [first, second]) {
      client.send(GET('/livez'))
      await client.until('ok\n')
    }
    const third = await made.socket()
    expect(await third.whenClosed()).toBe('')
    expect([made.metrics.socketsOpen, made.metrics.socketsDropped]).toEqual([2, 1])
  })
})

describe('HttpGateway, fixed routes', () => {
  it('serves the pages of the engine', async () => {
    await using made = await GatewayUnderTest.listen()
    expect((await made.ask('GET', '/livez')).text).toBe('ok\n')
    expect((await made.ask('GET', '/readyz')).text).toBe('ready\n')
    const metrics = await made.ask('GET', '/metrics')
    expect([metrics.text, metrics.headers['content-type']]).toEqual([
      '# the metrics\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect((await made.ask('GET', '/v1/functions')).json.functions[0].name).toBe('add')
    expect((await made.ask('GET', '/v1/workers')).json).toEqual({ workers: [] })
    const head = await made.ask('HEAD', '/livez')
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '3', ''])
  })

  it('answers OPTIONS with 204, the methods and no length', async () => {
    await using made = await GatewayUnderTest.listen()
    const answer = await made.ask('OPTIONS', '/function/a')
    expect(answer.status).toBe(204)
    expect(answer.headers.allow).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
    expect(answer.headers['content-length']).toBeUndefined()
    expect(made.door.calls.length).toBe(0)
  })

  it('answers 503 at /readyz until the engine is ready, and 200 at /livez all the time', async () => {
    await using made = await GatewayUnderTest.listen()
    made.ready = false
    expect((await made.ask('GET', '/readyz')).status).toBe(503)
    expect((await made.ask('GET', '/livez')).status).toBe(200)
  })

  it('answers 500 when the metrics cannot be read, and tells the engine why', async () => {
    await using made = await GatewayUnderTest.listen()
    made.metricsText = () => Promise.reject(new Error('a collector broke'))
    const answer = await made.ask('GET', '/metrics')
    expect([answer.status, answer.json.reason]).toEqual([500, 'internal'])
    expect(answer.text).not.toContain('collector')
    expect(made.errors[0]?.message).toBe('a collector broke')
  })
})

describe('HttpGateway, listening and closing', () => {
  it('tells where it listens, and rejects with EADDRINUSE when the port is taken', async () => {
    await using made = await GatewayUnderTest.listen()
    expect(made.gateway.address).toEqual({ host: '127.0.0.1', port: made.port })
    const { port } = made
    const second = new HttpGateway({ host: '127.0.0.1', port }, made.house)
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    expect(second.address).toBeUndefined()
    await second.close(0)
  })

  it('closes idle sockets when it drains, and says 503 and close to those who still ask', async () => {
    await using made = await GatewayUnderTest.listen(echo)
    const idle = await made.socket()
    idle.send(GET('/livez'))
    await idle.until('ok\n')
    made.gateway.drain()
    made.gateway.drain()
    await idle.whenClosed()
    const late = await made.socket()
    late.send(GET('/readyz'))
    const answer = await late.whenClosed()
    expect(answer).toContain('HTTP/1.1 503')
    expect(answer).toContain('Connection: close')
    expect(answer).toContain('draining\n')
  })

  it('waits for open calls when it closes, and takes no new socket', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/a'))
    const call = await made.door.call(0)
    const closed = made.gateway.close(60_000)
    expect(made.gateway.close(0)).toBe(closed)
    await expect(made.socket()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    call.succeed('done')
    expect(await client.whenClosed()).toContain('done')
    await closed
    expect(made.gateway.address).toBeUndefined()
  })

  it('closes the socket of a stream whose head promised to keep it', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/a'))
    const call = await made.door.call(0)
    call.listener.onHead(0, undefined)
    expect(await client.until('\r\n\r\n')).not.toContain('Connection: close')
    const closed = made.gateway.close(60_000)
    call.listener.onOutput(Buffer.from('last'))
    call.listener.onEnd(TIMING)
    expect(await client.whenClosed()).toContain('last')
    await closed
  })

  it('breaks off what is open when the grace is over, and cancels it', async () => {
    await using made = await GatewayUnderTest.listen()
    const client = await made.socket()
    client.send(GET('/function/a'))
    const call = await made.door.call(0)
    await made.gateway.close(0)
    await call.whenCancelled()
    await client.whenClosed()
  })
})
