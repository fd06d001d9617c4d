import type { CallTable } from '../call/call-table.ts'
import type { Flusher } from '../channel/flusher.ts'
import type { EngineMetrics } from '../observe/metrics.ts'
import type { Settings } from '../option-check.ts'
import type { EngineOptions } from '../options.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { InnerDoor } from '../worker/exchange-parts.ts'
import type { Clock, Random } from '../world.ts'

/** What the fleet is made of. */
export interface FleetParts {
  readonly clock: Clock
  readonly random: Random
  readonly flusher: Flusher
  readonly calls: CallTable
  readonly registry: FunctionRegistry
  readonly metrics: EngineMetrics
  readonly innerDoor: InnerDoor
  readonly settings: Settings
  readonly options: EngineOptions
}
