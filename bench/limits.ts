/** Every bound of the bench, with its unit. Reaching one ends the run with a line that names it. */

/** From the start of a process to its first answer, in milliseconds. */
export const START_LIMIT_MS = 30_000

/** One measurement, warm-up included, in milliseconds. What is not through by then is an error. */
export const MEASURE_LIMIT_MS = 60_000

/** From the request to end to SIGKILL, in milliseconds. */
export const END_LIMIT_MS = 10_000

/** Time limit of a call in the engine under test, in microseconds. Longer than a measurement: it must never cut one. */
export const CALL_LIMIT_US = 120_000_000

/** After this time no further round begins with `--quick`, in milliseconds. At least one is made. */
export const QUICK_BUDGET_MS = 75_000

/** After this time no further round begins, in milliseconds. At least one is made. */
export const FULL_BUDGET_MS = 15 * 60_000

/** Largest number of rounds that may be asked for. */
export const ROUNDS_MAX = 100

/** Largest answer of a program that prints one, in bytes. */
export const PRINTED_MAX_BYTES = 1024 * 1024

/** Time between two samples of a CPU profile, in microseconds. */
export const PROFILE_INTERVAL_US = 100
