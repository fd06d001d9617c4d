/** Every bound of the engine, with its unit last in the name. What users may set is in `options.ts`. */
import { CREDIT_MAX, DEPTH_MAX, MESSAGE_BYTES } from '@millrace/protocol'
import { assert } from './assert.ts'

/** One full Linux pipe: one read can empty it. Shared by all channels, as each read is used up before the next. */
export const READ_BUFFER_BYTES = 65_536
/** Reads of what a process left in its pipe: the largest pipe that Linux gives, 1 MiB, and no more, as a grandchild may write on. */
export const FINISH_READS_MAX = 1_048_576 / READ_BUFFER_BYTES
export const MESSAGES_PER_READ_MAX = READ_BUFFER_BYTES / MESSAGE_BYTES
/**
 * Of what one read brought, bytes after which all that they brought about is sent before the rest is looked at, where workers
 * have processors of their own. All at once would have engine and workers wait for one another: while one works through a full
 * pipe, the others have nothing to do.
 */
export const PIPE_BYTES_PER_PART = 16 * MESSAGE_BYTES

/** Slots of a fresh outbox; it doubles when it is full. */
export const OUTBOX_MESSAGES_INITIAL = 16
/** An outbox that grew beyond this gives its memory back when it is empty. */
export const OUTBOX_MESSAGES_KEPT = 256
/**
 * What the bound of an outbox assumes a worker runs at once; beyond it, DATA of so many streams at once is no longer
 * covered. Unit: calls.
 */
export const OUTBOX_CALLS_ASSUMED = 1_024

/** What an outbox may hold beyond what the open calls explain: handshake, PONG, WINDOW, CANCEL, DRAIN, GOODBYE. */
export const OUTBOX_MESSAGES_SPARE = 1_024
/** Most bytes given to the kernel's writer at once when the pipe is full. */
export const PIPE_CHUNK_BYTES = 65_536

/** The same of a ring, in messages, which then waits until others had their turn: nothing here costs a system call. */
export const RING_MESSAGES_PER_LOOK_MAX = 16
/** Cells of each ring: as many messages as a full Linux pipe holds. */
export const RING_CELLS = READ_BUFFER_BYTES / MESSAGE_BYTES
/** How long rings are polled where they may be and nobody said for how long: about what a wake-up from core to core costs. */
export const RING_POLL_US_DEFAULT = 50
/** Longest that the engine looks at rings, and at nothing else, in one turn of the event loop. */
export const RING_BURST_US = 20

/** Rounds for which the engine reads pipes itself, and looks at nothing else, in one turn of the event loop: some 10 µs each. */
export const PIPE_POLL_ROUNDS_MAX = 16
/** Rounds without an answer after which the engine leaves pipes to the event loop, and for how long: a round costs about 1 µs. */
export const PIPE_POLL_MISSES_MAX = 8
export const PIPE_POLL_REST_US = 1_000
/** Of so many rounds, those in which an early look is made though none finds anything. */
export const PIPE_POLL_EARLY_LOOKS = 8
export const PIPE_POLL_EARLY_ROUNDS = 64
/** A worker that holds the processor for longer than this computes: the engine would have been woken for others meanwhile. */
export const PIPE_POLL_HELD_US = 200
/** For so many times as long as it was held, the engine leaves pipes to the event loop: it is held for a 17th of the time at most. */
export const PIPE_POLL_HELD_REST = 16

/** Engines that may run side by side behind one port. */
export const SHARDS_MAX = 64
/** Calls that one engine may have open on another at once; more of them wait. */
export const LINK_CALLS_MAX = 16_384
/** Of these, calls from outside: the rest is for those that a function makes, since somebody waits for them and holds a place. */
export const LINK_EXTERNAL_CALLS_MAX = LINK_CALLS_MAX / 2

/** INVOKEs of one worker that may be open at once (WELCOME `max_open_invokes`). */
export const OPEN_INVOKES_MAX = 1_024
/** RESOLVEs of one worker that may be open at once. */
export const OPEN_RESOLVES_MAX = 256
/** PINGs of one worker that may be open at once. */
export const OPEN_PINGS_MAX = 64
/** Calls that an engine ever runs on one worker at once, whatever it offers. */
export const WORKER_CALLS_MAX = 65_535

export const CALLS_MAX_DEFAULT = 65_536
export const QUEUE_MAX_DEFAULT = 4_096
export const DEPTH_MAX_DEFAULT = 64
export const PAYLOAD_BYTES_MAX_DEFAULT = 8 * 1024 * 1024
/** Payloads of known size from this many bytes on go in a file: about where `bench/payload` finds that faster than DATA. */
export const FILE_BYTES_MIN_DEFAULT = 32_768
/** Payload files of the open calls that one worker made, or that the door did; a single larger payload is let through alone. */
export const OPEN_FILES_BYTES_MAX = 268_435_456
/** Read or written of a payload file at once: some tens of microseconds in which nothing else goes on. */
export const FILE_STEP_BYTES = 131_072
/** Output of a file given to a reader and not consumed, beyond which it is not read on. */
export const FILE_AHEAD_BYTES_MAX = 4 * FILE_STEP_BYTES
/** Files that the engine keeps to write the next payload into: fresh pages cost three times as much as used ones. Unit: files. */
export const FILES_RECYCLED_MAX = 16
/** Bytes of these files together. */
export const FILES_RECYCLED_BYTES_MAX = 67_108_864
/** Tries to remove a directory into which somebody still writes. */
export const REMOVE_TRIES_MAX = 5

export const TIMEOUT_US_DEFAULT = 60_000_000
export const HANDSHAKE_TIMEOUT_US_DEFAULT = 30_000_000
export const DRAIN_TIMEOUT_US_DEFAULT = 10_000_000

/** Workers that a call is given to, one after the other, when each says that it never started it. */
export const ATTEMPTS_MAX = 3

/** Ended calls kept for reuse, so that a steady load makes no garbage. */
export const CALLS_POOLED_MAX = 4_096
/** Input of an external call held before its callee takes it. */
export const DOOR_INPUT_BYTES_MAX = 1_048_576
/** Above this, `DoorCall.write` answers false. */
export const DOOR_INPUT_BYTES_HIGH = 65_536
/** Output messages consumed before the door grants credit again: half the window, so that the callee never runs dry. */
export const DOOR_GRANT_MESSAGES = CREDIT_MAX / 2

/** First wait before a lost worker is replaced; doubles with each loss in a row. */
export const RESTART_DELAY_US_MIN = 50_000
/** Longest wait before a lost worker is replaced. */
export const RESTART_DELAY_US_MAX = 10_000_000
/** A worker that was ready this long ends the row of losses. */
export const RESTART_ROW_ENDS_US = 10_000_000
/** Losses in a row, without one worker ready, after which waiting calls are refused with `worker_unavailable`. */
export const START_FAILURES_MAX = 3
/** From SIGTERM to SIGKILL for a worker that must go. */
export const KILL_GRACE_US = 2_000_000
/** From end of file on OUT to giving up waiting for the exit of the process. */
export const EXIT_GRACE_US = 1_000_000
/** From the deadline of a call that its worker does not end to finding that worker stuck. */
export const STUCK_GRACE_US_DEFAULT = 10_000_000
/** How long a worker that seems stuck may take to answer PING. */
export const PONG_GRACE_US = 1_000_000
/** A line of a worker's standard output or error is cut here. */
export const OUTPUT_LINE_BYTES_MAX = 8_192
/** Pairs of FIFOs made before a worker needs them, and how few of them have more made, after this time in microseconds. */
export const FIFO_PAIRS_AHEAD = 8
export const FIFO_PAIRS_LOW = 2
export const FIFO_REFILL_US = 250_000

/** From the launch of a zygote to its HELLO: it loads what a worker loads. */
export const ZYGOTE_START_US_MAX = HANDSHAKE_TIMEOUT_US_DEFAULT
/** From FORK to FORKED; a zygote that takes longer is ended, and its launches are made in the plain way. */
export const FORK_ANSWER_US_MAX = 5_000_000
/** Zygotes of one program version that may fail in a row before HELLO; from then on its workers are started one by one. */
export const ZYGOTE_FAILURES_MAX = 3
/** Between two looks at a forked worker whose zygote has ended: nobody else tells of its end. */
export const ORPHAN_LOOK_US = 50_000

export const WORKERS_PER_PROGRAM_MAX = 256
/** Factor by which workers are added while only more of them bring more throughput: few starts, one after the other, are slow. */
export const WORKERS_STEEP = 4
/** For how long fewer workers must have been enough before one is let go. */
export const WORKER_IDLE_US_DEFAULT = 60_000_000

/** How long a worker must have been idle before it is paused, in microseconds, where the program says nothing. */
export const WORKER_PAUSE_US_DEFAULT = 5_000_000

assert(READ_BUFFER_BYTES % MESSAGE_BYTES === 0)
assert(DEPTH_MAX_DEFAULT <= DEPTH_MAX)
assert(OPEN_INVOKES_MAX < CALLS_MAX_DEFAULT)

/** Least memory limit of a worker, in bytes: below it no program starts. */
export const MEMORY_LIMIT_BYTES_MIN = 4_194_304

/** Processor limit of a worker, in processors: the kernel's least quota, and more than any host has. */
export const CPUS_LIMIT_MIN = 0.01
export const CPUS_LIMIT_MAX = 1_024

/** Most processes and threads that a worker may be limited to: the kernel's own bound. */
export const PIDS_LIMIT_MAX = 4_194_304

/** Descriptors that a worker may be limited to: what a runtime needs at its start, and the kernel's usual bound. */
export const OPEN_FILES_LIMIT_MIN = 32
export const OPEN_FILES_LIMIT_MAX = 1_048_576

/** Least time between two looks for calls that have waited too long, in microseconds. */
export const WAIT_LOOK_US_MIN = 10_000

/** From the moment a prewarmed worker is taken until its successor is started, in microseconds: the taken one loads first. */
export const PREWARM_REFILL_US = 250_000

/** For how long an engine that is to be placed watches which processor is the quietest, before it starts anything. */
export const PLACE_WATCH_US = 50_000
/** From when a worker is ready until it is placed once more, in microseconds: the helper threads of Node have run by then. */
export const PLACE_AGAIN_US = 500_000
/** Looks for threads of a process that are not moved yet: each finds those that were started during the one before. */
export const PLACE_PASSES_MAX = 8
/** Between two looks of `affinity: auto`: while it tries a placement, at a busy engine, and at one that is not. */
export const AUTO_TRIAL_LOOK_US = 10_000
export const AUTO_LOOK_US = 50_000
export const AUTO_IDLE_LOOK_US = 250_000
/** A look may take this share of the engine's time: with many workers looks are further apart. */
export const AUTO_LOOK_SHARE_MAX = 0.05
/** Time over which `affinity: auto` measures before it decides. */
export const AUTO_WINDOW_US = 200_000
/** Processor time of engine and workers, in processors, from which on one is not enough, and below which it is. */
export const AUTO_BUSY_SHARE = 0.85
export const AUTO_QUIET_SHARE = 0.6
/** Their use from which on it matters to them that others use the engine's processor, too. */
export const AUTO_CROWDED_SHARE = 0.2
/** How long another placement is tried, and how long when so few messages come that processor time must tell. */
export const AUTO_TRIAL_US = 100_000
export const AUTO_LONG_TRIAL_US = 500_000
/** Messages in a second below which they say nothing about how far the engine gets. */
export const AUTO_MESSAGES_PER_SECOND_MIN = 2_000
/** A trial that gets no further than this share of the best so far is given up early: when so many messages were to be expected. */
export const AUTO_TRIAL_SHARE_MIN = 0.8
export const AUTO_TRIAL_MESSAGES_MIN = 200
/** What another placement must bring to be chosen: more than two measurements of one differ by. */
export const AUTO_GAIN_MIN = 1.1
/** Rest after a trial: doubles with each that ends as the one before, and begins anew when the load becomes another. */
export const AUTO_REST_US_MIN = 2_000_000
export const AUTO_REST_US_MAX = 32_000_000
/**
 * Factor by which messages per second must change for the load to be another. Packed, 64 calls in flight are no more than some 1.4
 * times as many as 8, for one processor does no more; a steady load was seen to change by 1.25.
 */
export const AUTO_LOAD_FACTOR = 4 / 3
/** Times that two threads wake each other to see what that costs, and how long each may wait for the other. */
export const WAKE_TURNS = 400
export const WAKE_MS_MAX = 200
/** Longest that the program taskset may take. */
export const TASKSET_MS_MAX = 2_000
