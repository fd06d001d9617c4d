// Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.

/** The protocol version that this layout describes. */
export const PROTOCOL_VERSION = 1
/** Bytes of every message. */
export const MESSAGE_BYTES = 1024
/** Bytes of the header; the body begins here. */
export const HEADER_BYTES = 64
/** Bytes of the body, and of the largest inline payload. */
export const BODY_BYTES = 960

/** Offsets of the header fields, in bytes from the start of the message. */
export const OFFSET = {
  /** u8. What the message is. 0 is never legal, so zeroed memory is never a message. */
  type: 0,
  /** u8. Bits of the flags table; each type allows some of them. */
  flags: 1,
  /** u16. Bytes of the body that mean something, 0 to 960. The rest of the body is sent as zero and never read. */
  body_length: 2,
  /** u32. The call this message is about. Even: the engine started the call; odd: the worker did; 0: not about a call. */
  call_id: 4,
  /** u32. The function, as numbered by the engine in WELCOME, LOADED or RESOLVED. Never 0 and never reused in an engine's life. */
  function_id: 8,
  /** u32. Bytes of the whole payload. 0xFFFFFFFF: not known yet. */
  payload_length: 12,
  /** u32. Time left, in microseconds, counted from the receipt of the message. 0: no limit. */
  timeout_us: 16,
  /** u32. Time the handler took, in microseconds, measured by the worker. Stops at 0xFFFFFFFF. */
  run_us: 16,
  /** u32. How many more DATA messages the other side may send for this call, 1 or more. */
  credit: 16,
  /** u32. How many calls the worker takes at once from now on. 0: none for the time being. */
  capacity: 16,
  /** u32. Any number; PONG returns the one of its PING. */
  nonce: 16,
  /** u32. Process id of a forked worker. */
  pid: 16,
  /** u32. The open call, on the same channel, that makes this internal call. 0: none. */
  parent_call_id: 20,
  /** u32. A status of the statuses table. 0 is ok. */
  status: 20,
  /** u32. How many calls the worker is running as it answers. */
  open_calls: 20,
  /** u32. Exit code of a forked worker; 128 + N when signal N ended it. */
  exit_code: 20,
  /** u32. Time the call waited in the engine before a worker got it, in microseconds. Stops at 0xFFFFFFFF. */
  queue_us: 24,
  /** u32. Which try this is, from 1. Above 1 only when the engine knows that an earlier one never started. */
  attempt: 28,
  /** u32. CPU time of the call, in microseconds, when the worker can tell; otherwise 0. */
  cpu_us: 28,
  /** u8[16]. W3C Trace Context trace-id. All zero: no trace. */
  trace_id: 32,
  /** u8[8]. W3C parent-id: the sender's span. */
  span_id: 48,
  /** u8. W3C trace-flags; bit 0 is sampled. */
  trace_flags: 56,
  /** u8. RFC 9218 urgency: 0 is the most urgent, 7 the least; 3 when nobody said. */
  priority: 57,
  /** u8. How many internal calls are above this one. 0 for an external call. */
  depth: 58,
  /** u8. What the payload is: a number of the content table. */
  content: 59,
  /** u32. Always zero. */
  reserved: 60,
} as const

/** Message types. */
export const MessageType = {
  /** The worker's first message: version range, token, functions, features. */
  HELLO: 1,
  /** The engine's answer: version, ids of the functions, features, limits. */
  WELCOME: 2,
  /** The last message on a channel, and why it ends. */
  GOODBYE: 3,
  /** Asks for the id of a function by its name. */
  RESOLVE: 8,
  /** Answers RESOLVE: the name again and its id, or a status. */
  RESOLVED: 9,
  /** Starts a call. Engine to worker: run this. Worker to engine: an internal call (feature internal-calls). */
  INVOKE: 16,
  /** Output. Without MORE it is the final message and the outcome is ok. */
  RESULT: 17,
  /** The final message of a call that failed. */
  ERROR: 18,
  /** Asks the other side to end a call early; the final message still comes. */
  CANCEL: 19,
  /** The next bytes of a payload; needs credit. */
  DATA: 24,
  /** Grants credit for DATA. */
  WINDOW: 25,
  /** Asks for a PONG. */
  PING: 32,
  /** Answers PING with its nonce. */
  PONG: 33,
  /** Finish what is open, refuse the rest, say GOODBYE, exit 0. */
  DRAIN: 40,
  /** The worker changes how many calls it takes at once. */
  CAPACITY: 41,
  /** Gives a prewarmed worker its code. */
  LOAD: 48,
  /** Worker: the functions that the code serves, or why it failed. Engine: their ids. */
  LOADED: 49,
  /** Asks a zygote to fork a worker with its own channel. */
  FORK: 56,
  /** Answers FORK. */
  FORKED: 57,
  /** A forked worker ended. */
  EXITED: 58,
  /** The sender's last message on the pipe but WAKE: from here on it uses its ring. */
  ATTACHED: 64,
  /** On the pipe, after ATTACHED: look at both rings. */
  WAKE: 65,
  /** A log record; call_id names the call it belongs to, 0 for none. */
  LOG: 128,
} as const
export type MessageType = (typeof MessageType)[keyof typeof MessageType]

/** Bits of the flags field. */
export const Flag = {
  /** More of this payload or cold message follows in later messages. */
  MORE: 1,
  /** The payload lies in a file; the body names it. */
  PAYLOAD_FILE: 2,
  /** The payload begins with a length-prefixed head. */
  HEAD: 4,
} as const
export type Flag = (typeof Flag)[keyof typeof Flag]

/** gRPC status numbers; 0 is ok. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const
export type Status = (typeof Status)[keyof typeof Status]

/** What a payload is. */
export const Content = {
  /** Bytes without a known meaning. */
  BYTES: 0,
  /** One JSON text in UTF-8. */
  JSON: 1,
  /** UTF-8 text. */
  TEXT: 2,
  /** One protobuf message. */
  PROTOBUF: 3,
  /** One CBOR item. */
  CBOR: 4,
  /** Server-sent events. */
  EVENT_STREAM: 5,
  /** JSON texts, one a line. */
  NDJSON: 6,
} as const
export type Content = (typeof Content)[keyof typeof Content]

/** Why a call failed or a channel ended: the closed list. */
export type ReasonName =
  | 'handler_error'
  | 'bad_input'
  | 'not_found'
  | 'cancelled'
  | 'deadline_exceeded'
  | 'payload_too_large'
  | 'queue_full'
  | 'depth_exceeded'
  | 'worker_crashed'
  | 'worker_unavailable'
  | 'draining'
  | 'protocol_error'
  | 'unsupported'
  | 'internal'
  | 'unauthenticated'
  | 'version_unsupported'
  | 'load_failed'
  | 'overloaded'

/** What is known of a reason, whatever the call. */
export interface ReasonInfo {
  readonly name: ReasonName
  readonly value: number
  /** gRPC status number. */
  readonly status: Status
  /** Who is to blame. */
  readonly component: 'caller' | 'engine' | 'worker' | 'function'
  /** Whether the handler may have run. */
  readonly started: 'yes' | 'no' | 'maybe'
  /** Whether the same call may succeed later. */
  readonly retry: 'yes' | 'no' | 'maybe'
  /** What the HTTP gateway answers. */
  readonly http: number
  readonly doc: string
  /** What the caller should do. */
  readonly caller: string
}

/** Every reason by its name. */
export const REASONS: Readonly<Record<ReasonName, ReasonInfo>> = {
  handler_error: { name: 'handler_error', value: 1, status: 2, component: 'function', started: 'yes', retry: 'no', http: 500, doc: "The handler failed.", caller: "Read the message; mend the function or the input." },
  bad_input: { name: 'bad_input', value: 2, status: 3, component: 'caller', started: 'no', retry: 'no', http: 400, doc: "The payload cannot be read as what the function takes.", caller: "Mend the payload or its content." },
  not_found: { name: 'not_found', value: 3, status: 5, component: 'caller', started: 'no', retry: 'no', http: 404, doc: "No such function.", caller: "Check the name; with a cached id, RESOLVE once more." },
  cancelled: { name: 'cancelled', value: 4, status: 1, component: 'caller', started: 'maybe', retry: 'no', http: 499, doc: "The caller, or a call above it, gave the call up.", caller: "Nothing." },
  deadline_exceeded: { name: 'deadline_exceeded', value: 5, status: 4, component: 'function', started: 'maybe', retry: 'maybe', http: 504, doc: "The time left ran out.", caller: "Retry only if the function is idempotent; allow more time." },
  payload_too_large: { name: 'payload_too_large', value: 6, status: 8, component: 'caller', started: 'maybe', retry: 'no', http: 413, doc: "The payload is over a limit, or the callee takes inline payloads only.", caller: "Send less, or raise the limit." },
  queue_full: { name: 'queue_full', value: 7, status: 8, component: 'engine', started: 'no', retry: 'yes', http: 503, doc: "Too many calls wait for the function already.", caller: "Back off and retry." },
  depth_exceeded: { name: 'depth_exceeded', value: 8, status: 9, component: 'caller', started: 'no', retry: 'no', http: 508, doc: "Too many internal calls above this one; most likely a recursion without an end.", caller: "Bound the recursion." },
  worker_crashed: { name: 'worker_crashed', value: 9, status: 14, component: 'worker', started: 'maybe', retry: 'maybe', http: 502, doc: "The worker's process or channel ended during the call.", caller: "Retry only if the function is idempotent." },
  worker_unavailable: { name: 'worker_unavailable', value: 10, status: 14, component: 'worker', started: 'no', retry: 'yes', http: 503, doc: "No worker of the function could be started.", caller: "Read the worker's output; retry later." },
  draining: { name: 'draining', value: 11, status: 14, component: 'engine', started: 'no', retry: 'yes', http: 503, doc: "The worker or engine is finishing and never started the call.", caller: "Retry; the engine itself tries another worker first." },
  protocol_error: { name: 'protocol_error', value: 12, status: 13, component: 'worker', started: 'maybe', retry: 'no', http: 502, doc: "A side broke a rule of this protocol; the channel ended.", caller: "Mend the SDK; the message names the rule." },
  unsupported: { name: 'unsupported', value: 13, status: 12, component: 'worker', started: 'no', retry: 'no', http: 501, doc: "The call needs a feature that the callee did not offer.", caller: "Choose a callee or a form that has it." },
  internal: { name: 'internal', value: 14, status: 13, component: 'engine', started: 'maybe', retry: 'maybe', http: 500, doc: "The engine failed.", caller: "Report it." },
  unauthenticated: { name: 'unauthenticated', value: 15, status: 16, component: 'worker', started: 'no', retry: 'no', http: 401, doc: "The token in HELLO is not the one given at launch.", caller: "Return MILLRACE_TOKEN unchanged." },
  version_unsupported: { name: 'version_unsupported', value: 16, status: 9, component: 'worker', started: 'no', retry: 'no', http: 502, doc: "The two sides have no version in common.", caller: "Upgrade the older side." },
  load_failed: { name: 'load_failed', value: 17, status: 9, component: 'worker', started: 'no', retry: 'no', http: 502, doc: "The worker could not load its code.", caller: "Read the message; mend the code." },
  overloaded: { name: 'overloaded', value: 18, status: 8, component: 'worker', started: 'no', retry: 'yes', http: 503, doc: "The worker got more calls than it takes at once and refused this one.", caller: "Back off and retry." },
}

/** Features that HELLO may offer and WELCOME accept. */
export type FeatureName =
  | 'internal-calls'
  | 'streaming'
  | 'payload-file'
  | 'log'
  | 'capacity'
  | 'load'
  | 'fork'
  | 'shm-ring'
  | 'http'
export const FEATURES: readonly FeatureName[] = ['internal-calls', 'streaming', 'payload-file', 'log', 'capacity', 'load', 'fork', 'shm-ring', 'http']
/** Conformance levels and the features each needs. */
export const LEVELS: Readonly<Record<string, readonly FeatureName[]>> = {
  core: [],
  standard: ['internal-calls', 'streaming', 'log', 'capacity'],
  full: ['internal-calls', 'streaming', 'log', 'capacity', 'payload-file', 'load'],
}
/** Media type of each content number. */
export const MEDIA_TYPES: Readonly<Record<number, string>> = {
  0: 'application/octet-stream',
  1: 'application/json',
  2: 'text/plain; charset=utf-8',
  3: 'application/x-protobuf',
  4: 'application/cbor',
  5: 'text/event-stream',
  6: 'application/x-ndjson',
}

/** All bodies of one cold message together. Unit: bytes. */
export const COLD_MESSAGE_BYTES_MAX = 65536
/** A function's name: letters, digits, dot, dash and underscore, beginning with a letter or digit. Unit: bytes. */
export const NAME_BYTES_MAX = 128
/** Functions in one HELLO or LOADED. Unit: functions. */
export const FUNCTIONS_PER_WORKER_MAX = 1024
/** DATA messages that may be sent for a call, in each direction, before the first WINDOW; no grant may raise the credit above it. Unit: messages. */
export const CREDIT_MAX = 32
/** Payload files that a worker keeps to use them again. Unit: files. */
export const FILES_KEPT_MAX = 16
/** What the depth field can hold; an engine may allow less. Unit: calls. */
export const DEPTH_MAX = 255
/** The priority of a call when nobody said. Unit: urgency. */
export const PRIORITY_DEFAULT = 3
/** payload_length of a stream whose end is not known. Unit: bytes. */
export const PAYLOAD_LENGTH_UNKNOWN = 4294967295
/** MILLRACE_TOKEN. Unit: bytes. */
export const TOKEN_BYTES_MAX = 256
/** Cells of one ring: a power of two from here. Unit: messages. */
export const RING_CELLS_MIN = 16
/** Cells of one ring: a power of two up to here. Unit: messages. */
export const RING_CELLS_MAX = 1024
/** For how long a side polls an empty ring, or one that is full, before it sleeps. Unit: microseconds. */
export const RING_POLL_US_MAX = 1000

/** Bytes of the version prefix of HELLO, WELCOME and GOODBYE bodies. */
export const VERSION_PREFIX_BYTES = 16
export const MAGIC = 'MILLRACE'
/** Offsets within the version prefix. */
export const PREFIX_OFFSET = {
  magic: 0,
  version_min: 8,
  version_max: 10,
  prefix_reserved: 12,
} as const

/** Begins the segment of shared memory that holds two rings. */
export const SEGMENT_MAGIC = 'MILLRING'
/** Number of the layout of the segment. */
export const SEGMENT_LAYOUT = 1
/** Where the cells of the ring IN begin, in bytes; those of OUT follow. */
export const SEGMENT_CELLS_AT = 4096
/** Offsets within the segment, in bytes. */
export const SEGMENT_OFFSET = {
  /** u8[8], written by engine. The eight ASCII bytes MILLRING. */
  magic: 0,
  /** u32, written by engine. Number of this layout: 1. */
  layout: 8,
  /** u32, written by engine. Cells of each ring: a power of two within the limits. */
  cells: 12,
  /** u32, written by engine. For how long the worker should poll before it sleeps, in microseconds. The engine may change it at any time. 0: not at all. */
  poll_us: 16,
  /** u32, written by engine. Messages that the engine has published in the ring IN, in all, modulo 2^32. */
  in_tail: 128,
  /** u32, written by worker. Messages that the worker has taken from the ring IN, in all, modulo 2^32. */
  in_head: 256,
  /** u32, written by both. 1: the worker sleeps, or is about to, until WAKE. Set by the worker, cleared by either side. */
  in_consumer_sleeping: 384,
  /** u32, written by both. 1: the engine waits for room in the ring IN. Set by the engine, cleared by either side. */
  in_producer_waiting: 512,
  /** u32, written by worker. Messages that the worker has published in the ring OUT, in all, modulo 2^32. */
  out_tail: 640,
  /** u32, written by engine. Messages that the engine has taken from the ring OUT, in all, modulo 2^32. */
  out_head: 768,
  /** u32, written by both. 1: the engine sleeps, or is about to, until WAKE. Set by the engine, cleared by either side. */
  out_consumer_sleeping: 896,
  /** u32, written by both. 1: the worker waits for room in the ring OUT. Set by the worker, cleared by either side. */
  out_producer_waiting: 1024,
} as const

/** What the layout says of one message type. */
export interface TypeInfo {
  readonly name: keyof typeof MessageType
  readonly value: MessageType
  /** Who may send it. */
  readonly direction: 'worker' | 'engine' | 'both'
  /** What call_id may be: 0, a fresh id, one that is or was open, or any of these. */
  readonly call: 'none' | 'new' | 'open' | 'any'
  /** Flag bits that it allows. */
  readonly flags: number
  readonly body: string
  /** The body begins with the version prefix. */
  readonly prefix: boolean
  /** It may go on, with MORE, in the next messages of its type. */
  readonly spans: boolean
  /** The feature that it needs; undefined: core. */
  readonly feature: FeatureName | undefined
  readonly uses: readonly string[]
}

/** Every type by its number. */
export const TYPES: Readonly<Record<number, TypeInfo>> = {
  1: { name: 'HELLO', value: 1, direction: 'worker', call: 'none', flags: 1, body: 'Hello', prefix: true, spans: true, feature: undefined, uses: [] },
  2: { name: 'WELCOME', value: 2, direction: 'engine', call: 'none', flags: 1, body: 'Welcome', prefix: true, spans: true, feature: undefined, uses: [] },
  3: { name: 'GOODBYE', value: 3, direction: 'both', call: 'none', flags: 0, body: 'Goodbye', prefix: true, spans: false, feature: undefined, uses: ['status'] },
  8: { name: 'RESOLVE', value: 8, direction: 'worker', call: 'none', flags: 0, body: 'name', prefix: false, spans: false, feature: 'internal-calls', uses: [] },
  9: { name: 'RESOLVED', value: 9, direction: 'engine', call: 'none', flags: 0, body: 'name', prefix: false, spans: false, feature: 'internal-calls', uses: ['function_id', 'status'] },
  16: { name: 'INVOKE', value: 16, direction: 'both', call: 'new', flags: 7, body: 'payload', prefix: false, spans: false, feature: undefined, uses: ['function_id', 'payload_length', 'timeout_us', 'parent_call_id', 'queue_us', 'attempt', 'trace_id', 'span_id', 'trace_flags', 'priority', 'depth', 'content'] },
  17: { name: 'RESULT', value: 17, direction: 'both', call: 'open', flags: 7, body: 'payload', prefix: false, spans: false, feature: undefined, uses: ['payload_length', 'run_us', 'status', 'queue_us', 'cpu_us', 'content'] },
  18: { name: 'ERROR', value: 18, direction: 'both', call: 'open', flags: 1, body: 'Failure', prefix: false, spans: true, feature: undefined, uses: ['run_us', 'status', 'queue_us', 'cpu_us'] },
  19: { name: 'CANCEL', value: 19, direction: 'both', call: 'open', flags: 0, body: 'none', prefix: false, spans: false, feature: undefined, uses: [] },
  24: { name: 'DATA', value: 24, direction: 'both', call: 'open', flags: 1, body: 'payload', prefix: false, spans: false, feature: 'streaming', uses: [] },
  25: { name: 'WINDOW', value: 25, direction: 'both', call: 'open', flags: 0, body: 'none', prefix: false, spans: false, feature: 'streaming', uses: ['credit'] },
  32: { name: 'PING', value: 32, direction: 'both', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: undefined, uses: ['nonce'] },
  33: { name: 'PONG', value: 33, direction: 'both', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: undefined, uses: ['nonce', 'open_calls'] },
  40: { name: 'DRAIN', value: 40, direction: 'engine', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: undefined, uses: ['timeout_us'] },
  41: { name: 'CAPACITY', value: 41, direction: 'worker', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: 'capacity', uses: ['capacity'] },
  48: { name: 'LOAD', value: 48, direction: 'engine', call: 'none', flags: 1, body: 'Load', prefix: false, spans: true, feature: 'load', uses: [] },
  49: { name: 'LOADED', value: 49, direction: 'both', call: 'none', flags: 1, body: 'Loaded', prefix: false, spans: true, feature: 'load', uses: ['status'] },
  56: { name: 'FORK', value: 56, direction: 'engine', call: 'none', flags: 0, body: 'Fork', prefix: false, spans: false, feature: 'fork', uses: [] },
  57: { name: 'FORKED', value: 57, direction: 'worker', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: 'fork', uses: ['pid', 'status'] },
  58: { name: 'EXITED', value: 58, direction: 'worker', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: 'fork', uses: ['pid', 'exit_code'] },
  64: { name: 'ATTACHED', value: 64, direction: 'both', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: 'shm-ring', uses: [] },
  65: { name: 'WAKE', value: 65, direction: 'both', call: 'none', flags: 0, body: 'none', prefix: false, spans: false, feature: 'shm-ring', uses: [] },
  128: { name: 'LOG', value: 128, direction: 'worker', call: 'any', flags: 1, body: 'Log', prefix: false, spans: true, feature: 'log', uses: [] },
}

/** Flag bits allowed, by type number; 0 for unknown types. */
export const FLAGS_ALLOWED: Readonly<Uint8Array> = bytesByType({ 1: 1, 2: 1, 3: 0, 8: 0, 9: 0, 16: 7, 17: 7, 18: 1, 19: 0, 24: 1, 25: 0, 32: 0, 33: 0, 40: 0, 41: 0, 48: 1, 49: 1, 56: 0, 57: 0, 58: 0, 64: 0, 65: 0, 128: 1 })

/** Reserved header bits, by type number: pairs of a word offset in bytes and the mask that must read as zero. */
export const RESERVED_WORDS: readonly (Int32Array | undefined)[] = wordsByType({
  1: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  2: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  3: [8, -1, 12, -1, 16, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  8: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  9: [12, -1, 16, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  16: [60, -1],
  17: [8, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, 16777215, 60, -1],
  18: [8, -1, 12, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  19: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  24: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  25: [8, -1, 12, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  32: [8, -1, 12, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  33: [8, -1, 12, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  40: [8, -1, 12, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  41: [8, -1, 12, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  48: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  49: [8, -1, 12, -1, 16, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  56: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  57: [8, -1, 12, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  58: [8, -1, 12, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  64: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  65: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
  128: [8, -1, 12, -1, 16, -1, 20, -1, 24, -1, 28, -1, 32, -1, 36, -1, 40, -1, 44, -1, 48, -1, 52, -1, 56, -1, 60, -1],
})

function bytesByType(rows: Record<number, number>): Uint8Array {
  const table = new Uint8Array(256)
  for (const [type, value] of Object.entries(rows)) table[Number(type)] = value
  return table
}

function wordsByType(rows: Record<number, number[]>): (Int32Array | undefined)[] {
  const table: (Int32Array | undefined)[] = new Array(256).fill(undefined)
  for (const [type, words] of Object.entries(rows)) table[Number(type)] = Int32Array.from(words)
  return table
}

/** Reads the header fields of the message that begins at `at` in `bytes`. Copies nothing. */
export class MessageFields {
  bytes: Uint8Array
  data: DataView
  /** Where the message begins in `bytes`. */
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** u8 at 0. What the message is. 0 is never legal, so zeroed memory is never a message. */
  get type(): number {
    return this.data.getUint8(this.at + 0)
  }

  /** u8 at 1. Bits of the flags table; each type allows some of them. */
  get flags(): number {
    return this.data.getUint8(this.at + 1)
  }

  /** u16 at 2. Bytes of the body that mean something, 0 to 960. The rest of the body is sent as zero and never read. */
  get bodyLength(): number {
    return this.data.getUint16(this.at + 2, true)
  }

  /** u32 at 4. The call this message is about. Even: the engine started the call; odd: the worker did; 0: not about a call. */
  get callId(): number {
    return this.data.getUint32(this.at + 4, true)
  }

  /** u32 at 8. The function, as numbered by the engine in WELCOME, LOADED or RESOLVED. Never 0 and never reused in an engine's life. */
  get functionId(): number {
    return this.data.getUint32(this.at + 8, true)
  }

  /** u32 at 12. Bytes of the whole payload. 0xFFFFFFFF: not known yet. */
  get payloadLength(): number {
    return this.data.getUint32(this.at + 12, true)
  }

  /** u32 at 16. Time left, in microseconds, counted from the receipt of the message. 0: no limit. */
  get timeoutUs(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 16. Time the handler took, in microseconds, measured by the worker. Stops at 0xFFFFFFFF. */
  get runUs(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 16. How many more DATA messages the other side may send for this call, 1 or more. */
  get credit(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 16. How many calls the worker takes at once from now on. 0: none for the time being. */
  get capacity(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 16. Any number; PONG returns the one of its PING. */
  get nonce(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 16. Process id of a forked worker. */
  get pid(): number {
    return this.data.getUint32(this.at + 16, true)
  }

  /** u32 at 20. The open call, on the same channel, that makes this internal call. 0: none. */
  get parentCallId(): number {
    return this.data.getUint32(this.at + 20, true)
  }

  /** u32 at 20. A status of the statuses table. 0 is ok. */
  get status(): number {
    return this.data.getUint32(this.at + 20, true)
  }

  /** u32 at 20. How many calls the worker is running as it answers. */
  get openCalls(): number {
    return this.data.getUint32(this.at + 20, true)
  }

  /** u32 at 20. Exit code of a forked worker; 128 + N when signal N ended it. */
  get exitCode(): number {
    return this.data.getUint32(this.at + 20, true)
  }

  /** u32 at 24. Time the call waited in the engine before a worker got it, in microseconds. Stops at 0xFFFFFFFF. */
  get queueUs(): number {
    return this.data.getUint32(this.at + 24, true)
  }

  /** u32 at 28. Which try this is, from 1. Above 1 only when the engine knows that an earlier one never started. */
  get attempt(): number {
    return this.data.getUint32(this.at + 28, true)
  }

  /** u32 at 28. CPU time of the call, in microseconds, when the worker can tell; otherwise 0. */
  get cpuUs(): number {
    return this.data.getUint32(this.at + 28, true)
  }

  /** u8[16] at 32. W3C Trace Context trace-id. All zero: no trace. */
  get traceId(): Uint8Array {
    return this.bytes.subarray(this.at + 32, this.at + 48)
  }

  /** u8[8] at 48. W3C parent-id: the sender's span. */
  get spanId(): Uint8Array {
    return this.bytes.subarray(this.at + 48, this.at + 56)
  }

  /** u8 at 56. W3C trace-flags; bit 0 is sampled. */
  get traceFlags(): number {
    return this.data.getUint8(this.at + 56)
  }

  /** u8 at 57. RFC 9218 urgency: 0 is the most urgent, 7 the least; 3 when nobody said. */
  get priority(): number {
    return this.data.getUint8(this.at + 57)
  }

  /** u8 at 58. How many internal calls are above this one. 0 for an external call. */
  get depth(): number {
    return this.data.getUint8(this.at + 58)
  }

  /** u8 at 59. What the payload is: a number of the content table. */
  get content(): number {
    return this.data.getUint8(this.at + 59)
  }

}

/** Writes them, too. Numbers beyond a field are cut to its width. */
export class WritableMessageFields extends MessageFields {
  override get type(): number {
    return super.type
  }

  override set type(value: number) {
    this.data.setUint8(this.at + 0, value)
  }

  override get flags(): number {
    return super.flags
  }

  override set flags(value: number) {
    this.data.setUint8(this.at + 1, value)
  }

  override get bodyLength(): number {
    return super.bodyLength
  }

  override set bodyLength(value: number) {
    this.data.setUint16(this.at + 2, value, true)
  }

  override get callId(): number {
    return super.callId
  }

  override set callId(value: number) {
    this.data.setUint32(this.at + 4, value, true)
  }

  override get functionId(): number {
    return super.functionId
  }

  override set functionId(value: number) {
    this.data.setUint32(this.at + 8, value, true)
  }

  override get payloadLength(): number {
    return super.payloadLength
  }

  override set payloadLength(value: number) {
    this.data.setUint32(this.at + 12, value, true)
  }

  override get timeoutUs(): number {
    return super.timeoutUs
  }

  override set timeoutUs(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get runUs(): number {
    return super.runUs
  }

  override set runUs(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get credit(): number {
    return super.credit
  }

  override set credit(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get capacity(): number {
    return super.capacity
  }

  override set capacity(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get nonce(): number {
    return super.nonce
  }

  override set nonce(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get pid(): number {
    return super.pid
  }

  override set pid(value: number) {
    this.data.setUint32(this.at + 16, value, true)
  }

  override get parentCallId(): number {
    return super.parentCallId
  }

  override set parentCallId(value: number) {
    this.data.setUint32(this.at + 20, value, true)
  }

  override get status(): number {
    return super.status
  }

  override set status(value: number) {
    this.data.setUint32(this.at + 20, value, true)
  }

  override get openCalls(): number {
    return super.openCalls
  }

  override set openCalls(value: number) {
    this.data.setUint32(this.at + 20, value, true)
  }

  override get exitCode(): number {
    return super.exitCode
  }

  override set exitCode(value: number) {
    this.data.setUint32(this.at + 20, value, true)
  }

  override get queueUs(): number {
    return super.queueUs
  }

  override set queueUs(value: number) {
    this.data.setUint32(this.at + 24, value, true)
  }

  override get attempt(): number {
    return super.attempt
  }

  override set attempt(value: number) {
    this.data.setUint32(this.at + 28, value, true)
  }

  override get cpuUs(): number {
    return super.cpuUs
  }

  override set cpuUs(value: number) {
    this.data.setUint32(this.at + 28, value, true)
  }

  override get traceId(): Uint8Array {
    return super.traceId
  }

  /** Copies 16 bytes. */
  override set traceId(value: Uint8Array) {
    this.bytes.set(value, this.at + 32)
  }

  override get spanId(): Uint8Array {
    return super.spanId
  }

  /** Copies 8 bytes. */
  override set spanId(value: Uint8Array) {
    this.bytes.set(value, this.at + 48)
  }

  override get traceFlags(): number {
    return super.traceFlags
  }

  override set traceFlags(value: number) {
    this.data.setUint8(this.at + 56, value)
  }

  override get priority(): number {
    return super.priority
  }

  override set priority(value: number) {
    this.data.setUint8(this.at + 57, value)
  }

  override get depth(): number {
    return super.depth
  }

  override set depth(value: number) {
    this.data.setUint8(this.at + 58, value)
  }

  override get content(): number {
    return super.content
  }

  override set content(value: number) {
    this.data.setUint8(this.at + 59, value)
  }

}
