/** How many engines `--shards` asks for. */
import { availableParallelism } from 'node:os'
import { SHARDS_MAX } from '../../base/limits.ts'
import { CommandError, ExitCode } from '../exit-code.ts'

/** 1 to `SHARDS_MAX`; undefined: 1. `auto`: half the processors that this process may use, as workers need some, too. */
export function shardCount(text: string | undefined): number {
  if (text === undefined) return 1
  if (text === 'auto') return Math.min(SHARDS_MAX, Math.max(1, Math.floor(availableParallelism() / 2)))
  const count = /^[0-9]+$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= SHARDS_MAX) return count
  const message = `--shards: ${JSON.stringify(text)} is not a whole number from 1 to ${SHARDS_MAX}, nor auto`
  throw new CommandError(message, ExitCode.usage)
}
