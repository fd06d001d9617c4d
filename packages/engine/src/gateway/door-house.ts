/** What the front door asks of the engine. Types alone. */
import type { Failure } from '@millrace/protocol/cold'
import type { CallTable } from '../call/call-table.ts'
import type { Flusher } from '../channel/flusher.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { Clock, PayloadStore } from '../world.ts'
import type { Deliveries } from './deliveries.ts'
import type { EntryRules } from './entry.ts'

/** What the door asks of the engine. */
export interface DoorHouse {
  readonly calls: CallTable
  readonly registry: FunctionRegistry
  readonly flusher: Flusher
  readonly clock: Clock
  readonly rules: EntryRules
  /** Where payload files can be made; undefined: nowhere, now. */
  payloads(): PayloadStore | undefined
  /** Inputs of known size from so many bytes on go in a file, to workers that take files. */
  readonly fileBytesMin: number
  /** Counts outputs that go on to their listeners after their calls have ended. */
  readonly deliveries: Deliveries
  /** Calls `run` in a later turn. */
  readonly soon: (run: () => void) => void
  /** Why no call may enter now; undefined: it may. */
  closed(): Failure | undefined
}
