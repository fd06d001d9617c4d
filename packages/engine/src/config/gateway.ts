/** Where the gateway listens: command line over environment over file over default. Pure. */
import {
  type GatewayConfig,
  LISTEN_DEFAULT,
  PAYLOAD_BYTES_DEFAULT,
  PAYLOAD_BYTES_LEAST,
  PAYLOAD_BYTES_MOST,
} from './config.ts'
import { didYouMean, type Fault } from './faults.ts'
import type { Environment } from './interpolate.ts'
import { isLoopback, type Listen, type Parsed, parseListen, parsePort, parseSize } from './units.ts'

const PREFIX = 'MILLRACE_GATEWAY__'
const KEYS = ['LISTEN', 'MAX_PAYLOAD']

/** What the file says; undefined: nothing. */
export interface GatewayFromFile {
  readonly listen: Listen | undefined
  readonly payloadBytesMax: number | undefined
}

/** Puts the environment (`MILLRACE_GATEWAY__LISTEN`, `PORT`, `MILLRACE_GATEWAY__MAX_PAYLOAD`) over the file. */
export function resolveGateway(file: GatewayFromFile, environment: Environment, faults: Fault[]): GatewayConfig {
  const take = <T>(variable: string, parse: (text: string) => Parsed<T>): T | undefined => {
    const text = environment[variable]
    if (text === undefined || text === '') return undefined
    const parsed = parse(text)
    if ('value' in parsed) return parsed.value
    faults.push({ place: undefined, message: `the environment's ${variable}: ${parsed.problem}` })
    return undefined
  }
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith(PREFIX)) continue
    const key = variable.slice(PREFIX.length)
    if (KEYS.includes(key)) continue
    const hint = didYouMean(key, KEYS) || `; known: ${KEYS.map((known) => PREFIX + known).join(', ')}`
    faults.push({ place: undefined, message: `the environment's ${variable} sets no known key of the gateway${hint}` })
  }
  const listen = take(`${PREFIX}LISTEN`, parseListen)
  const port = listen === undefined ? take('PORT', parsePort) : undefined
  const base = listen ?? file.listen ?? LISTEN_DEFAULT
  return {
    host: base.host,
    port: port ?? base.port,
    payloadBytesMax: take(`${PREFIX}MAX_PAYLOAD`, parsePayloadMax) ?? file.payloadBytesMax ?? PAYLOAD_BYTES_DEFAULT,
  }
}

/** A size that may be the largest payload. */
export function parsePayloadMax(text: string): Parsed<number> {
  const size = parseSize(text)
  if ('problem' in size) return size
  if (size.value < PAYLOAD_BYTES_LEAST) return { problem: `"${text}" is too small; the least is 960B, one message` }
  if (size.value > PAYLOAD_BYTES_MOST) return { problem: `"${text}" is too large; it must be below 4GiB` }
  return size
}

/** Why the gateway may not listen there; undefined: it may. */
export function refuseExposure(listen: Listen, insecure: boolean): string | undefined {
  if (insecure || isLoopback(listen.host)) return undefined
  return (
    `${listen.host} can be reached from other hosts, and Millrace has no authentication yet: ` +
    'anybody there could call every function. Use 127.0.0.1 behind a proxy that checks its callers, or add --insecure'
  )
}
