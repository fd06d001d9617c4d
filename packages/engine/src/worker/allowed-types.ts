/** Which types a worker may send: rules `handshake-hello-first` and `feature-accepted`. */
import { type FeatureName, MessageType, TYPES, type Verdict } from '@millrace/protocol'

/** By type number, 1 for those that may come before the worker is welcome. */
export const HELLO_ONLY: Uint8Array = someTypes(MessageType.HELLO)

/** By type number, 1 for those that may come once it is, with these features. */
export function allowedTypes(features: readonly FeatureName[]): Uint8Array {
  const allowed = new Uint8Array(256)
  for (const info of Object.values(TYPES)) {
    if (info.direction === 'engine' || info.name === 'HELLO' || BESIDE_RINGS.includes(info.value)) continue
    if (info.feature === undefined || features.includes(info.feature)) allowed[info.value] = 1
  }
  // A worker's INVOKE is an internal call.
  if (!features.includes('internal-calls')) allowed[MessageType.INVOKE] = 0
  return allowed
}

/** By type number, 1 for those that may come on the pipe after WELCOME from a worker with rings. */
export const ATTACHED_ONLY: Uint8Array = someTypes(MessageType.ATTACHED, MessageType.GOODBYE)

/** These speak about the rings, and only come beside them: rule `ring-no-wake`. */
const BESIDE_RINGS: readonly number[] = [MessageType.ATTACHED, MessageType.WAKE]

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

/** What a worker may send now, and what it breaks by sending something else. */
export class Admission {
  /** By type number, 1 for those that may come. */
  types: Uint8Array = HELLO_ONLY
  /** What may come once ATTACHED has; undefined: it is not awaited. */
  #behindAttached: Uint8Array | undefined
  #hasRings = false
  #phase: 'starting' | 'waiting' | 'ready' = 'starting'

  /** WELCOME goes out. `isWaiting`: the worker has no code yet. */
  welcomed(features: readonly FeatureName[], isWaiting: boolean): void {
    this.#phase = isWaiting ? 'waiting' : 'ready'
    const types = isWaiting ? allowedWaiting(features) : allowedTypes(features)
    this.#hasRings = features.includes('shm-ring')
    this.#behindAttached = this.#hasRings ? types : undefined
    this.types = this.#hasRings ? ATTACHED_ONLY : types
  }

  /** ATTACHED came. It breaks no rule. */
  attached(): undefined {
    this.types = this.#behindAttached!
    this.#behindAttached = undefined
  }

  /** The worker has its code. */
  loaded(features: readonly FeatureName[]): void {
    this.#phase = 'ready'
    this.types = allowedTypes(features)
  }

  /** The rule that a known type breaks which may not come. */
  fault(type: number): Verdict {
    const { name } = TYPES[type]!
    if (this.#behindAttached !== undefined) {
      return { rule: 'ring-attached', message: `${name} came after WELCOME, where ATTACHED belongs` }
    }
    if (this.#hasRings && BESIDE_RINGS.includes(type)) {
      return { rule: 'ring-no-wake', message: `${name} came in the ring` }
    }
    return notAllowed(type, this.#phase)
  }
}

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

function someTypes(...types: number[]): Uint8Array {
  const allowed = new Uint8Array(256)
  for (const type of types) allowed[type] = 1
  return allowed
}
