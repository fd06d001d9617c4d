/** HELLO → what WELCOME says, or why it is refused. Pure. */
import {
  type FeatureName,
  Flag,
  FUNCTIONS_PER_WORKER_MAX,
  isFunctionName,
  MAGIC,
  PROTOCOL_VERSION,
  REASONS,
  type ReasonName,
  VERSION_PREFIX_BYTES,
  type Verdict,
} from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  type Reason,
  readPrefix,
  VERSIONS,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { OPEN_PINGS_MAX, OPEN_RESOLVES_MAX, WORKER_CALLS_MAX } from '../base/limits.ts'

/** Features that this engine implements. */
export const ENGINE_FEATURES: readonly FeatureName[] = [
  'internal-calls',
  'streaming',
  'payload-file',
  'log',
  'capacity',
  'load',
]

/** Features that this engine implements with a zygote. */
const ZYGOTE_FEATURES: readonly FeatureName[] = ['fork']

/** What a worker was started as: to serve, to wait for LOAD, or to fork. */
export type WorkerKind = 'serving' | 'prewarmed' | 'zygote'

/** Why a worker is not welcome. */
export interface Refusal {
  readonly reason: ReasonName
  /** The rule it broke; empty: none. */
  readonly rule: string
  readonly message: string
}

/** What a worker was launched with besides its pipes: each lets it offer a feature. Default: none. */
export interface Given {
  /** A payload directory: `payload-file`. */
  readonly payloads?: boolean
  /** A segment: `shm-ring`. */
  readonly rings?: boolean
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
 * serve; undefined: any. `kind`: one that is to wait for LOAD, or to fork, must serve none. `given`: what it was launched
 * with, without which it may not offer what needs it.
 */
export function judgeHello(
  body: Uint8Array,
  token: string,
  wanted: readonly string[] | undefined,
  kind: WorkerKind = 'serving',
  given: Given = {},
): Terms | Refusal {
  const versions = readPrefix(body)
  if (versions === undefined) {
    const { rule, message } = prefixFault(body, 'HELLO')
    return refuse('protocol_error', rule, message)
  }
  if (versions.min > VERSIONS.max || versions.max < VERSIONS.min || versions.min > versions.max) {
    const text = `the worker speaks versions ${versions.min} to ${versions.max}, this engine ${VERSIONS.min} to ${VERSIONS.max}`
    return refuse('version_unsupported', 'handshake-version', text)
  }
  const hello: Hello | undefined = decodePrefixed(HelloSchema, body)
  if (hello === undefined) return refuse('protocol_error', 'handshake-body', 'HELLO holds no protobuf Hello')
  if (!sameSecret(hello.token, token)) {
    return refuse('unauthenticated', 'handshake-token', 'HELLO does not return the MILLRACE_TOKEN of this worker')
  }
  const refusal =
    kind === 'prewarmed' ? judgeWaiting(hello) : judgeOffers(hello.functions, kind === 'zygote' ? [] : wanted, 'HELLO')
  if (refusal !== undefined) return refusal
  if (kind === 'zygote') return termsOf(hello, ZYGOTE_FEATURES)
  // Rule `file-streaming`: what can't go as a file goes as DATA.
  const takesFiles = given.payloads === true && hello.features.includes('streaming')
  const features = takesFiles ? ENGINE_FEATURES : ENGINE_FEATURES.filter((name) => name !== 'payload-file')
  return termsOf(hello, given.rings === true ? [...features, 'shm-ring'] : features)
}

/** The rule that a body breaks which begins with no version prefix. */
export function prefixFault(body: Uint8Array, what: string): Verdict {
  const magic = Buffer.from(body.subarray(0, MAGIC.length)).toString('latin1')
  if (body.length >= VERSION_PREFIX_BYTES && magic !== MAGIC) {
    return { rule: 'handshake-magic', message: `${what} does not begin with ${MAGIC}` }
  }
  const text = `${what} does not begin with the ${VERSION_PREFIX_BYTES} bytes of the version prefix, its last four zero`
  return { rule: 'handshake-prefix', message: text }
}

/** A worker that was started to wait for its code. */
function judgeWaiting(hello: Hello): Refusal | undefined {
  if (!hello.features.includes('load')) {
    return refuse('load_failed', '', 'the worker was started to wait for its code, and does not offer the feature load')
  }
  if (hello.functions.length === 0) return undefined
  const text = `the worker was started to wait for its code, and serves ${hello.functions[0]!.name} already`
  return refuse('load_failed', '', text)
}

/** Judges the functions that HELLO or LOADED, as `where` says, offers. Undefined: they are what was wanted. */
export function judgeOffers(
  offers: readonly { readonly name: string }[],
  wanted: readonly string[] | undefined,
  where: 'HELLO' | 'LOADED',
): Refusal | undefined {
  if (offers.length > FUNCTIONS_PER_WORKER_MAX) {
    const text = `${where} offers ${offers.length} functions, above ${FUNCTIONS_PER_WORKER_MAX}`
    return refuse('protocol_error', 'handshake-functions-max', text)
  }
  const seen = new Set<string>()
  for (const { name } of offers) {
    if (!isFunctionName(name))
      return refuse('protocol_error', 'name-form', `${JSON.stringify(name)} is no function name`)
    if (seen.has(name)) return refuse('protocol_error', 'handshake-functions-once', `${where} offers ${name} twice`)
    seen.add(name)
  }
  for (const name of wanted ?? []) {
    if (!seen.has(name)) {
      const offered = seen.size === 0 ? 'nothing' : [...seen].sort().join(', ')
      return refuse('load_failed', '', `the worker does not serve ${name}; it serves ${offered}`)
    }
  }
  if (wanted === undefined && seen.size === 0) return refuse('load_failed', '', 'the worker serves no function')
  return undefined
}

function termsOf(hello: Hello, features: readonly FeatureName[]): Terms {
  const software = hello.software
  return {
    version: PROTOCOL_VERSION,
    features: features.filter((feature) => hello.features.includes(feature)),
    functions: hello.functions.map(({ name, timeoutUs }) => ({ name, timeoutUs })),
    maxCalls: Math.min(Math.max(1, hello.maxCalls), WORKER_CALLS_MAX),
    software: software === undefined ? '' : `${software.name} ${software.version}, ${software.runtime}`.trim(),
  }
}

function refuse(reason: ReasonName, rule: string, message: string): Refusal {
  return { reason, rule, message }
}

/** What WELCOME says beyond the terms. */
export interface WelcomeSettings {
  readonly functions: readonly { readonly name: string; readonly id: number }[]
  readonly workerId: number
  readonly maxOpenInvokes: number
  readonly payloadBytesMax: number
  readonly depthMax: number
  /** Payloads from this size on are faster in a file. */
  readonly fileBytesMin: number
}

/** The flags that INVOKE and RESULT may have. */
export function payloadFlags({ features }: Terms): number {
  const more = features.includes('streaming') ? Flag.MORE : 0
  return features.includes('payload-file') ? more | Flag.PAYLOAD_FILE : more
}

/** The body of WELCOME. */
export function welcomeBody(terms: Terms, settings: WelcomeSettings): Uint8Array {
  const internal = terms.features.includes('internal-calls')
  return encodePrefixed(
    WelcomeSchema,
    {
      functions: [...settings.functions],
      features: [...terms.features],
      limits: {
        maxCalls: terms.maxCalls,
        maxOpenInvokes: internal ? settings.maxOpenInvokes : 0,
        maxOpenResolves: internal ? OPEN_RESOLVES_MAX : 0,
        maxOpenPings: OPEN_PINGS_MAX,
        maxPayloadBytes: settings.payloadBytesMax,
        maxDepth: settings.depthMax,
        minFileBytes: terms.features.includes('payload-file') ? settings.fileBytesMin : 0,
      },
      software: { name: '@millrace/engine', language: 'typescript' },
      workerId: settings.workerId,
    },
    { min: terms.version, max: terms.version },
  )
}

/** Characters of a GOODBYE's text; with them its body fits one message whatever they are. */
const GOODBYE_TEXT_MAX = 250

/** The body of GOODBYE. `rule`: the rule that the worker broke; empty: none. */
export function goodbyeBody(reason: ReasonName, message: string, rule: string): Uint8Array {
  const text = message.slice(0, GOODBYE_TEXT_MAX)
  return encodePrefixed(GoodbyeSchema, { reason: REASONS[reason].value as Reason, message: text, rule }, VERSIONS)
}

/** Whether two secrets are the same, in a time that does not depend on where they differ. Rule `token-compare`. */
function sameSecret(given: string, wanted: string): boolean {
  let differs = given.length ^ wanted.length
  for (let i = 0; i < wanted.length; i += 1)
    differs |= given.charCodeAt(i % Math.max(1, given.length)) ^ wanted.charCodeAt(i)
  return differs === 0
}
