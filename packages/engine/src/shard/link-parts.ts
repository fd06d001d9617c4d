/** What links are made of. Types alone. */
import type { CallTable } from '../call/call-table.ts'
import type { Flusher } from '../channel/flusher.ts'
import type { EngineMetrics } from '../observe/metrics.ts'
import type { Settings } from '../option-check.ts'
import type { PeersOptions } from '../options.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { Clock, Random } from '../world.ts'

/** What the engine gives its links. */
export interface LinkParts {
  readonly clock: Clock
  readonly random: Random
  readonly flusher: Flusher
  readonly calls: CallTable
  readonly registry: FunctionRegistry
  readonly settings: Settings
  readonly options: PeersOptions
  /** Counters of the links alone: what they count as functions are those of other engines, as workers the links. */
  readonly metrics: EngineMetrics
  /** Tells people that a link broke. */
  warn(peer: number, message: string): void
}
