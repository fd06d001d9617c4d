/** Which types a worker may send: rules `handshake-hello-first` and `feature-accepted`. */
import { type FeatureName, MessageType, TYPES, type Verdict } from '@millrace/protocol'

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

/** By type number, 1 for those that may come from a worker that waits for its code. */
export function allowedWaiting(features: readonly FeatureName[]): Uint8Array {
  const allowed = allowedTypes(features)
  for (const type of [...OF_PROGRAMS, ...OF_CALLS]) allowed[type] = 0
  return allowed
}

/** Sent in the name of a program: rule `load-before-calls`. */
const OF_PROGRAMS: readonly number[] = [MessageType.RESOLVE, MessageType.INVOKE, MessageType.CAPACITY]
/** Sent about a call, of which there is none. */
const OF_CALLS: readonly number[] = [
  MessageType.RESULT,
  MessageType.ERROR,
  MessageType.DATA,
  MessageType.WINDOW,
  MessageType.CANCEL,
]

/** The rule that a known type breaks when it is not allowed. `phase`: `waiting`: its code was not loaded yet. */
export function notAllowed(type: number, phase: 'starting' | 'waiting' | 'ready'): Verdict {
  const { name, feature } = TYPES[type]!
  if (phase === 'starting') return { rule: 'handshake-hello-first', message: `${name} came before HELLO` }
  if (type === MessageType.HELLO) return { rule: 'handshake-hello-once', message: 'a second HELLO came' }
  if (phase === 'waiting' && OF_PROGRAMS.includes(type)) {
    return { rule: 'load-before-calls', message: `${name} came before the worker had its code` }
  }
  if (phase === 'waiting' && OF_CALLS.includes(type)) {
    return { rule: 'call-id-known', message: `${name} came from a worker that was given no call yet` }
  }
  const needed = feature ?? 'internal-calls'
  return { rule: 'feature-accepted', message: `${name} needs ${needed}, which WELCOME did not accept` }
}

function oneType(type: number): Uint8Array {
  const allowed = new Uint8Array(256)
  allowed[type] = 1
  return allowed
}
