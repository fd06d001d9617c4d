/** Which processors: lists as the kernel writes them, which is the quietest, and who goes where. Pure. */

/**
 * `pack`: engine and workers on one processor. `spread`: the engine on one, the workers on all others. `kernel`: where the
 * kernel puts them, among all.
 */
export type Placement = 'pack' | 'spread' | 'kernel'

/** Who may use which processors, by their numbers. */
export interface Arrangement {
  readonly engine: readonly number[]
  readonly workers: readonly number[]
  /** The helper threads of Node, in the engine and in workers: where they delay no call. */
  readonly helpers: readonly number[]
}

/** Parses a list such as `0-3,8`; rising. */
export function parseProcessors(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, at) => first + at)
    })
}

/** The same the other way round, each number by itself: `0,1,2,3,8`. */
export function processorList(processors: readonly number[]): string {
  return processors.join(',')
}

/** The bits of a set of processors as `sched_setaffinity` takes them, in whole words of 8 bytes. */
export function processorMask(processors: readonly number[]): Uint8Array {
  const mask = new Uint8Array((Math.floor(Math.max(...processors) / 64) + 1) * 8)
  for (const number of processors) mask[number >> 3]! |= 1 << (number & 7)
  return mask
}

/** The kernel's unit of processor time in `/proc`, in microseconds. */
export const TICK_US = 10_000

/** How long each processor has been idle since the system began, in the kernel's ticks, of the text of `/proc/stat`. */
export function idleTicks(stat: string): ReadonlyMap<number, number> {
  const idle = new Map<number, number>()
  for (const [, number, times] of stat.matchAll(/^cpu(\d+) (.*)$/gm)) {
    const [, , , waits = 0, io = 0] = times!.split(' ').map(Number)
    idle.set(Number(number), waits + io)
  }
  return idle
}

/**
 * The one of `processors` that was idle longest between two looks; of several that were, the one with the highest number,
 * as the first has the most interrupts.
 */
export function quietest(
  processors: readonly number[],
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number {
  const idle = (number: number): number => (after.get(number) ?? 0) - (before.get(number) ?? 0)
  return processors.reduce((best, one) => (idle(one) >= idle(best) ? one : best))
}

/** Who goes where. `home`: the engine's own, one of `processors`. With a single processor both are the same. */
export function arrange(placement: Placement, processors: readonly number[], home: number): Arrangement {
  if (placement === 'kernel') return { engine: processors, workers: processors, helpers: processors }
  const others = processors.length === 1 ? processors : processors.filter((number) => number !== home)
  return { engine: [home], workers: placement === 'pack' ? [home] : others, helpers: others }
}
