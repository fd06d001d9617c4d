/**
 * What an HTTP request asks for: its route, its input's size and content, and the headers that shape the call. Pure.
 *
 * A request is read or refused; a refusal says which answer it gets.
 */
import { Content, isFunctionName, MEDIA_TYPES, PRIORITY_DEFAULT, type ReasonName } from '@millrace/protocol'
import { parseTraceparent } from '../observe/trace-context.ts'
import type { DoorRequest } from './door.ts'

/** Why the gateway itself turns a request away. */
export interface Refusal {
  /** HTTP status; undefined: that of the reason. */
  readonly status?: number
  readonly reason: ReasonName
  /** For people: what is wrong, and what would be right. */
  readonly message: string
  /** Methods for the Allow header. Default: no such header. */
  readonly allow?: string
}

/** The fixed routes. */
export type FixedRoute = '/livez' | '/readyz' | '/metrics' | '/v1/functions' | '/v1/workers'

/** Where a request goes. */
export type Route =
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'fixed'; readonly path: FixedRoute }
  /** OPTIONS: answered by the gateway itself. */
  | { readonly kind: 'options'; readonly allow: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const FUNCTION_PREFIX = '/function/'
const FIXED: ReadonlySet<string> = new Set<FixedRoute>([
  '/livez',
  '/readyz',
  '/metrics',
  '/v1/functions',
  '/v1/workers',
])
const ALLOW_FIXED = 'GET, HEAD, OPTIONS'
/** For OPTIONS. Every other method of HTTP calls the function as well, but TRACE. */
const ALLOW_FUNCTION = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
/** What timeout_us can hold. */
const TIMEOUT_US_MAX = 0xffff_ffff
const US_BY_UNIT: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000 }

/**
 * The route of a method and a request target. The query is no part of it and no part of the input. The name of a
 * function may be percent-encoded; what follows it after a slash is no route.
 */
export function routeOf(method: string, target: string): Route {
  const path = pathOf(target)
  if (path.startsWith(FUNCTION_PREFIX)) return functionRoute(method, path.slice(FUNCTION_PREFIX.length))
  if (FIXED.has(path)) {
    if (method === 'GET' || method === 'HEAD') return { kind: 'fixed', path: path as FixedRoute }
    if (method === 'OPTIONS') return { kind: 'options', allow: ALLOW_FIXED }
    return refused(methodRefusal(method, path, ALLOW_FIXED))
  }
  if (method === 'OPTIONS' && path === '*') return { kind: 'options', allow: ALLOW_FUNCTION }
  return refused({
    reason: 'not_found',
    message: `no such route: ${path}. Functions are at ${FUNCTION_PREFIX}{name}; /v1/functions lists them`,
  })
}

function functionRoute(method: string, text: string): Route {
  const name = isFunctionName(text) ? text : decoded(text)
  if (name === undefined) {
    return refused({ reason: 'bad_input', message: `the path has a percent sign that encodes nothing: ${text}` })
  }
  if (!isFunctionName(name)) {
    const message = `no function can be named ${JSON.stringify(name)}: a name is 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit`
    return refused({ reason: 'not_found', message })
  }
  if (method === 'OPTIONS') return { kind: 'options', allow: ALLOW_FUNCTION }
  if (method === 'TRACE') return refused(methodRefusal(method, FUNCTION_PREFIX + name, ALLOW_FUNCTION))
  return { kind: 'function', name }
}

function refused(refusal: Refusal): Route {
  return { kind: 'refused', refusal }
}

function methodRefusal(method: string, path: string, allow: string): Refusal {
  return { status: 405, reason: 'bad_input', message: `${path} does not take ${method}, but ${allow}`, allow }
}

/** The path of a request target in origin form, or in the absolute form that every server must take (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  let begin = 0
  if (!target.startsWith('/')) {
    const absolute = /^https?:\/\/[^/?]*/i.exec(target)
    if (absolute !== null) begin = absolute[0].length
  }
  const query = target.indexOf('?', begin)
  return target.slice(begin, query < 0 ? undefined : query)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // It throws for a malformed encoding only: the caller says so.
  }
}

/**
 * Reads the headers of a request for the function `name`, as Node gives them (name, value, name, ...), into the start of
 * a call; or says why it is refused. `payloadBytesMax` is the largest input in bytes.
 *
 * `traceparent` and `Priority` that can't be read are ignored, as their standards say. `Millrace-Timeout` is ours, and
 * one that can't be read is refused: a limit that silently does not hold is worse than none.
 */
export function readCall(name: string, rawHeaders: readonly string[], payloadBytesMax: number): DoorRequest | Refusal {
  let contentType: string | undefined
  let contentLength: string | undefined
  let contentEncoding: string | undefined
  let transferEncoding: string | undefined
  let traceparent: string | undefined
  let priority: string | undefined
  let timeout: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = rawHeaders[i]!
    const value = rawHeaders[i + 1]!
    // By length first: most headers of most clients are none of these, and lower case costs.
    switch (header.length) {
      case 8:
        if (isHeader(header, 'priority')) priority = joined(priority, value)
        break
      case 11:
        if (isHeader(header, 'traceparent')) traceparent = joined(traceparent, value)
        break
      case 12:
        if (isHeader(header, 'content-type')) contentType = value
        break
      case 14:
        if (isHeader(header, 'content-length')) contentLength = value
        break
      case 16:
        if (isHeader(header, 'millrace-timeout')) timeout = joined(timeout, value)
        else if (isHeader(header, 'content-encoding')) contentEncoding = joined(contentEncoding, value)
        break
      case 17:
        if (isHeader(header, 'transfer-encoding')) transferEncoding = joined(transferEncoding, value)
        break
    }
  }
  const inputBytes = bodyBytes(contentLength, transferEncoding)
  if (inputBytes !== undefined && inputBytes > payloadBytesMax) return inputRefusal(inputBytes, payloadBytesMax)
  if (transferEncoding !== undefined && transferEncoding.toLowerCase() !== 'chunked') {
    return { reason: 'unsupported', message: `Transfer-Encoding ${transferEncoding} is not supported, only chunked` }
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    const message = `Content-Encoding ${contentEncoding} is not supported: send the input as it is`
    return { status: 415, reason: 'bad_input', message }
  }
  const timeoutUs = timeout === undefined ? 0 : parseTimeout(timeout)
  if (timeoutUs === undefined) {
    const message = `Millrace-Timeout ${JSON.stringify(timeout)} is no limit: write 1us to 4294s, such as 250ms or 2s`
    return { reason: 'bad_input', message }
  }
  return {
    function: name,
    content: contentType === undefined ? Content.BYTES : contentOf(contentType),
    priority: priority === undefined ? PRIORITY_DEFAULT : parsePriority(priority),
    timeoutUs,
    trace: traceparent === undefined ? undefined : parseTraceparent(traceparent),
    inputBytes,
  }
}

/** The refusal of an input of `bytes`; undefined: more than allowed, and nobody knows how much. */
export function inputRefusal(bytes: number | undefined, payloadBytesMax: number): Refusal {
  const size = bytes === undefined ? 'longer than that' : `${bytes} bytes`
  return { reason: 'payload_too_large', message: `an input may have ${payloadBytesMax} bytes; this one is ${size}` }
}

/** Bytes of the body that a request announces: 0 for none, undefined for a chunked one. */
export function announcedBodyBytes(rawHeaders: readonly string[]): number | undefined {
  let contentLength: string | undefined
  let transferEncoding: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (isHeader(rawHeaders[i]!, 'content-length')) contentLength = rawHeaders[i + 1]
    if (isHeader(rawHeaders[i]!, 'transfer-encoding')) transferEncoding = rawHeaders[i + 1]
  }
  return bodyBytes(contentLength, transferEncoding)
}

function bodyBytes(contentLength: string | undefined, transferEncoding: string | undefined): number | undefined {
  if (transferEncoding !== undefined) return undefined
  return contentLength === undefined ? 0 : Number(contentLength) // Node refuses what is not all digits.
}

function isHeader(header: string, lowerCase: string): boolean {
  return header === lowerCase || (header.length === lowerCase.length && header.toLowerCase() === lowerCase)
}

/** Two headers of one name mean their values joined (RFC 9110, 5.3). */
function joined(earlier: string | undefined, value: string): string {
  return earlier === undefined ? value : `${earlier}, ${value}`
}

/** Content number by media type, without parameters. */
const CONTENT_BY_TYPE: ReadonlyMap<string, number> = new Map(
  Object.entries(MEDIA_TYPES).map(([content, type]) => [type.split(';')[0]!, Number(content)]),
)

/**
 * The content number of a Content-Type: by the layout's table; a `+json` suffix counts as JSON; other `text/` types
 * count as text when their charset is UTF-8 or not told. Everything else is bytes, also
 * `application/x-www-form-urlencoded`: curl sends it with `-d` unless told otherwise, and a function that takes JSON
 * reads bytes as JSON.
 */
export function contentOf(contentType: string): number {
  const known = CONTENT_BY_TYPE.get(contentType)
  if (known !== undefined) return known
  const end = contentType.indexOf(';')
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  const content = CONTENT_BY_TYPE.get(type)
  if (content !== undefined && content !== Content.TEXT) return content
  if (type.endsWith('+json')) return Content.JSON
  if (type.startsWith('text/')) {
    const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8'
    if (charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') return Content.TEXT
  }
  return Content.BYTES
}

/** The urgency in a Priority header (RFC 9218): `u=0` to `u=7`, other members ignored, the last `u` holds. Default 3. */
export function parsePriority(header: string): number {
  let urgency = PRIORITY_DEFAULT
  for (const member of header.split(',')) {
    const item = member.split(';')[0]!.trim()
    if (item === 'u' || item.startsWith('u='))
      urgency = /^u=[0-7]$/.test(item) ? Number(item.slice(2)) : PRIORITY_DEFAULT
  }
  return urgency
}

/** Microseconds of a limit such as `500us`, `250ms` or `2s`; undefined when it is none, 0, or over 4,294,967,295 µs. */
export function parseTimeout(header: string): number | undefined {
  const parts = /^([0-9]{1,10})(us|ms|s)$/.exec(header)
  if (parts === null) return undefined
  const us = Number(parts[1]) * US_BY_UNIT[parts[2]!]!
  return us >= 1 && us <= TIMEOUT_US_MAX ? us : undefined
}
