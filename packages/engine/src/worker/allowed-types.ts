/** Which types a worker may send: rules `handshake-hello-first` and `feature-accepted`. */
import { type FeatureName, MessageType, TYPES, type Verdict } from '@millrace/protocol'
import type { WorkerState } from './worker-states.ts'

/** By type number, 1 for those that may come before the worker is welcome. */
export const HELLO_ONLY: Uint8Array = oneType(MessageType.HELLO)

/** By type number, 1 for those that may come once it is, with these features. */
export function allowedTypes(features: readonly FeatureName[]): Uint8Array {
  const allowed = new Uint8Array(256)
  for (const info of Object.values(TYPES)) {
    if (info.direction === 'engine' || info.name === 'HELLO') continue
    if (info.feature === undefined || features.includes(info.feature)) allowed[info.value] = 1
  }
  // A worker's INVOKE is an internal call.
  if (!features.includes('internal-calls')) allowed[MessageType.INVOKE] = 0
  return allowed
}

/** The rule that a known type breaks when it is not allowed. */
export function notAllowed(type: number, state: WorkerState): Verdict {
  const { name, feature } = TYPES[type]!
  if (state === 'starting') return { rule: 'handshake-hello-first', message: `${name} came before HELLO` }
  if (type === MessageType.HELLO) return { rule: 'handshake-hello-once', message: 'a second HELLO came' }
  const needed = feature ?? 'internal-calls'
  return { rule: 'feature-accepted', message: `${name} needs ${needed}, which WELCOME did not accept` }
}

function oneType(type: number): Uint8Array {
  const allowed = new Uint8Array(256)
  allowed[type] = 1
  return allowed
}
