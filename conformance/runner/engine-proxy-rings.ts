/** Mutants of an engine with rings: what the proxy changes of what it sends and gets, and of what a case sees of the memory. */
import { MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import type { Launch } from './engine-launch.ts'
import type { WireMutation } from './link.ts'
import type { Words } from './rings.ts'

const { ATTACHED, WAKE, PING, PONG, RESULT } = MessageType

const message = (type: number): MessageView =>
  new MessageView(new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(type).bytes)

const on =
  (type: number, change: (view: MessageView) => readonly MessageView[]): WireMutation =>
  (view) =>
    view.type === type ? change(view) : [view]

const twice = (view: MessageView): readonly MessageView[] => [view, new MessageView(view.whole.slice())]

/** Of two PINGs that come together the second. */
function secondPingLost(): WireMutation {
  let pings = 0
  return on(PING, (view) => {
    pings += 1
    return pings === 2 ? [] : [view]
  })
}

/** The second WAKE, which in the case about them finds the engine asleep and nothing new, is what may not come by the pipe. */
function idleWakeWrong(): WireMutation {
  let wakes = 0
  return on(WAKE, (view) => {
    wakes += 1
    return wakes === 2 ? [message(PING)] : [view]
  })
}

/** What the engine sends. */
export const RING_SENT: Readonly<Record<string, () => WireMutation>> = {
  'e-ring-attached-lost': () => on(ATTACHED, () => []),
  'e-ring-ping-before-attached': () => on(ATTACHED, (view) => [message(PING), view]),
  'e-ring-ping-on-pipe': () => on(WAKE, (view) => [view, message(PING)]),
  'e-ring-wake-in-ring': () => on(PONG, (view) => [message(WAKE), view]),
  'e-ring-cell-unwritten': () => on(PONG, () => [new MessageView(new Uint8Array(MESSAGE_BYTES))]),
  'e-ring-wake-lost': () => on(WAKE, () => []),
  'e-ring-wake-twice': () => on(WAKE, twice),
}

/** What reaches it. */
export const RING_RECEIVED: Readonly<Record<string, () => WireMutation>> = {
  'e-ring-one-per-wake': secondPingLost,
  'e-ring-unlooked-after-attached': () => on(PING, (view) => (view.nonce === 5 ? [] : [view])),
  'e-ring-idle-wake-fatal': idleWakeWrong,
  'e-ring-undrained': () => on(RESULT, () => []),
}

/** What a case sees of the segment. */
export const RING_WORDS: Readonly<Record<string, (words: Words) => Words>> = {
  'e-ring-taken-early': (words) => ({ ...words, out_head: words.out_head + 1 }),
  'e-ring-flag-never-set': (words) => ({ ...words, out_consumer_sleeping: 0 }),
  'e-ring-flag-kept': (words) => ({ ...words, in_consumer_sleeping: 1 }),
  'e-ring-room-flag-kept': (words) => ({ ...words, out_producer_waiting: 1 }),
  'e-ring-waits-unflagged': (words) => ({ ...words, in_producer_waiting: 0 }),
  'e-ring-old-one-read': (words) => ({ ...words, out_head: words.out_tail }),
}

const segment =
  (change: (segment: NonNullable<Launch['segment']>) => Partial<Launch['segment']>) =>
  (launch: Launch): Launch =>
    launch.segment === undefined ? launch : { ...launch, segment: { ...launch.segment, ...change(launch.segment) } }

/** What it sees of a launch. */
export const RING_LAUNCHED: Readonly<Record<string, (launch: Launch) => Launch>> = {
  'e-ring-unsealed': segment(() => ({ isSealed: false })),
  'e-ring-size': segment(({ bytes }) => ({ bytes: bytes + 1 })),
  'e-ring-shared': segment(() => ({ inode: 1 })),
}
