/** HELLO and WELCOME: what this worker says of itself, and what the engine makes of it. Pure. */
import {
  BODY_BYTES,
  COLD_MESSAGE_BYTES_MAX,
  type FeatureName,
  isFunctionName,
  MAGIC,
  MessageType,
  type Verdict,
} from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  GoodbyeSchema,
  HelloSchema,
  readPrefix,
  reasonName,
  spanMessages,
  VERSIONS,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { decode } from './content.ts'
import { UsageError } from './errors.ts'
import type { AnyFunction } from './function.ts'
import { MAX_CALLS_MAX } from './limits.ts'
import { VERSION } from './version.ts'

/** The features that this SDK offers in HELLO. */
export const FEATURES_OFFERED: readonly FeatureName[] = ['internal-calls', 'streaming', 'log', 'capacity']

/** Those that a prewarmed worker offers: `load`, too. */
export const FEATURES_PREWARMED: readonly FeatureName[] = [...FEATURES_OFFERED, 'load']

/** What WELCOME says, with its bounds. */
export interface Welcome {
  /** Served functions and the ids that the engine gave them. */
  readonly functions: readonly { readonly name: string; readonly id: number }[]
  readonly features: ReadonlySet<string>
  /** Whether `streaming` was accepted. */
  readonly streaming: boolean
  /** Calls at once. */
  readonly callsMax: number
  /** INVOKEs that may be open; 0: no internal calls. */
  readonly openInvokesMax: number
  /** RESOLVEs that may be open. */
  readonly openResolvesMax: number
  /** Bytes of the largest payload. */
  readonly payloadBytesMax: number
  /** Whether `payload-file` was accepted. */
  readonly files: boolean
  /** Payloads of known size from so many bytes on go in a file. */
  readonly fileBytesMin: number
  /** Number of this worker in the engine's life, for people. */
  readonly workerId: number
}

/**
 * Whole HELLO messages, several when there are many functions (rules `cold-span-consecutive`, `handshake-token`).
 *
 * @throws UsageError when the names are too long in all (rule `cold-span-bytes`).
 */
export function helloMessages(
  functions: readonly AnyFunction[],
  features: readonly FeatureName[],
  token: string,
  maxCalls: number,
): Uint8Array {
  const body = encodePrefixed(HelloSchema, {
    token,
    functions: functions.map((fn) => ({ name: fn.name, timeoutUs: fn.timeoutUs })),
    features: [...features],
    maxCalls,
    software: {
      name: '@millrace/sdk',
      version: VERSION,
      language: 'javascript',
      runtime: `node ${process.versions.node}`,
    },
  })
  if (body.length > COLD_MESSAGE_BYTES_MAX) {
    throw new UsageError(
      `the names of ${functions.length} functions take ${body.length} bytes; all that a worker says of itself may have ${COLD_MESSAGE_BYTES_MAX}`,
    )
  }
  return spanMessages(MessageType.HELLO, body, () => {})
}

/**
 * Checks the functions of one worker.
 *
 * @throws UsageError when there are none, or two have the same name.
 */
export function checkFunctions(functions: readonly AnyFunction[], functionsMax: number): void {
  if (functions.length === 0) throw new UsageError('there is no function to serve')
  if (functions.length > functionsMax) {
    throw new UsageError(`there are ${functions.length} functions; one worker serves at most ${functionsMax}`)
  }
  const names = new Set<string>()
  for (const { name } of functions) {
    if (!isFunctionName(name)) throw new UsageError(`${JSON.stringify(name)} can't name a function`)
    if (names.has(name)) throw new UsageError(`two functions are named "${name}"; give one of them another name`)
    names.add(name)
  }
}

/** Checks how many calls a worker offers to run at once. @throws UsageError unless it is an integer from 1 to 65,535. */
export function checkMaxCalls(maxCalls: number): void {
  if (Number.isInteger(maxCalls) && maxCalls >= 1 && maxCalls <= MAX_CALLS_MAX) return
  throw new UsageError(`maxCalls is ${maxCalls}; use an integer from 1 to ${MAX_CALLS_MAX}`)
}

/** Reads the body of WELCOME. Rules `handshake-prefix`, `handshake-version`, `feature-offered`, `welcome-max-calls`. */
export function readWelcome(
  body: Uint8Array,
  offered: number,
  featuresOffered: readonly FeatureName[],
): Welcome | Verdict {
  const prefix = readPrefix(body)
  if (prefix === undefined) {
    const magic = body.length >= MAGIC.length && decode(body.subarray(0, MAGIC.length)) === MAGIC
    return {
      rule: magic ? 'handshake-prefix' : 'handshake-magic',
      message: `WELCOME does not begin with ${magic ? 'a whole version prefix' : MAGIC}`,
    }
  }
  if (prefix.min !== prefix.max || prefix.min < VERSIONS.min || prefix.max > VERSIONS.max) {
    return {
      rule: 'handshake-version',
      message: `WELCOME chooses version ${prefix.min} to ${prefix.max}; HELLO offered ${VERSIONS.min} to ${VERSIONS.max}`,
    }
  }
  const welcome = decodePrefixed(WelcomeSchema, body)
  if (welcome === undefined) return { rule: 'handshake-body', message: 'WELCOME carries no Welcome' }
  const features = new Set(welcome.features)
  for (const feature of features) {
    if (!featuresOffered.includes(feature as FeatureName)) {
      return { rule: 'feature-offered', message: `WELCOME accepts ${feature}, which HELLO did not offer` }
    }
  }
  const { limits } = welcome
  const callsMax = limits?.maxCalls ?? 0
  if (callsMax === 0 || callsMax > offered) {
    return { rule: 'welcome-max-calls', message: `WELCOME sets max_calls to ${callsMax}; HELLO offered ${offered}` }
  }
  return {
    functions: welcome.functions,
    features,
    streaming: features.has('streaming'),
    callsMax,
    openInvokesMax: features.has('internal-calls') ? (limits?.maxOpenInvokes ?? 0) : 0,
    openResolvesMax: limits?.maxOpenResolves ?? 0,
    payloadBytesMax: limits?.maxPayloadBytes ?? 0,
    files: features.has('payload-file'),
    fileBytesMin: Math.max(BODY_BYTES + 1, limits?.minFileBytes ?? 0),
    workerId: welcome.workerId,
  }
}

/** Why the engine ends the channel; `reason` undefined: all is well. */
export interface Farewell {
  readonly reason: string | undefined
  readonly rule: string
  readonly message: string
}

/** Reads the body of GOODBYE. A body that can't be read is still a GOODBYE: the channel ends either way. */
export function readGoodbye(body: Uint8Array, status: number): Farewell {
  const goodbye = readPrefix(body) === undefined ? undefined : decodePrefixed(GoodbyeSchema, body)
  if (goodbye === undefined) return { reason: 'protocol_error', rule: '', message: 'its GOODBYE could not be read' }
  const wrong = goodbye.reason !== 0 || status !== 0
  const reason = wrong ? (reasonName(goodbye.reason) ?? `reason ${goodbye.reason}`) : undefined
  return { reason, rule: goodbye.rule, message: goodbye.message }
}
