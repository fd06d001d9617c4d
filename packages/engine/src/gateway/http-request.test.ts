import { Content } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import {
  announcedBodyBytes,
  contentOf,
  inputRefusal,
  parsePriority,
  parseTimeout,
  type Refusal,
  readCall,
  routeOf,
} from './http-request.ts'

const LIMIT = 1_000

/** Reads headers given as `Name: value` lines. */
function read(...lines: string[]) {
  return readCall(
    'add',
    lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    LIMIT,
  )
}

describe('routeOf', () => {
  it.each([
    ['/function/add', 'add'],
    ['/function/add?x=1', 'add'],
    ['/function/add?', 'add'],
    ['/function/a.b_c-9', 'a.b_c-9'],
    ['/function/%61dd', 'add'],
    ['/function/a%2Eb', 'a.b'],
    [`/function/${'a'.repeat(128)}`, 'a'.repeat(128)],
    ['http://host:80/function/add', 'add'],
    ['HTTPS://host/function/add?x', 'add'],
  ])('finds the function in %s', (target, name) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'QUERY', 'PROPFIND']) {
      expect(routeOf(method, target)).toEqual({ kind: 'function', name })
    }
  })

  it.each([
    ['/function/', 404],
    ['/function', 404],
    ['/function/add/', 404],
    ['/function/add/more', 404],
    ['/function/add%2Fmore', 404],
    ['/function/..', 404],
    ['/function/-add', 404],
    ['/function/add%20', 404],
    ['/function/%C3%A9', 404],
    ['/function/add%00', 404],
    [`/function/${'a'.repeat(129)}`, 404],
    ['/function/%', 400],
    ['/function/%zz', 400],
    ['/function/%C3', 400],
    ['//function/add', 404],
    ['/Function/add', 404],
    ['/', 404],
    ['/livez/', 404],
    ['*', 404],
    ['ftp://host/function/add', 404],
  ])('refuses %s with %i', (target, status) => {
    const route = routeOf('GET', target)
    expect(route.kind).toBe('refused')
    if (route.kind !== 'refused') return
    expect(route.refusal.reason).toBe(status === 404 ? 'not_found' : 'bad_input')
    expect(route.refusal.status).toBeUndefined()
  })

  it('finds each fixed route by GET and HEAD, and refuses others with 405 and what it allows', () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/v1/functions', '/v1/workers']) {
      for (const method of ['GET', 'HEAD']) expect(routeOf(method, `${path}?x`)).toEqual({ kind: 'fixed', path })
      const route = routeOf('POST', path)
      expect(route).toMatchObject({ kind: 'refused', refusal: { status: 405, allow: 'GET, HEAD, OPTIONS' } })
      expect(routeOf('OPTIONS', path)).toEqual({ kind: 'options', allow: 'GET, HEAD, OPTIONS' })
    }
  })

  it('answers OPTIONS for a function and for *, and refuses TRACE with 405', () => {
    const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
    expect(routeOf('OPTIONS', '/function/add')).toEqual({ kind: 'options', allow })
    expect(routeOf('OPTIONS', '*')).toEqual({ kind: 'options', allow })
    expect(routeOf('TRACE', '/function/add')).toMatchObject({ kind: 'refused', refusal: { status: 405, allow } })
  })
})

describe('readCall', () => {
  it('takes defaults from a request without headers of ours: no input, bytes, urgency 3, no limit, no trace', () => {
    expect(read('Host: x', 'User-Agent: y', 'Accept: */*', 'Accept-Encoding: gzip')).toEqual({
      function: 'add',
      content: Content.BYTES,
      priority: 3,
      timeoutUs: 0,
      trace: undefined,
      inputBytes: 0,
    })
  })

  it('reads every header of ours in any case of letters', () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    for (const change of [(s: string) => s, (s: string) => s.toLowerCase(), (s: string) => s.toUpperCase()]) {
      const call = readCall(
        'add',
        [
          [change('Content-Type'), 'application/json'],
          [change('Content-Length'), '12'],
          [change('Priority'), 'u=1, i'],
          [change('Traceparent'), trace],
          [change('Millrace-Timeout'), '250ms'],
        ].flat(),
        LIMIT,
      )
      expect(call).toMatchObject({ content: Content.JSON, inputBytes: 12, priority: 1, timeoutUs: 250_000 })
      expect('trace' in call && call.trace?.flags).toBe(1)
    }
  })

  it('takes an input of exactly the limit and refuses one byte more', () => {
    expect(read('Content-Length: 1000')).toMatchObject({ inputBytes: 1_000 })
    expect(read('Content-Length: 1001')).toEqual(inputRefusal(1_001, LIMIT))
    expect(inputRefusal(1_001, LIMIT)).toMatchObject({ reason: 'payload_too_large' })
  })

  it('takes a chunked input of unknown length and refuses any other transfer coding with unsupported', () => {
    expect(read('Transfer-Encoding: chunked')).toMatchObject({ inputBytes: undefined })
    expect(read('Transfer-Encoding: Chunked')).toMatchObject({ inputBytes: undefined })
    expect(read('Transfer-Encoding: gzip, chunked')).toMatchObject({ reason: 'unsupported' })
    expect(read('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked')).toMatchObject({ reason: 'unsupported' })
  })

  it('refuses a content coding with 415, but identity', () => {
    expect(read('Content-Encoding: gzip')).toMatchObject({ status: 415 })
    expect(read('Content-Encoding: identity')).toMatchObject({ content: Content.BYTES })
  })

  it('ignores a trace header that is wrong or given twice', () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    for (const call of [read('traceparent: nonsense'), read(`traceparent: ${trace}`, `traceparent: ${trace}`)]) {
      expect(call).toMatchObject({ function: 'add', trace: undefined })
    }
  })

  it('refuses a time limit that is wrong or given twice, and names the right form', () => {
    for (const refusal of [read('Millrace-Timeout: soon'), read('Millrace-Timeout: 1s', 'Millrace-Timeout: 2s')]) {
      expect(refusal).toMatchObject({ reason: 'bad_input' })
      expect((refusal as Refusal).message).toContain('250ms')
    }
  })
})

describe('parseTimeout', () => {
  it.each([
    ['1us', 1],
    ['250ms', 250_000],
    ['2s', 2_000_000],
    ['4294s', 4_294_000_000],
    ['4294967295us', 4_294_967_295],
    ['4294967296us', undefined],
    ['4295s', undefined],
    ['0s', undefined],
    ['', undefined],
    ['1', undefined],
    ['s', undefined],
    ['-1s', undefined],
    ['1.5s', undefined],
    ['1 s', undefined],
    ['1S', undefined],
    ['1m', undefined],
    ['1e3us', undefined],
    ['99999999999us', undefined],
  ])('reads %j as %s microseconds', (text, us) => {
    expect(parseTimeout(text)).toBe(us)
  })
})

describe('parsePriority', () => {
  it.each([
    ['u=0', 0],
    ['u=7', 7],
    ['u=8', 3],
    ['u=-1', 3],
    ['u=1.5', 3],
    ['u="1"', 3],
    ['u', 3],
    ['i', 3],
    ['', 3],
    ['u=5, i', 5],
    ['i, u=5', 5],
    ['i,u=5;x=1', 5],
    ['u=1, u=6', 6],
    ['u=1, u=9', 3],
    ['ux=1', 3],
  ])('reads %j as urgency %i', (text, urgency) => {
    expect(parsePriority(text)).toBe(urgency)
  })
})

describe('contentOf', () => {
  it.each([
    ['application/octet-stream', Content.BYTES],
    ['application/json', Content.JSON],
    ['application/json; charset=utf-8', Content.JSON],
    ['Application/JSON', Content.JSON],
    ['application/problem+json', Content.JSON],
    ['application/vnd.x+JSON; v=1', Content.JSON],
    ['text/plain', Content.TEXT],
    ['text/plain; charset=utf-8', Content.TEXT],
    ['text/plain;charset="UTF-8"', Content.TEXT],
    ['text/csv', Content.TEXT],
    ['text/html; charset=us-ascii', Content.TEXT],
    ['text/plain; charset=iso-8859-1', Content.BYTES],
    ['application/x-www-form-urlencoded', Content.BYTES],
    ['multipart/form-data; boundary=x', Content.BYTES],
    ['nonsense', Content.BYTES],
    ['', Content.BYTES],
    ['application/x-protobuf', 3],
    ['application/cbor', 4],
    ['text/event-stream', 5],
    ['application/x-ndjson', 6],
  ])('takes %j as content %i', (type, content) => {
    expect(contentOf(type)).toBe(content)
  })
})

describe('announcedBodyBytes', () => {
  it('is 0 without a body, the length when it is told, and unknown when it is chunked', () => {
    expect(announcedBodyBytes(['Host', 'x'])).toBe(0)
    expect(announcedBodyBytes(['content-LENGTH', '7'])).toBe(7)
    expect(announcedBodyBytes(['Transfer-Encoding', 'chunked'])).toBeUndefined()
  })
})
