/** The engine's part of a handshake, as the runner plays it. */
import { BODY_BYTES, COLD_MESSAGE_BYTES_MAX, FEATURES, MessageType } from '@millrace/protocol'
import { encodePrefixed, spanMessages, WelcomeSchema } from '@millrace/protocol/cold-protobuf'
import type { WelcomeForm } from './case-types.ts'
import type { Random } from './random.ts'
import type { Session } from './session.ts'

/** How long a worker may take to start and say HELLO; only ever cuts a hang. Unit: milliseconds. */
export const HELLO_MS_MAX = 30_000

/** What the runner, as an engine, holds a worker to unless the case says otherwise. */
const LIMITS = {
  maxCalls: 64,
  maxOpenInvokes: 64,
  maxOpenResolves: 8,
  maxOpenPings: 16,
  maxPayloadBytes: 8 * 1024 * 1024,
  maxDepth: 16,
}
/** From which size on payloads go in files, where `payload-file` is accepted. Unit: bytes. */
const FILE_BYTES = 5_000

/**
 * Sends WELCOME. Ids are random, features those of the worker unless the case says otherwise. `files`: `payload-file` is
 * among them, with `min_file_bytes` 5,000.
 */
export async function sendWelcome(session: Session, form: WelcomeForm, random: Random, files = false): Promise<void> {
  const hello = session.watch.hello
  const ids = new Set<number>()
  const functions =
    form.functions ??
    (hello?.functions ?? []).map(({ name }) => {
      let id = random.between(1, 0xffff_ffff)
      while (ids.has(id)) id = random.between(1, 0xffff_ffff)
      ids.add(id)
      return { name, id }
    })
  for (const { name, id } of functions) session.functions.set(name, id)
  const offered = new Set(hello?.features)
  const waits = session.watch.waitsForCode
  const hasRings = session.link.rings !== undefined
  const extra = new Set([waits ? 'load' : '', files ? 'payload-file' : '', hasRings ? 'shm-ring' : ''])
  const usual = (one: string): boolean => STANDARD.has(one) || extra.has(one)
  const features = form.features ?? FEATURES.filter((one) => usual(one) && offered.has(one))
  const welcome = {
    functions: [...functions],
    features: [...features],
    limits: {
      ...LIMITS,
      minFileBytes: files ? FILE_BYTES : 0,
      maxCalls: Math.min(LIMITS.maxCalls, Math.max(1, hello?.maxCalls ?? 1)),
      ...limitsOf(form),
    },
    workerId: 1,
  }
  const body = encodePrefixed(WelcomeSchema, welcome, { min: form.versions?.[0] ?? 1, max: form.versions?.[1] ?? 1 })
  // An unknown field, which a receiver ignores, makes the body as long as a span needs.
  const long = form.spans === true ? Buffer.concat([body, unknownField(COLD_MESSAGE_BYTES_MAX / 16)]) : body
  const bytes = spanMessages(MessageType.WELCOME, long, () => {})
  for (const [at, value] of Object.entries(form.poke ?? {})) bytes[Number(at)] = value
  session.watch.welcome = {
    ...welcome,
    functions: functions as never,
    limits: welcome.limits as never,
    $typeName: 'millrace.v1.Welcome',
  } as never
  await session.send(bytes, form.chunks ?? [])
  if (features.includes('shm-ring') && hasRings && form.attach !== 'manual') await session.attach()
}

const STANDARD: ReadonlySet<string> = new Set(['internal-calls', 'streaming', 'log', 'capacity'])

/** 16 to 256 bytes of printable ASCII: what a token may be. */
export function makeToken(random: Random): string {
  const bytes = Array.from({ length: random.between(16, 256) }, () => random.between(0x21, 0x7e))
  return String.fromCharCode(...bytes)
}

function limitsOf(form: WelcomeForm): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(form.limits ?? {}).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}

/** A protobuf field that no version has: number 1000, length-delimited. */
function unknownField(bytes: number): Uint8Array {
  const length = Math.max(BODY_BYTES, bytes)
  return Buffer.concat([Buffer.from([0xc2, 0x3e, (length & 0x7f) | 0x80, length >>> 7]), new Uint8Array(length)])
}
