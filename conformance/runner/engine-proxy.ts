/**
 * Mutants of an engine: a proxy on the wire between a good engine and the runner's workers changes what the engine sends, or
 * keeps from it what it ought to have found fault with. So any engine can be made a broken one, without its source.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Flag, HEADER_BYTES, MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import { decodePrefixed, encodePrefixed, type Welcome, WelcomeSchema } from '@millrace/protocol/cold-protobuf'
import type { Case } from './case-types.ts'
import type { Launch } from './engine-launch.ts'
import { RING_LAUNCHED, RING_RECEIVED, RING_SENT, RING_WORDS } from './engine-proxy-rings.ts'
import type { EngineUnderTest } from './engine-stage.ts'
import { runEngineCase } from './engine-suite.ts'
import type { WireMutation } from './link.ts'
import type { Mutant } from './mutants.ts'
import type { Outcome } from './run-case.ts'

const COMMAND = [
  process.execPath,
  '--conditions=millrace-source',
  fileURLToPath(new URL('../engine-adapter.ts', import.meta.url)),
]
const SEED = 1
const { INVOKE, RESULT, ERROR, CANCEL, DATA, WINDOW, WELCOME, GOODBYE, RESOLVED, PONG, HELLO } = MessageType

type Change = (view: MessageView, writer: MessageWriter) => readonly MessageView[] | undefined

/** Changes one type. */
const on =
  (type: number, change: (writer: MessageWriter, view: MessageView) => void): Change =>
  (view, writer) => {
    if (view.type === type) change(writer, view)
    return undefined
  }

const drop =
  (type: number): Change =>
  (view) =>
    view.type === type ? [] : undefined

const twice =
  (type: number): Change =>
  (view) =>
    view.type === type ? [view, new MessageView(view.whole.slice())] : undefined

/** Sends one more message before those of a type. */
const before =
  (type: number, more: number): Change =>
  (view) => {
    if (view.type !== type) return undefined
    const bytes = new Uint8Array(MESSAGE_BYTES)
    new MessageWriter(bytes).begin(more)
    return [new MessageView(bytes), view]
  }

const poke =
  (at: number, value: number) =>
  (writer: MessageWriter): void => {
    writer.bytes[writer.at + at] = value
  }

/** Writes WELCOME anew. */
const welcome = (change: (body: Welcome) => void, versions = { min: 1, max: 1 }): Change =>
  on(WELCOME, (writer, view) => {
    const body = decodePrefixed(WelcomeSchema, view.body)!
    change(body)
    const bytes = encodePrefixed(WelcomeSchema, body, versions)
    writer.copyBody(bytes, 0, bytes.length)
    writer.end(bytes.length, 960)
  })

/** After the first GOODBYE of the engine no other channel hears of it. */
function afterGoodbyeSilent(): Change {
  let over = false
  return (view) => {
    over ||= view.type === GOODBYE
    return over && view.type !== GOODBYE ? [] : undefined
  }
}

/** Changes what names a payload file. */
const onFile =
  (change: (writer: MessageWriter) => void): Change =>
  (view, writer) => {
    if ((view.type === INVOKE || view.type === RESULT) && (view.flags & Flag.PAYLOAD_FILE) !== 0) change(writer)
    return undefined
  }

/** What the engine sends. Made anew for each run: some keep what they have seen. */
const sent = (): Readonly<Record<string, Change>> => ({
  'e-tail-left': on(RESULT, (writer) => poke(1023, 7)(writer)),
  'e-reserved-set': on(WELCOME, poke(8, 1)),
  'e-parent-relayed': on(INVOKE, (writer) => {
    writer.parentCallId = 2
  }),
  'e-attempt-zero': on(INVOKE, (writer) => {
    writer.attempt = 0
  }),
  'e-attempt-one': on(INVOKE, (writer) => {
    writer.attempt = 1
  }),
  'e-depth-own': on(INVOKE, (writer) => {
    writer.depth = 9
  }),
  'e-depth-zero': on(INVOKE, (writer) => {
    writer.depth = 0
  }),
  'e-trace-new': on(INVOKE, (writer, view) => {
    if (view.depth > 0) writer.traceId = new Uint8Array(16).fill(9)
  }),
  'e-priority-8': on(INVOKE, (writer) => {
    writer.priority = 8
  }),
  'e-function-zero': on(INVOKE, (writer) => {
    writer.functionId = 0
  }),
  'e-length-wrong': on(INVOKE, (writer) => {
    writer.payloadLength += 1
  }),
  'e-odd-id': on(INVOKE, (writer) => {
    writer.callId |= 1
  }),
  'e-id-fixed': on(INVOKE, (writer) => {
    writer.callId = 2
  }),
  'e-id-step-4': on(INVOKE, (writer) => {
    writer.callId *= 2
  }),
  'e-timeout-zero': on(INVOKE, (writer) => {
    writer.timeoutUs = 0
  }),
  'e-timeout-own': on(INVOKE, (writer, view) => {
    if (view.depth > 0) writer.timeoutUs = 9_000_000
  }),
  'e-queue-zero': on(INVOKE, (writer) => {
    writer.queueUs = 0
  }),
  'e-content-lost': on(INVOKE, (writer) => {
    writer.content = 0
  }),
  'e-input-bit-flipped': on(INVOKE, (writer, view) => {
    if (view.bodyLength > 0) writer.bytes[HEADER_BYTES]! ^= 1
  }),
  'e-data-bit-flipped': on(DATA, (writer) => {
    writer.bytes[HEADER_BYTES]! ^= 1
  }),
  'e-invoke-lost': drop(INVOKE),
  'e-invoke-twice': twice(INVOKE),
  'e-result-lost': drop(RESULT),
  'e-result-twice': (view) =>
    view.type === RESULT && !view.more ? [view, new MessageView(view.whole.slice())] : undefined,
  'e-result-status': on(RESULT, (writer) => {
    writer.status = 1
  }),
  'e-result-total': on(RESULT, (writer, view) => {
    if (!view.more) writer.payloadLength += 1
  }),
  'e-results-swapped': (() => {
    let held: MessageView | undefined
    return (view: MessageView, writer: MessageWriter) => {
      if (view.type !== RESULT) return undefined
      const other = view.callId === 1 ? 3 : 1
      if (held === undefined) {
        held = view
        writer.callId = other
      }
      return undefined
    }
  })(),
  'e-error-lost': drop(ERROR),
  'e-error-status': on(ERROR, (writer) => {
    writer.status = 2
  }),
  'e-error-status-zero': on(ERROR, (writer) => {
    writer.status = 0
  }),
  'e-error-unreadable': on(ERROR, poke(HEADER_BYTES, 0xff)),
  'e-error-without-body': on(ERROR, (writer) => {
    writer.end(0, 960)
  }),
  'e-error-reason-internal': on(ERROR, (writer) => {
    poke(HEADER_BYTES + 1, 14)(writer)
    writer.status = 13
  }),
  'e-error-parts-differ': on(ERROR, (writer, view) => {
    if (view.more) writer.queueUs = 3
  }),
  'e-error-parts-mixed': (view) => {
    if (view.type !== ERROR || !view.more) return undefined
    const bytes = new Uint8Array(MESSAGE_BYTES)
    new MessageWriter(bytes).begin(MessageType.PING)
    return [view, new MessageView(bytes)]
  },
  'e-cancel-lost': drop(CANCEL),
  'e-cancel-twice': twice(CANCEL),
  'e-resolved-lost': drop(RESOLVED),
  'e-resolved-twice': twice(RESOLVED),
  'e-resolved-other-name': on(RESOLVED, poke(HEADER_BYTES, 0x7a)),
  'e-resolved-id-zero': on(RESOLVED, (writer) => {
    writer.functionId = 0
  }),
  'e-resolved-status': on(RESOLVED, (writer) => {
    writer.status = 5
    writer.functionId = 0
  }),
  'e-resolved-found': on(RESOLVED, (writer) => {
    writer.status = 0
    writer.functionId = 77
  }),
  'e-pong-lost': drop(PONG),
  'e-pong-nonce': on(PONG, (writer) => {
    writer.nonce += 1
  }),
  'e-window-early': (view) => {
    if (view.type !== PONG) return undefined
    const bytes = new Uint8Array(MESSAGE_BYTES)
    const writer = new MessageWriter(bytes).begin(WINDOW)
    writer.callId = 2
    writer.credit = 16
    return [new MessageView(bytes), view]
  },
  'e-slot-given-away': (() => {
    let last: Uint8Array | undefined
    return (view: MessageView) => {
      if (view.type === INVOKE) last = view.whole.slice()
      if (view.type !== CANCEL || last === undefined) return undefined
      new MessageWriter(last).callId += 2
      return [view, new MessageView(last)]
    }
  })(),
  'e-window-lost': drop(WINDOW),
  'e-window-zero': on(WINDOW, (writer) => {
    writer.credit = 0
  }),
  'e-window-33': on(WINDOW, (writer) => {
    writer.credit = 33
  }),
  'e-data-lost': drop(DATA),
  'e-data-without-more': on(DATA, (writer) => {
    writer.flags = 0
  }),
  'e-data-never-ends': on(DATA, (writer) => {
    writer.flags = Flag.MORE
  }),
  'e-data-empty': (view) => {
    if (view.type !== DATA || !view.more) return undefined
    const empty = new MessageView(view.whole.slice())
    new MessageWriter(empty.bytes).end(0, 960)
    return [empty, view]
  },
  'e-head-lost': (view) => (view.type === RESULT && view.more ? [] : undefined),
  'e-head-twice': (view) =>
    view.type === RESULT && view.more ? [view, new MessageView(view.whole.slice())] : undefined,
  'e-welcome-twice': twice(WELCOME),
  'e-ping-first': before(WELCOME, MessageType.PING),
  'e-welcome-version': welcome(() => {}, { min: 1, max: 9 }),
  'e-welcome-magic': on(WELCOME, poke(HEADER_BYTES + 7, 0x46)),
  'e-welcome-prefix': on(WELCOME, poke(HEADER_BYTES + 12, 1)),
  'e-welcome-unreadable': on(WELCOME, poke(HEADER_BYTES + 16, 0xff)),
  'e-welcome-stranger': welcome((body) => {
    body.functions[0]!.name = 'stranger'
  }),
  'e-welcome-id-zero': welcome((body) => {
    body.functions[0]!.id = 0
  }),
  'e-welcome-calls': welcome((body) => {
    body.limits!.maxCalls = 4_000
  }),
  'e-welcome-calls-zero': welcome((body) => {
    body.limits!.maxCalls = 0
  }),
  'e-welcome-feature': welcome((body) => {
    body.features.push('time-travel')
  }),
  'e-welcome-limits': welcome((body) => {
    body.limits!.maxPayloadBytes = 0
  }),
  'e-welcome-lost': drop(WELCOME),
  'e-goodbye-lost': drop(GOODBYE),
  'e-goodbye-status': on(GOODBYE, (writer) => {
    writer.status = 0
  }),
  'e-goodbye-not-last': (view) => {
    if (view.type !== GOODBYE) return undefined
    const bytes = new Uint8Array(MESSAGE_BYTES)
    new MessageWriter(bytes).begin(MessageType.PING)
    return [view, new MessageView(bytes)]
  },
  'e-nonce-big-endian': on(PONG, (writer) => {
    writer.bytes.subarray(16, 20).reverse()
  }),
  'e-vendor-type': before(RESULT, 0x60),
  'e-data-swapped': (() => {
    let held: MessageView | undefined
    return (view: MessageView) => {
      if (view.type !== DATA) return undefined
      const first = held
      held = first === undefined ? view : undefined
      return first === undefined ? [] : [view, first]
    }
  })(),
  'e-breach-ends-all': afterGoodbyeSilent(),
  'e-dies-of-rubbish': afterGoodbyeSilent(),
  'e-drain-lost': drop(MessageType.DRAIN),
  'e-unknown-type': before(RESULT, 0x5f),
  'e-file-name-stale': onFile(poke(HEADER_BYTES, 0x7a)),
  'e-file-name-path': onFile(poke(HEADER_BYTES, 0x2f)),
  'e-file-and-more': onFile((writer) => {
    writer.flags |= Flag.MORE
  }),
  'e-file-size-announced': onFile((writer) => {
    writer.payloadLength += 1
  }),
  'e-file-data-cut': on(DATA, (writer, view) => {
    writer.bodyLength -= 1
    writer.bytes[HEADER_BYTES + view.bodyLength] = 0
  }),
  'e-file-without-streaming': welcome((body) => {
    body.features = [...body.features, 'payload-file']
  }),
})

/** What reaches the engine. Made anew, as well. */
const received = (): Readonly<Record<string, Change>> => ({
  'e-takes-any-token': drop(HELLO),
  'e-cancel-unheard': drop(CANCEL),
  'e-capacity-unheard': drop(MessageType.CAPACITY),
  'e-ping-unheard': drop(MessageType.PING),
  'e-error-unheard': drop(ERROR),
  'e-log-fatal': on(MessageType.LOG, poke(9, 1)),
  'e-ignorable-fatal': (view, writer) => {
    if (view.type >= 0x90) {
      writer.bytes.fill(0)
      writer.type = 0x5f
    }
    return undefined
  },
  'e-late-cancel-fatal': on(CANCEL, (writer) => {
    writer.callId = 9_999
  }),
  'e-goodbye-unheard': drop(GOODBYE),
  'e-takes-any-version': drop(HELLO),
  'e-acts-before-judging': on(INVOKE, poke(61, 0)),
  'e-tail-checked': (view, writer) => {
    const tail = view.bytes.subarray(HEADER_BYTES + view.bodyLength)
    if (view.bodyLength <= 960 && tail.some((byte) => byte !== 0)) writer.type = 0x5f
    return undefined
  },
})

const mutation =
  (change: Change): WireMutation =>
  (view) =>
    change(view, new MessageWriter(view.bytes)) ?? [view]

/** A directory that no engine removes; it goes with this process. */
function placeOfItsOwn(): string {
  const place = mkdtempSync(join(tmpdir(), 'millrace-mutant-'))
  process.once('exit', () => rmSync(place, { recursive: true, force: true }))
  return place
}

/** What cases see of a launch. */
const LAUNCHED: Readonly<Record<string, (launch: Launch) => Launch>> = {
  'e-directory-open': (launch) => ({ ...launch, directoryMode: 0o755 }),
  'e-group-shared': (launch) => ({ ...launch, group: launch.pid - 1 }),
  'e-input-terminal': (launch) => ({ ...launch, stdinBytes: 5 }),
  'e-pipes-shared': (launch) => ({ ...launch, in: '/nowhere/in' }),
  'e-names-left': (launch) => ({ ...launch, in: process.execPath }),
  'e-payloads-shared': (launch) => ({ ...launch, payloads: '/usr/lib' }),
  'e-payloads-left': (launch) => ({ ...launch, payloads: placeOfItsOwn() }),
  'e-token-printed': (launch) => ({ ...launch, token: '"level"' }),
  'e-token-fixed': (launch) => ({ ...launch, token: 'always' }),
}

/** The mutations of a mutant of the engine. */
export function mutationsOf(id: string): Omit<EngineUnderTest, 'command' | 'patienceMs'> {
  // What a case sends to break a rule never reaches the engine: as if it let that pass.
  if (id.startsWith('e-lax-')) return { deaf: true }
  const changesSent = sent()[id]
  if (changesSent !== undefined) return { mutate: mutation(changesSent) }
  const changesReceived = received()[id]
  if (changesReceived !== undefined) return { mutateSent: mutation(changesReceived) }
  const seen = LAUNCHED[id] ?? RING_LAUNCHED[id]
  if (seen !== undefined) return { seen }
  if (id === 'e-ring-head-unjudged') return { blind: true }
  const seenWords = RING_WORDS[id]
  if (seenWords !== undefined) return { seenWords }
  if (RING_SENT[id] !== undefined) return { mutate: RING_SENT[id]() }
  if (RING_RECEIVED[id] !== undefined) return { mutateSent: RING_RECEIVED[id]() }
  throw new Error(`the proxy has no mutant ${id}`)
}

/** Runs one case against the engine of this repository with a mutant between. */
export async function runEngineMutant(one: Case, mutant: Mutant | undefined, patienceMs: number): Promise<Outcome> {
  const mutations = mutant === undefined ? {} : mutationsOf(mutant.id)
  return await runEngineCase({ command: COMMAND, patienceMs, ...mutations }, one, SEED)
}
