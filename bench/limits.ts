/** Every bound of the bench, with its unit. Reaching one ends the run with a line that names it. */

/** From the start of a process to its first answer, in milliseconds. */
export const START_LIMIT_MS = 30_000

/** One measurement, warm-up included, in milliseconds. What is not through by then is an error. */
export const MEASURE_LIMIT_MS = 60_000

/** A build of the bench's own programs, or an install of what the peers need, in milliseconds. */
export const BUILD_LIMIT_MS = 600_000

/** From the request to end to SIGKILL, in milliseconds. */
export const END_LIMIT_MS = 10_000

/** Time limit of a call in the engine under test, in microseconds. Longer than a measurement: it must never cut one. */
export const CALL_LIMIT_US = 120_000_000

/** Time for all rounds with `--quick`, in milliseconds: a round that would not end within it is not begun, but the first. */
export const QUICK_BUDGET_MS = 110_000

/** Time for all rounds without, in milliseconds. */
export const FULL_BUDGET_MS = 13 * 60_000

/** Largest number of rounds that may be asked for. */
export const ROUNDS_MAX = 100

/** Largest answer of a program that prints one, in bytes. */
export const PRINTED_MAX_BYTES = 8 * 1024 * 1024

/** Time between two samples of a CPU profile, in microseconds. */
export const PROFILE_INTERVAL_US = 100
