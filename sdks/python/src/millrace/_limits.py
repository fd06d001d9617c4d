"""Every bound of the worker, with its unit. Bounds that the engine states in WELCOME are in `_handshake.py`."""

from __future__ import annotations

from typing import Final

from millrace._gen.layout import BODY_BYTES, CREDIT_MAX, MESSAGE_BYTES

# One full Linux pipe: one read can empty it. Unit: bytes.
READ_BYTES: Final = 65_536

# Calls that a worker offers to run at once when nobody said. Unit: calls.
MAX_CALLS_DEFAULT: Final = 1_024

# The most that `max_calls` may be. Unit: calls.
MAX_CALLS_MAX: Final = 65_535

# Calls that a worker without an event loop and threads offers: each one that waits for an internal call keeps its
# place on the stack of the one thread. Unit: calls.
NESTED_CALLS_DEFAULT: Final = 64

# The most of them that may be asked for. Unit: calls.
NESTED_CALLS_MAX: Final = 256

# Interpreter frames that one such call needs besides the handler's own, generously. Unit: frames.
FRAMES_PER_NESTED_CALL: Final = 24

# Synchronous handlers that may run at once when a worker has an event loop. Unit: threads.
THREADS_DEFAULT: Final = 16

# The most that `threads` may be. Unit: threads.
THREADS_MAX: Final = 1_024

# WELCOME says from which size on a file is faster than DATA for most; here DATA costs a multiple of what others pay,
# and a file little more. Unit: part of that size.
FILE_BYTES_DIVISOR: Final = 4

# What is written at once: one full pipe. Unit: messages.
OUTBOX_MESSAGES_BATCH: Final = 64

# Above this much unwritten, DATA and LOG wait or are dropped; other messages go on. Unit: messages.
OUTBOX_MESSAGES_HIGH: Final = 256

# An outbox that reaches this belongs to an engine that does not read: the worker gives up. Unit: messages.
OUTBOX_MESSAGES_MAX: Final = 16_384

# Internal calls that wait because the engine's limit on open INVOKEs is reached. Unit: calls.
CALLS_WAITING_MAX: Final = 65_536

# Names whose ids are cached; at this many the oldest is forgotten. Unit: names.
NAMES_CACHED_MAX: Final = 4_096

# Names that wait for a RESOLVED. Unit: names.
NAMES_WAITING_MAX: Final = 4_096

# A receiver grants credit when it has consumed this many DATA messages: half of what may be under way. Unit: messages.
GRANT_BATCH: Final = CREDIT_MAX // 2

# Text of one log record. Unit: characters.
LOG_MESSAGE_CHARS_MAX: Final = 8_192

# JSON of one log record's attributes. Unit: characters.
LOG_ATTRIBUTES_CHARS_MAX: Final = 8_192

# Actions of other threads, such as log records, that wait for the channel's thread; more are dropped. Unit: actions.
ACTIONS_POSTED_MAX: Final = 4_096

# Payload files that are kept to be written anew, all together: fresh pages cost three times as much. Unit: bytes.
FILES_KEPT_BYTES_MAX: Final = 67_108_864

# Time that `on_stop` hooks may take when DRAIN says none. Unit: microseconds.
STOP_HOOKS_US_MAX: Final = 5_000_000

# Time to get the last messages into a full pipe before the process ends anyway. Unit: microseconds.
LAST_WRITE_US_MAX: Final = 1_000_000

# A CANCEL that comes this near to the deadline, or later, is taken for the deadline's. Unit: microseconds.
DEADLINE_SLACK_US: Final = 5_000

# Text of a GOODBYE, which must fit one message. Unit: bytes of UTF-8.
GOODBYE_BYTES_MAX: Final = 600

# The longest time limit that the wire can carry. Unit: microseconds (71 minutes).
TIMEOUT_US_MAX: Final = 0xFFFF_FFFF

if READ_BYTES % MESSAGE_BYTES != 0 or BODY_BYTES + 64 != MESSAGE_BYTES:
    raise ImportError("READ_BYTES must hold whole messages")
