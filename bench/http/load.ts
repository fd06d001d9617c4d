/** What the HTTP client is asked to do, the same against the engine and against the bare server. */
import type { Measurement } from '../measurement.ts'

export interface HttpLoad {
  readonly host: string
  readonly port: number
  /** Begins with a slash. */
  readonly path: string
  /** Bytes that are sent with POST; 0: GET. */
  readonly bodyBytes: number
  /** Bytes that every answer must have. */
  readonly answerBytes: number
  /** Keep-alive sockets, each with one request on its way. */
  readonly sockets: number
  readonly count: number
  /** Requests per second at which they are due, each timed from then on. Default: each when a socket is free. */
  readonly perSecond?: number
}

/** What the process of the client can be asked. */
export type HttpClientQuestions = {
  readonly run: { readonly ask: HttpLoad; readonly answer: Measurement }
}
