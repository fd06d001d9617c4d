/** HELLO → what WELCOME says, or why it is refused. Pure. */
import { type FeatureName, FUNCTIONS_PER_WORKER_MAX, isFunctionName, PROTOCOL_VERSION, type ReasonName } from '@millrace/protocol'
import { decodePrefixed, type Hello, HelloSchema, readPrefix, VERSIONS } from '@millrace/protocol/cold'
import { WORKER_CALLS_MAX } from '../base/limits.ts'

/** Features that this engine implements. */
export const ENGINE_FEATURES: readonly FeatureName[] = ['internal-calls', 'streaming', 'log', 'capacity']

/** Why a worker is not welcome. */
export interface Refusal {
  readonly reason: ReasonName
  /** The rule it broke; empty: none. */
  readonly rule: string
  readonly message: string
}

/** What HELLO settles. */
export interface Terms {
  readonly version: number
  readonly features: readonly FeatureName[]
  readonly functions: readonly { readonly name: string; readonly timeoutUs: number }[]
  /** Calls that the worker takes at once, 1 to 65,535. */
  readonly maxCalls: number
  /** For people. */
  readonly software: string
}

/**
 * Judges the joined body of HELLO. `token`: what the worker was given at launch. `wanted`: functions that it must
 * serve; undefined: any.
 */
export function judgeHello(body: Uint8Array, token: string, wanted: readonly string[] | undefined): Terms | Refusal {
  const versions = readPrefix(body)
  if (versions === undefined) {
    return refuse('protocol_error', 'handshake-magic', 'HELLO does not begin with the version prefix (MILLRACE)')
  }
  if (versions.min > VERSIONS.max || versions.max < VERSIONS.min || versions.min > versions.max) {
    const text = `the worker speaks versions ${versions.min} to ${versions.max}, this engine ${VERSIONS.min} to ${VERSIONS.max}`
    return refuse('version_unsupported', 'handshake-version', text)
  }
  const hello: Hello | undefined = decodePrefixed(HelloSchema, body)
  if (hello === undefined) return refuse('protocol_error', 'handshake-body', 'HELLO holds no protobuf Hello')
  if (hello.token !== token) {
    return refuse('unauthenticated', 'handshake-token', 'HELLO does not return the MILLRACE_TOKEN of this worker')
  }
  return judgeFunctions(hello, wanted)
}

function judgeFunctions(hello: Hello, wanted: readonly string[] | undefined): Terms | Refusal {
  if (hello.functions.length > FUNCTIONS_PER_WORKER_MAX) {
    const text = `HELLO offers ${hello.functions.length} functions, above ${FUNCTIONS_PER_WORKER_MAX}`
    return refuse('protocol_error', 'handshake-functions-max', text)
  }
  const seen = new Set<string>()
  for (const { name } of hello.functions) {
    if (!isFunctionName(name)) return refuse('protocol_error', 'name-form', `${JSON.stringify(name)} is no function name`)
    if (seen.has(name)) return refuse('protocol_error', 'handshake-functions-once', `HELLO offers ${name} twice`)
    seen.add(name)
  }
  for (const name of wanted ?? []) {
    if (!seen.has(name)) {
      const offered = seen.size === 0 ? 'nothing' : [...seen].sort().join(', ')
      return refuse('load_failed', '', `the worker does not serve ${name}; it serves ${offered}`)
    }
  }
  if (wanted === undefined && seen.size === 0) return refuse('load_failed', '', 'the worker serves no function')
  const software = hello.software
  return {
    version: PROTOCOL_VERSION,
    features: ENGINE_FEATURES.filter((feature) => hello.features.includes(feature)),
    functions: hello.functions.map(({ name, timeoutUs }) => ({ name, timeoutUs })),
    maxCalls: Math.min(Math.max(1, hello.maxCalls), WORKER_CALLS_MAX),
    software: software === undefined ? '' : `${software.name} ${software.version}, ${software.runtime}`.trim(),
  }
}

function refuse(reason: ReasonName, rule: string, message: string): Refusal {
  return { reason, rule, message }
}
