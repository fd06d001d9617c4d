/**
 * What the gateway answers: the headers of a good outcome, and RFC 9457 problems for everything else. Pure.
 *
 * A problem never shows a stack trace or the type of an error: the gateway does not know who reads it.
 */
import { Content, MEDIA_TYPES, REASONS, type ReasonName } from '@millrace/protocol'
import type { Failure } from '@millrace/protocol/cold'
import type { CallTiming } from './door.ts'
import type { Refusal } from './http-request.ts'

/** A whole answer. */
export interface Reply {
  readonly status: number
  /** As Node takes them: name, value, name, ... with Content-Type, without Content-Length. */
  readonly headers: string[]
  readonly body: string
}

/** Trace id of a call that has no trace: one refused at the door. */
export const NO_TRACE = '0'.repeat(32)

/** The members of a problem document, in their order on the wire. Those that are undefined are left out. */
interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Who is to blame: `caller`, `engine`, `worker` or `function`. */
  readonly component: string
  readonly reason: ReasonName
  readonly function: string | undefined
  /** The function's own code. */
  readonly code: string | undefined
  /** Whether the same call may succeed later; left out when nobody knows. */
  readonly retryable: boolean | undefined
  readonly traceId: string | undefined
}

const PROBLEMS = 'https://millrace.dev/problems/'
const PROBLEM_MEDIA_TYPE = 'application/problem+json'
/** Seconds until a call that was never started is worth another try. */
const RETRY_AFTER_SECONDS = 1

/** Titles of the answers that are about HTTP and not about a call: their problem has the type `about:blank`. */
const HTTP_TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  431: 'Request Header Fields Too Large',
}

/** Fractions of a millisecond by their microseconds. Joining strings is several times as fast as `toFixed`. */
const FRACTIONS: readonly string[] = Array.from({ length: 1_000 }, (_, us) => `.${String(us).padStart(3, '0')}`)

/** The media type of a content number; bytes for a number of a later layout. */
export function mediaType(content: number): string {
  return MEDIA_TYPES[content] ?? MEDIA_TYPES[Content.BYTES]!
}

/** Microseconds as milliseconds with three decimals: `12.034`. */
export function milliseconds(us: number): string {
  const rounded = Math.round(us)
  const whole = Math.floor(rounded / 1_000)
  return whole + FRACTIONS[rounded - whole * 1_000]!
}

/** The value of Server-Timing: waiting for a worker, in the handler, and all from entering to settling. */
export function serverTiming(timing: CallTiming): string {
  return `queue;dur=${milliseconds(timing.queueUs)}, run;dur=${milliseconds(timing.runUs)}, total;dur=${milliseconds(timing.totalUs)}`
}

/**
 * The answer of a call that failed: a problem document, with the status of the reason. `traceId` is that of the call, 32
 * hexadecimal digits.
 */
export function failureReply(failure: Failure, timing: CallTiming, traceId: string): Reply {
  const info = REASONS[failure.reason]
  const headers = ['Content-Type', PROBLEM_MEDIA_TYPE, 'Server-Timing', serverTiming(timing)]
  retryAfter(headers, failure.reason)
  return {
    status: info.http,
    headers,
    body: encode({
      type: reasonType(failure.reason),
      title: reasonTitle(failure.reason),
      status: info.http,
      detail: failure.message,
      component: info.component,
      reason: failure.reason,
      function: failure.function || undefined,
      code: failure.code || undefined,
      retryable: failure.retryable ?? retryable(failure.reason),
      traceId: traceId === NO_TRACE ? undefined : traceId,
    }),
  }
}

/** The answer to a request for which no call was opened. */
export function refusalReply(refusal: Refusal): Reply {
  const info = REASONS[refusal.reason]
  const status = refusal.status ?? info.http
  const title = status === info.http ? undefined : HTTP_TITLES[status]
  const headers = ['Content-Type', PROBLEM_MEDIA_TYPE]
  if (refusal.allow !== undefined) headers.push('Allow', refusal.allow)
  if (status === info.http) retryAfter(headers, refusal.reason)
  return {
    status,
    headers,
    body: encode({
      type: title === undefined ? reasonType(refusal.reason) : 'about:blank',
      title: title ?? reasonTitle(refusal.reason),
      status,
      detail: refusal.message,
      // The gateway itself refused, so a reason that blames a worker elsewhere can only mean the request here.
      component: info.component === 'engine' ? 'engine' : 'caller',
      reason: refusal.reason,
      function: undefined,
      code: undefined,
      retryable: retryable(refusal.reason),
      traceId: undefined,
    }),
  }
}

/** A line of text, such as what `/livez` says. */
export function textReply(status: number, text: string): Reply {
  return { status, headers: ['Content-Type', MEDIA_TYPES[Content.TEXT]!], body: `${text}\n` }
}

/** A value as JSON. */
export function jsonReply(value: unknown): Reply {
  return { status: 200, headers: ['Content-Type', MEDIA_TYPES[Content.JSON]!], body: JSON.stringify(value) }
}

/**
 * A whole HTTP/1.1 response to bytes that Node could not read as a request, after which the socket closes. `code` is that
 * of Node's error.
 */
export function unreadableResponse(code: string | undefined): string {
  const reply = refusalReply(unreadable(code))
  let head = `HTTP/1.1 ${reply.status} ${HTTP_TITLES[reply.status]}\r\nConnection: close\r\n`
  for (let i = 0; i + 1 < reply.headers.length; i += 2) head += `${reply.headers[i]}: ${reply.headers[i + 1]}\r\n`
  return `${head}Content-Length: ${new TextEncoder().encode(reply.body).length}\r\n\r\n${reply.body}`
}

function unreadable(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, reason: 'bad_input', message: 'the request line and headers are too long' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, reason: 'bad_input', message: 'the headers took too long to arrive' }
  }
  return { reason: 'bad_input', message: `this is no HTTP/1.1 request${code === undefined ? '' : ` (${code})`}` }
}

function reasonType(reason: ReasonName): string {
  return PROBLEMS + reason.replaceAll('_', '-')
}

function reasonTitle(reason: ReasonName): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1).replaceAll('_', ' ')
}

function retryable(reason: ReasonName): boolean | undefined {
  const { retry } = REASONS[reason]
  return retry === 'maybe' ? undefined : retry === 'yes'
}

function retryAfter(headers: string[], reason: ReasonName): void {
  const { http, retry } = REASONS[reason]
  if (http === 503 && retry === 'yes') headers.push('Retry-After', String(RETRY_AFTER_SECONDS))
}

function encode(problem: Problem): string {
  return `${JSON.stringify(problem)}\n`
}
