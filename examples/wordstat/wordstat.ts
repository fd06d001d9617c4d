/** The function that the others work for: fan-out to one map call a file, fan-in to a tree of merges, then the ranking. */
import { fn } from '@millrace/sdk'
import type { Counts } from './words.ts'

/** What `wordstat` takes. */
export interface WordstatInput {
  /** Folder to read, from where the engine was started. */
  readonly folder: string
  /** How many words to rank. Default 10. */
  readonly top?: number
}

/** What it gives. */
export interface WordstatOutput {
  readonly files: number
  readonly lines: number
  readonly words: number
  readonly distinct: number
  readonly top: readonly { readonly word: string; readonly count: number }[]
}

/** Files in the hands of `map-file` at once. */
const MAPS_AT_ONCE = 16
/** Partial counts that one `merge` takes. */
const MERGE_WIDTH = 8

export const wordstat = fn('wordstat', async ({ folder, top = 10 }: WordstatInput, ctx): Promise<WordstatOutput> => {
  const paths = (await ctx.call('list-texts', folder)) as string[]
  const partials = await mapAll(paths, MAPS_AT_ONCE, async (path) => (await ctx.call('map-file', path)) as Counts)
  const total = await mergeAll(partials, async (group) => (await ctx.call('merge', group)) as Counts)
  const ranked = (await ctx.call('rank', { counts: total, top })) as WordstatOutput['top']
  return {
    files: paths.length,
    lines: total.lines,
    words: total.words,
    distinct: Object.keys(total.byWord).length,
    top: ranked,
  }
})

/** Calls `one` for every item, at most `width` at once; the results are in the items' order. */
async function mapAll<A, B>(items: readonly A[], width: number, one: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = new Array(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next
      next += 1
      results[at] = await one(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  return results
}

/** Merges in a tree: groups of `MERGE_WIDTH`, then groups of what came out, until one is left. */
async function mergeAll(
  partials: readonly Counts[],
  merge: (group: readonly Counts[]) => Promise<Counts>,
): Promise<Counts> {
  let level = partials
  do {
    const groups: Counts[][] = []
    for (let at = 0; at < level.length; at += MERGE_WIDTH) groups.push(level.slice(at, at + MERGE_WIDTH))
    if (groups.length === 0) groups.push([])
    level = await Promise.all(groups.map(merge))
  } while (level.length > 1)
  return level[0]!
}
