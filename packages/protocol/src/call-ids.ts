/**
 * Ids of one side of a channel: they rise by two, wrap at 2^32, and skip 0 and ids still open.
 * Rules `call-id-rising` and `call-id-open-skipped`.
 */

/** The id that follows `last` in the same parity. Never 0. */
export function nextCallId(last: number): number {
  const next = (last + 2) >>> 0
  return next === 0 ? 2 : next
}

/**
 * Whether `id` comes after `last` on the circle of 32-bit ids: less than half a turn ahead.
 * An id that does not was used before, or never will have been.
 */
export function isAfter(id: number, last: number): boolean {
  const ahead = (id - last) >>> 0
  return ahead !== 0 && ahead < 0x8000_0000
}
