/** Every bound of the command, with its unit. */

/** Quiet time after a change before a reload, in milliseconds: an editor saves one file in several steps. */
export const WATCH_DEBOUNCE_MS = 100

/** Directories below an entry's own that are watched. Deeper ones seldom hold its code, and each costs a handle. */
export const WATCH_DEPTH_MAX = 8

/** Text for a slow terminal that is held, in bytes; lines beyond it are counted and dropped. */
export const TERMINAL_BACKLOG_BYTES_MAX = 1_048_576

/** After the second Ctrl-C, what the engine has to clean up, in milliseconds, before the command ends anyway. */
export const KILL_GRACE_MS = 2_000

/** Ends of one shard in a row, each before it has lasted, after which its log line names a crash loop. Retries go on. */
export const SHARD_LOSSES_MAX = 5

/** How long a shard must have lasted to end the row, in milliseconds. */
export const SHARD_LASTS_MS = 10_000

/** How long a shard may take to say what a page is to show of it, in milliseconds. Then the page goes without. */
export const SHARD_ANSWER_MS_MAX = 1_000

/**
 * From the first signal until shards that are still there are killed: so many times the drain timeout, which holds for the calls,
 * for those of other shards, and twice for workers that do not end; and this many milliseconds at least.
 */
export const SHARD_STOP_DRAINS_MAX = 6
export const SHARD_STOP_MS_LEAST = 60_000

/** Without a byte from the engine for this long, `list` gives up, in milliseconds. */
export const QUERY_TIMEOUT_MS = 5_000

/** What the answer to a call may take beyond the call's own time limit, in milliseconds. */
export const ANSWER_GRACE_MS = 2_000

/** Largest answer of the engine that `list` reads, and largest description of a failure, in bytes. */
export const ANSWER_BYTES_MAX = 16 * 1_048_576

/** Workers that `millrace doctor` starts at each level of isolation; the median start is shown. */
export const DOCTOR_STARTS = 5

/** Calls of each of them, one after the other; the median of the last worker's is shown. */
export const DOCTOR_CALLS = 500

/** Starts of each kind that `millrace bench --cold` takes the median of. */
export const BENCH_ROUNDS = 11

/** How long a worker must be idle there before it is let go, or paused, in microseconds. */
export const BENCH_PAUSE_US = 50_000

/** How often it looks whether the workers are as a start of its kind finds them, and for how long, in milliseconds. */
export const BENCH_POLL_MS = 5
export const BENCH_WAIT_MS_MAX = 20_000
