/** Requests to a running engine, by its gateway. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { CommandError, ExitCode } from './exit-code.ts'
import { ANSWER_BYTES_MAX, QUERY_TIMEOUT_MS } from './limits.ts'

/** Where the engine is when nothing says otherwise. */
export const URL_DEFAULT = 'http://127.0.0.1:8080'

/** The engine's address: the option, else `MILLRACE_URL`, else the default. */
export function engineUrl(option: string | undefined, environment: Readonly<Record<string, string | undefined>>): URL {
  const given = option ?? (environment.MILLRACE_URL || undefined)
  const text = given ?? URL_DEFAULT
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CommandError(
      `"${text}" is not the address of an engine; write one such as ${URL_DEFAULT}`,
      ExitCode.usage,
    )
  }
  return url
}

export interface Send {
  readonly method: 'GET' | 'POST'
  /** From the root of the engine's address, such as `/v1/functions`. */
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Uint8Array | Readable
  readonly signal?: AbortSignal
}

/**
 * Sends one request and gives its answer once the head is there. Throws `CommandError` when no engine answers, and what
 * the signal was aborted with.
 */
export function send(url: URL, { method, path, headers, body, signal }: Send): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest
    const target = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url)
    const outgoing = start(target, { method, headers: headers ?? {}, agent: false, ...(signal && { signal }) })
    outgoing.on('response', resolve)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      reject(signal?.aborted === true ? signal.reason : unreachable(url, error))
    })
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
    else {
      body.on('error', (error) => {
        reject(new CommandError(`the input cannot be read: ${error.message}`))
        outgoing.destroy()
      })
      body.pipe(outgoing)
    }
  })
}

function unreachable(url: URL, error: NodeJS.ErrnoException): CommandError {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    return new CommandError(`the engine at ${url.origin} hung up before it answered; is it stopping?`)
  }
  const why = error.code === 'ECONNREFUSED' ? '' : ` (${error.code ?? error.message})`
  return new CommandError(
    `no engine answers at ${url.origin}${why}; start one by "millrace dev" or "millrace start", or name another by --url`,
  )
}

/** The whole body of an answer as text, up to `ANSWER_BYTES_MAX`. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) throw new CommandError(`the engine's answer is over ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * GET of `{"<key>": [...]}`; gives the list. Throws `CommandError` when no engine answers, or something else does.
 */
export async function queryList<T>(url: URL, path: string, key: string): Promise<T[]> {
  const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS)
  let text: string
  try {
    const answer = await send(url, { method: 'GET', path, signal })
    text = answer.statusCode === 200 ? await readText(answer) : ''
  } catch (error) {
    if (signal.aborted) throw new CommandError(`the engine at ${url.origin} does not answer; is it stopped?`)
    throw error
  }
  const list = listIn(text, key)
  if (list === undefined)
    throw new CommandError(`what answers at ${url.origin} is no Millrace engine; name yours by --url`)
  return list as T[]
}

function listIn(text: string, key: string): unknown[] | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key]
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined // Not JSON: no engine wrote it.
  }
}
