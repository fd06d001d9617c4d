/** What the bodies of cold messages must be. Pure. */
import {
  FUNCTIONS_PER_WORKER_MAX,
  isFunctionName,
  MAGIC,
  MessageType,
  type MessageView,
  REASONS,
  type Sender,
  VERSION_PREFIX_BYTES,
  type Verdict,
} from '@millrace/protocol'
import {
  decodeBody,
  decodePrefixed,
  FailureSchema,
  type Goodbye,
  GoodbyeSchema,
  type Hello,
  HelloSchema,
  type Loaded,
  LoadedSchema,
  LogSchema,
  readPrefix,
  reasonName,
  type Welcome,
  WelcomeSchema,
} from '@millrace/protocol/cold-protobuf'

/** Reasons that say something of the engine. */
const OF_ENGINE: ReadonlySet<string> = new Set([
  'queue_full',
  'depth_exceeded',
  'worker_crashed',
  'worker_unavailable',
  'protocol_error',
  'unauthenticated',
  'version_unsupported',
])

/** The body of HELLO, or the rule that it breaks. */
export function readHello(body: Uint8Array, token: string): Hello | Verdict {
  const fault = judgePrefix(body, 'HELLO')
  if (fault !== undefined) return fault
  const hello = decodePrefixed(HelloSchema, body)
  if (hello === undefined) return broken('handshake-body', 'HELLO carries no Hello')
  const names = hello.functions.map((one) => one.name)
  const wrong = judgeNames(names, 'HELLO')
  if (wrong !== undefined) return wrong
  if (hello.token !== token) return broken('handshake-token', 'the token in HELLO is not that of the launch')
  const range = readPrefix(body)!
  if (range.min > 1 || range.max < 1) {
    return broken('handshake-version', `HELLO offers the versions ${range.min} to ${range.max}`)
  }
  return hello
}

function judgeNames(names: readonly string[], where: string): Verdict | undefined {
  const bad = names.find((name) => !isFunctionName(name))
  if (bad !== undefined) return broken('name-form', `${where} names a function ${JSON.stringify(bad)}`)
  if (new Set(names).size < names.length) return broken('handshake-functions-once', `${where} names a function twice`)
  return names.length > FUNCTIONS_PER_WORKER_MAX
    ? broken('handshake-functions-max', `${where} names ${names.length} functions`)
    : undefined
}

/** The body of a worker's LOADED with this status, or the rule that it breaks. */
export function readLoaded(body: Uint8Array, status: number): Loaded | Verdict {
  const loaded = decodeBody(LoadedSchema, body)
  if (loaded === undefined) return broken('cold-body', 'LOADED carries no Loaded')
  if (status !== 0) {
    const name = reasonName(loaded.failure?.reason ?? 0)
    if (name !== undefined && REASONS[name].status === status) return loaded
    return broken('load-answered', `LOADED has status ${status} and the failure ${name ?? 'none'}`)
  }
  const names = loaded.offers.map((one) => one.name)
  if (names.length === 0) return broken('load-answered', 'LOADED has status 0 and names no function')
  return judgeNames(names, 'LOADED') ?? loaded
}

/** The body of WELCOME as an answer to `hello`, or the rule that it breaks. */
export function readWelcome(body: Uint8Array, hello: Hello | undefined): Welcome | Verdict {
  const fault = judgePrefix(body, 'WELCOME')
  if (fault !== undefined) return fault
  const range = readPrefix(body)!
  if (range.min !== 1 || range.max !== 1) {
    return broken('handshake-version-highest', `WELCOME chooses the versions ${range.min} to ${range.max}`)
  }
  const welcome = decodePrefixed(WelcomeSchema, body)
  if (welcome === undefined) return broken('handshake-body', 'WELCOME carries no Welcome')
  const ids = welcome.functions.map((one) => one.id)
  if (ids.includes(0) || new Set(ids).size < ids.length) {
    return broken('function-id-unique', `WELCOME gives the ids ${ids.join(', ')}`)
  }
  if (hello === undefined) return welcome
  const stranger = welcome.functions.find((one) => !hello.functions.some((offer) => offer.name === one.name))
  if (stranger !== undefined) return broken('welcome-functions', `WELCOME lists ${stranger.name}, which HELLO does not`)
  const unasked = welcome.features.find((name) => !hello.features.includes(name))
  if (unasked !== undefined) return broken('feature-offered', `WELCOME accepts ${unasked}, which HELLO did not offer`)
  if (welcome.features.includes('payload-file') && !welcome.features.includes('streaming')) {
    return broken('file-streaming', 'WELCOME accepts payload-file without streaming')
  }
  const maxCalls = welcome.limits?.maxCalls ?? 0
  if (maxCalls === 0 || maxCalls > Math.max(1, hello.maxCalls)) {
    return broken('welcome-max-calls', `WELCOME sets max_calls ${maxCalls}; HELLO offered ${hello.maxCalls}`)
  }
  return judgeLimits(welcome) ?? welcome
}

function judgeLimits(welcome: Welcome): Verdict | undefined {
  const limits = welcome.limits
  const calls = welcome.features.includes('internal-calls')
  const missing = [
    ['max_open_pings', limits?.maxOpenPings],
    ['max_payload_bytes', limits?.maxPayloadBytes],
    ...(calls
      ? [
          ['max_open_invokes', limits?.maxOpenInvokes],
          ['max_open_resolves', limits?.maxOpenResolves],
        ]
      : []),
  ].filter(([, value]) => value === undefined || value === 0)
  return missing.length === 0
    ? undefined
    : broken('welcome-limits', `WELCOME does not state ${missing.map(([name]) => name).join(', ')}`)
}

/** The body of GOODBYE, or the rule that it breaks. */
export function readGoodbye(body: Uint8Array, status: number): Goodbye | Verdict {
  const fault = judgePrefix(body, 'GOODBYE')
  if (fault !== undefined) return fault
  const goodbye = decodePrefixed(GoodbyeSchema, body)
  if (goodbye === undefined) return broken('cold-body', 'GOODBYE carries no Goodbye')
  const reason = reasonName(goodbye.reason)
  if (reason === undefined && goodbye.reason !== 0) return goodbye
  const wanted = reason === undefined ? 0 : REASONS[reason].status
  return status === wanted ? goodbye : broken('goodbye-status', `GOODBYE has status ${status}, its reason ${wanted}`)
}

/** The rule that the whole body of an ERROR or LOG breaks. */
export function judgeBody(view: MessageView, body: Uint8Array, sender: Sender): Verdict | undefined {
  if (view.type === MessageType.LOG) {
    return decodeBody(LogSchema, body) === undefined ? broken('log-body', 'LOG carries no Log') : undefined
  }
  if (view.type !== MessageType.ERROR) return undefined
  const failure = decodeBody(FailureSchema, body)
  if (failure === undefined) return broken('error-body', 'ERROR carries no Failure')
  const reason = reasonName(failure.reason)
  if (reason === undefined || reason === 'handler_error') return undefined
  if (sender === 'worker' && OF_ENGINE.has(reason)) {
    return broken('error-reason-worker', `ERROR has the reason ${reason}, which is about the engine`)
  }
  const wanted = REASONS[reason].status
  return view.status === wanted
    ? undefined
    : broken('error-status-of-reason', `ERROR ${reason} has status ${view.status}, not ${wanted}`)
}

function judgePrefix(body: Uint8Array, what: string): Verdict | undefined {
  if (body.length < VERSION_PREFIX_BYTES) return broken('handshake-prefix', `${what} has no whole version prefix`)
  if (Buffer.from(body.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) {
    return broken('handshake-magic', `${what} does not begin with ${MAGIC}`)
  }
  return readPrefix(body) === undefined
    ? broken('handshake-prefix', `${what} has a reserved byte of its prefix set`)
    : undefined
}

function broken(rule: string, message: string): Verdict {
  return { rule, message }
}
