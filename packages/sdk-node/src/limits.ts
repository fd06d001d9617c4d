/** Every bound of the worker, with its unit. Bounds that the engine states in WELCOME are in `handshake.ts`. */
import { BODY_BYTES, CREDIT_MAX, MESSAGE_BYTES } from '@millrace/protocol'

/** One full Linux pipe: one read can empty it. Unit: bytes. */
export const READ_BUFFER_BYTES = 65_536

/** Calls that a worker offers to run at once when nobody said. Unit: calls. */
export const MAX_CALLS_DEFAULT = 1_024

/** The most that `maxCalls` may be. Unit: calls. */
export const MAX_CALLS_MAX = 65_535

/** Slots of the outbox at the start, and what is written at once within a turn: one full pipe. Unit: messages. */
export const OUTBOX_MESSAGES_BATCH = 64

/** Above this much unwritten, DATA and LOG wait or are dropped; other messages go on. Unit: messages. */
export const OUTBOX_MESSAGES_HIGH = 256

/** An outbox that reaches this belongs to an engine that does not read: the worker gives up. Unit: messages. */
export const OUTBOX_MESSAGES_MAX = 16_384

/** An empty outbox that has grown beyond this is given back. Unit: messages. */
export const OUTBOX_MESSAGES_KEPT = 1_024

/** Bytes copied for one asynchronous write when the pipe is full. Unit: bytes. */
export const PIPE_CHUNK_BYTES_MAX = 65_536

/** Internal calls that wait because the engine's limit on open INVOKEs is reached. Unit: calls. */
export const CALLS_WAITING_MAX = 65_536

/** Names whose ids are cached; at this many the oldest is forgotten. Unit: names. */
export const NAMES_CACHED_MAX = 4_096

/** Names that wait for a RESOLVED. Unit: names. */
export const NAMES_WAITING_MAX = 4_096

/** A receiver grants credit when it has consumed this many DATA messages: half of what may be under way. Unit: messages. */
export const GRANT_BATCH = CREDIT_MAX / 2

/** Text of one log record. Unit: characters. */
export const LOG_MESSAGE_CHARS_MAX = 8_192

/** JSON of one log record's attributes. Unit: characters. */
export const LOG_ATTRIBUTES_CHARS_MAX = 8_192

/** Payload files that are kept to be written again, all together: fresh pages cost three times as much. Unit: bytes. */
export const FILES_KEPT_BYTES_MAX = 67_108_864

/** Time that `onStop` hooks may take when DRAIN says none. Unit: microseconds. */
export const STOP_HOOKS_US_MAX = 5_000_000

/** Time to get the last messages into a full pipe before the process ends anyway. Unit: microseconds. */
export const LAST_WRITE_US_MAX = 1_000_000

/** A CANCEL that comes this near to the deadline, or later, is taken for the deadline's. Unit: microseconds. */
export const DEADLINE_SLACK_US = 5_000

/** Text of a LOADED that says why the code could not be loaded. Unit: characters. */
export const LOAD_FAILURE_CHARS_MAX = 8_192

/** Time for another process to find the place of a syntax error. Unit: milliseconds. */
export const SYNTAX_CHECK_MS_MAX = 2_000

/** Text of a GOODBYE, which must fit one message. Unit: characters. */
export const GOODBYE_CHARS_MAX = 200

/** The longest time limit that the wire can carry. Unit: microseconds (71 minutes). */
export const TIMEOUT_US_MAX = 0xffff_ffff

/** A text of at most this many UTF-16 units fits one body whatever its characters. Unit: characters. */
export const INLINE_CHARS_MAX = Math.floor(BODY_BYTES / 3)

if (READ_BUFFER_BYTES % MESSAGE_BYTES !== 0) throw new Error('READ_BUFFER_BYTES must hold whole messages')
