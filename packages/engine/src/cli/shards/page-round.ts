/** One round of questions to all shards for a page. */
import { SHARD_ANSWER_MS_MAX } from '../limits.ts'
import type { PageName, PagePart, ShardPart } from './messages.ts'
import type { ShardProcess } from './shard-process.ts'

/** The rounds that are under way: at most one for each kind of page and shard that asks. */
export class PageRounds {
  readonly #shards: readonly ShardProcess[]
  readonly #open = new Map<number, (shard: number, part: PagePart) => void>()
  #lastId = 0

  constructor(shards: readonly ShardProcess[]) {
    this.#shards = shards
  }

  /** Asks every shard that is up. Resolves when all have told, or after `SHARD_ANSWER_MS_MAX`. */
  async ask(page: PageName): Promise<ShardPart[]> {
    this.#lastId += 1
    const id = this.#lastId
    const parts = new Map<number, PagePart>()
    const asked = this.#shards.filter(({ isUp }) => isUp)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SHARD_ANSWER_MS_MAX)
      this.#open.set(id, (shard, part) => {
        parts.set(shard, part)
        if (parts.size < asked.length) return
        clearTimeout(timer)
        resolve()
      })
      for (const shard of asked) shard.tell({ kind: 'tell', id, page })
    })
    this.#open.delete(id)
    return this.#shards.map(({ index, restarts }) => ({ shard: index, restarts, part: parts.get(index) }))
  }

  /** A shard has told. Too late is as never. */
  told(id: number, shard: number, part: PagePart): void {
    this.#open.get(id)?.(shard, part)
  }
}
