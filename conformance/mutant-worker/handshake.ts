/** HELLO and WELCOME of the mutant worker. */
import { MessageType, type Verdict } from '@millrace/protocol'
import {
  decodePrefixed,
  encodePrefixed,
  HelloSchema,
  readPrefix,
  spanMessages,
  type Welcome,
  WelcomeSchema,
} from '@millrace/protocol/cold'
import { HAS_FILES } from './files.ts'
import { OFFERS_RINGS } from './rings.ts'
import { is } from './switch.ts'

/** Started without its code: it waits for LOAD. */
const PREWARMED = process.argv.includes('--prewarm')
const FEATURES = [
  ...['internal-calls', 'streaming', 'log', 'capacity'],
  ...(PREWARMED ? ['load'] : []),
  ...(HAS_FILES || is('file-offered-always') ? ['payload-file'] : []),
  ...(OFFERS_RINGS ? ['shm-ring'] : []),
]
export const MAX_CALLS = 64

export function hello(token: string): Uint8Array {
  const names = PREWARMED ? [] : ['echo', 'interp']
  if (is('hello-function-twice')) names.push('echo')
  if (is('hello-function-name')) names.push('no name')
  if (is('hello-functions-1025')) for (let i = 0; i < 1023; i += 1) names.push(`f${i}`)
  const body = encodePrefixed(HelloSchema, {
    token: is('hello-token') ? `${token}x` : token,
    functions: names.map((name) => ({ name })),
    features: is('offers-nothing') ? [] : FEATURES,
    maxCalls: MAX_CALLS,
    software: { name: 'mutant-worker', version: '0', language: 'javascript' },
  })
  return spanMessages(MessageType.HELLO, body, () => {})
}

/** Reads WELCOME, or says which rule it breaks. `lax`: whether to let that pass. */
export function readWelcome(body: Uint8Array, lax: (rule: string) => boolean): Welcome | Verdict {
  const fault = (rule: string): Verdict | undefined => (lax(rule) ? undefined : { rule, message: 'WELCOME' })
  if (body.length < 16)
    return fault('handshake-prefix') ?? (decodePrefixed(WelcomeSchema, new Uint8Array(16)) as Welcome)
  if (Buffer.from(body.subarray(0, 8)).toString('latin1') !== 'MILLRACE') {
    const broken = fault('handshake-magic')
    if (broken !== undefined) return broken
  } else if (readPrefix(body) === undefined) {
    const broken = fault('handshake-prefix')
    if (broken !== undefined) return broken
  }
  const data = new DataView(body.buffer, body.byteOffset)
  if (data.getUint16(8, true) !== 1 || data.getUint16(10, true) !== 1) {
    const broken = fault('handshake-version')
    if (broken !== undefined) return broken
  }
  const welcome = decodePrefixed(WelcomeSchema, body)
  if (welcome === undefined)
    return fault('handshake-body') ?? (decodePrefixed(WelcomeSchema, new Uint8Array(16)) as Welcome)
  const ids = welcome.functions.map((one) => one.id)
  const max = welcome.limits?.maxCalls ?? 0
  const checks: readonly [string, boolean][] = [
    ['welcome-functions', welcome.functions.some((one) => one.name !== 'echo' && one.name !== 'interp')],
    ['function-id-unique', ids.includes(0) || new Set(ids).size < ids.length],
    ['feature-offered', welcome.features.some((one) => !FEATURES.includes(one))],
    ['welcome-max-calls', max === 0 || max > MAX_CALLS],
  ]
  for (const [rule, broken] of checks) if (broken && !lax(rule)) return { rule, message: 'WELCOME' }
  return welcome
}
