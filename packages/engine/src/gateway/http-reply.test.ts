import { REASONS } from '@millrace/protocol'
import { failure } from '@millrace/protocol/cold'
import { describe, expect, it } from 'vitest'
import {
  failureReply,
  jsonReply,
  mediaType,
  milliseconds,
  NO_TRACE,
  type Reply,
  refusalReply,
  serverTiming,
  textReply,
  unreadableResponse,
} from './http-reply.ts'

const TIMING = { queueUs: 21, runUs: 220.4, totalUs: 12_300 }

function header(reply: Reply, name: string): string | undefined {
  const index = reply.headers.indexOf(name)
  return index < 0 ? undefined : reply.headers[index + 1]
}

describe('milliseconds', () => {
  it.each([
    [0, '0.000'],
    [0.4, '0.000'],
    [0.5, '0.001'],
    [1, '0.001'],
    [999, '0.999'],
    [999.6, '1.000'],
    [1_000, '1.000'],
    [12_034, '12.034'],
    [60_000_000, '60000.000'],
    [4_294_967_295_001, '4294967295.001'],
  ])('writes %f microseconds as %s', (us, text) => {
    expect(milliseconds(us)).toBe(text)
  })
})

describe('serverTiming', () => {
  it('gives queue, run and total in milliseconds', () => {
    expect(serverTiming(TIMING)).toBe('queue;dur=0.021, run;dur=0.220, total;dur=12.300')
  })
})

describe('mediaType', () => {
  it('follows the table of the layout, and takes an unknown number as bytes', () => {
    expect(mediaType(1)).toBe('application/json')
    expect(mediaType(2)).toBe('text/plain; charset=utf-8')
    expect(mediaType(200)).toBe('application/octet-stream')
  })
})

describe('failureReply', () => {
  it('answers every reason with its status, type, blame and retry hint', () => {
    for (const info of Object.values(REASONS)) {
      const reply = failureReply(failure(info.name, 'why'), TIMING, 'ab')
      const problem = JSON.parse(reply.body)
      expect(reply.status).toBe(info.http)
      expect(problem.status).toBe(info.http)
      expect(problem.type).toBe(`https://millrace.dev/problems/${info.name.replaceAll('_', '-')}`)
      expect(problem.component).toBe(info.component)
      expect(problem.retryable).toBe({ yes: true, no: false, maybe: undefined }[info.retry])
      expect(header(reply, 'Content-Type')).toBe('application/problem+json')
      expect(header(reply, 'Retry-After')).toBe(info.http === 503 ? '1' : undefined)
    }
  })

  it('names the function, its code and the trace, and lets the failure decide whether a retry helps', () => {
    const more = { function: 'add', code: 'NO_SUM', retryable: true, stack: 'at secret.ts:1', errorType: 'Secret' }
    const reply = failureReply(failure('handler_error', 'no sum', more), TIMING, 'ab')
    expect(JSON.parse(reply.body)).toEqual({
      type: 'https://millrace.dev/problems/handler-error',
      title: 'Handler error',
      status: 500,
      detail: 'no sum',
      component: 'function',
      reason: 'handler_error',
      function: 'add',
      code: 'NO_SUM',
      retryable: true,
      traceId: 'ab',
    })
    expect(header(reply, 'Server-Timing')).toBe(serverTiming(TIMING))
  })

  it('leaves out what is not told', () => {
    const problem = JSON.parse(failureReply(failure('handler_error', 'x'), TIMING, NO_TRACE).body)
    expect('function' in problem).toBe(false)
    expect('code' in problem).toBe(false)
    expect('traceId' in problem).toBe(false)
  })
})

describe('refusalReply', () => {
  it('has the type of its reason when the status is that of the reason', () => {
    const reply = refusalReply({ reason: 'not_found', message: 'no such route' })
    expect(reply.status).toBe(404)
    expect(JSON.parse(reply.body)).toMatchObject({
      type: 'https://millrace.dev/problems/not-found',
      title: 'Not found',
      detail: 'no such route',
      component: 'caller',
    })
  })

  it('has the type about:blank and the title of the status when it is about HTTP', () => {
    for (const [status, title] of [
      [405, 'Method Not Allowed'],
      [408, 'Request Timeout'],
      [415, 'Unsupported Media Type'],
    ] as const) {
      const reply = refusalReply({ status, reason: 'bad_input', message: 'x', allow: 'GET' })
      expect(reply.status).toBe(status)
      expect(header(reply, 'Allow')).toBe('GET')
      expect(JSON.parse(reply.body)).toMatchObject({ type: 'about:blank', title, status })
    }
  })

  it('blames the caller for an unsupported request and the engine for a full queue', () => {
    expect(JSON.parse(refusalReply({ reason: 'unsupported', message: 'x' }).body).component).toBe('caller')
    const full = refusalReply({ reason: 'queue_full', message: 'x' })
    expect(JSON.parse(full.body)).toMatchObject({ component: 'engine', retryable: true })
    expect(header(full, 'Retry-After')).toBe('1')
  })
})

describe('textReply and jsonReply', () => {
  it('say what they are', () => {
    expect(textReply(503, 'draining')).toEqual({
      status: 503,
      headers: ['Content-Type', 'text/plain; charset=utf-8'],
      body: 'draining\n',
    })
    expect(jsonReply({ a: 1 })).toEqual({ status: 200, headers: ['Content-Type', 'application/json'], body: '{"a":1}' })
  })
})

describe('unreadableResponse', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
    ['HPE_INVALID_METHOD', '400 Bad Request'],
    [undefined, '400 Bad Request'],
  ])('answers %s with %s, the right length, and the end of the socket', (code, line) => {
    const [head, body] = unreadableResponse(code).split('\r\n\r\n') as [string, string]
    expect(head.startsWith(`HTTP/1.1 ${line}\r\n`)).toBe(true)
    expect(head).toContain('\r\nConnection: close')
    expect(head).toContain(`\r\nContent-Length: ${body.length}`)
    expect(JSON.parse(body).status).toBe(Number(line.slice(0, 3)))
  })
})
