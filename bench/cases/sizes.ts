/** Sizes of payloads: how they are written, and how many calls of each are measured. Pure. */

const KIB = 1024
const MIB = 1024 * KIB

/** Calls before the measured ones, on both sides. The subject's code was made hot before: see `engine-process.ts`. */
export const WARM_UP = 2_000

/** Calls by payload, rising: enough for a p99 below 1 MiB, and few enough for seconds in the slowest language. */
export const COUNTS_BY_BYTES: readonly { readonly upTo: number; readonly count: number }[] = [
  { upTo: 960, count: 10_000 },
  { upTo: 4 * KIB, count: 3_000 },
  { upTo: 16 * KIB, count: 1_000 },
  { upTo: 64 * KIB, count: 300 },
  { upTo: MIB, count: 20 },
]

/** `0B`, `960B`, `16KiB`, `1MiB`; with `gap` between number and unit. */
export function sizeName(bytes: number, gap = ''): string {
  if (bytes >= MIB && bytes % MIB === 0) return `${bytes / MIB}${gap}MiB`
  if (bytes >= KIB && bytes % KIB === 0) return `${bytes / KIB}${gap}KiB`
  return `${bytes}${gap}B`
}
