/** Counts words, merges counts, ranks them. Pure: no disk, no network. */
import { fn } from '@millrace/sdk'

/** What was counted of some texts. */
export interface Counts {
  readonly lines: number
  readonly words: number
  readonly byWord: Readonly<Record<string, number>>
}

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu

/** Lines, words, and how often each word (in lower case) comes in a text. */
export const countWords = fn('count-words', (text: string): Counts => {
  const byWord = new Map<string, number>()
  let words = 0
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    words += 1
    byWord.set(word, (byWord.get(word) ?? 0) + 1)
  }
  return { lines: text.split('\n').length, words, byWord: Object.fromEntries(byWord) }
})

/** The sum of several counts. */
export const merge = fn('merge', (group: readonly Counts[]): Counts => {
  const byWord = new Map<string, number>()
  let lines = 0
  let words = 0
  for (const part of group) {
    lines += part.lines
    words += part.words
    for (const [word, count] of Object.entries(part.byWord)) byWord.set(word, (byWord.get(word) ?? 0) + count)
  }
  return { lines, words, byWord: Object.fromEntries(byWord) }
})

/** The most frequent words of four letters and more, most frequent first, equals in the alphabet's order. */
export const rank = fn('rank', ({ counts, top }: { counts: Counts; top: number }) =>
  Object.entries(counts.byWord)
    .filter(([word]) => word.length >= 4)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, top)
    .map(([word, count]) => ({ word, count })),
)
