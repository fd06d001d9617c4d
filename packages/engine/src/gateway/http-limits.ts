/** Every bound of the HTTP gateway, with its unit last in the name. */
export interface HttpLimits {
  /** Client sockets at once. One more is closed on arrival. Default 4,096. */
  readonly socketsMax: number
  /** Calls open at once for one client socket (pipelining). One more is refused with `queue_full`. Default 64. */
  readonly callsPerSocketMax: number
  /** Request line and headers together, in bytes. More is answered with 431. Default 16 KiB. */
  readonly headerBytesMax: number
  /** From the first byte of a request, or the opening of its socket, to the end of its headers. Default 10 s. */
  readonly headersTimeoutMs: number
  /**
   * How long a client may send nothing of an input that it announced. It is found out at the next round, so after one to
   * two times as long. Streams have no total limit here: the call has its own. Default 30 s.
   */
  readonly inputIdleMs: number
  /** How long an idle socket is kept. Longer than the 60 s of most load balancers, which must be the first to close. Default 65 s. */
  readonly keepAliveMs: number
  /** How often Node looks for sockets past `headersTimeoutMs`. Default 5 s. */
  readonly timeoutCheckMs: number
  /** Outputs of a known length up to this are sent in one piece, with `Server-Timing`. Default 64 KiB. */
  readonly collectBytesMax: number
  /** Bytes waiting in the response before the callee is held back. Default 64 KiB. */
  readonly outputBytesHigh: number
  /**
   * When the answer goes out before its input is read: an input with at most this much to come is read and dropped, and
   * the socket stays; otherwise it closes. Default 64 KiB.
   */
  readonly discardBytesMax: number
  /** Input read and dropped after an answer that closes the socket, so that the client gets to read it. Default 16 MiB. */
  readonly lingerBytesMax: number
  /** The same, in time. Default 5 s. */
  readonly lingerMs: number
}

export const HTTP_LIMITS: HttpLimits = {
  socketsMax: 4_096,
  callsPerSocketMax: 64,
  headerBytesMax: 16_384,
  headersTimeoutMs: 10_000,
  inputIdleMs: 30_000,
  keepAliveMs: 65_000,
  timeoutCheckMs: 5_000,
  collectBytesMax: 65_536,
  outputBytesHigh: 65_536,
  discardBytesMax: 65_536,
  lingerBytesMax: 16_777_216,
  lingerMs: 5_000,
}
