/** Every way in which a worker can break a rule: the rule, how in words, and how in deeds. */
import { Flag, MESSAGE_BYTES, MessageType, type MessageWriter } from '@millrace/protocol'
import { encodePrefixed, GoodbyeSchema, spanMessages } from '@millrace/protocol/cold'
import { expect } from 'vitest'
import { OPEN_INVOKES_MAX, OPEN_PINGS_MAX } from '../../src/base/limits.ts'
import { type ScriptedWorker, set } from '../../src/testing/index.ts'
import { bytes, type Stage } from '../stage.ts'

/** What a rule-breaking worker knows: it holds the engine's calls 2 (inline input) and 4 (streamed input). */
export interface Scene {
  readonly stage: Stage
  readonly worker: ScriptedWorker
  /** Id of a function of the other program. */
  readonly echoId: number
}

export type Break = (scene: Scene) => void | Promise<void>

export const INLINE = 2
const STREAM = 4
const UNREAD = 6
const NEVER = 1_000
const none: Uint8Array = new Uint8Array(0)

/** One message with header bytes set by hand. */
export function raw(type: number, header: Readonly<Record<number, number>>, body: Uint8Array = none): Uint8Array {
  const message = new Uint8Array(MESSAGE_BYTES)
  message[0] = type
  new DataView(message.buffer).setUint16(2, body.length, true)
  message.set(body, 64)
  for (const [at, byte] of Object.entries(header)) message[Number(at)] = byte
  return message
}

export function invoke(
  { worker, echoId }: Scene,
  fill: (message: MessageWriter) => void,
  body: Uint8Array = none,
): void {
  worker.send(
    MessageType.INVOKE,
    (message) => {
      set({ callId: 1, functionId: echoId, payloadLength: body.length, attempt: 1, priority: 3 })(message)
      fill(message)
    },
    body,
  )
}

/** An internal call that stays open, as `hold` never answers. */
function openCall(scene: Scene, more = false): number {
  return scene.worker.invoke(scene.stage.worker('hold').ids.get('hold')!, none, 0, 0, more)
}

export const breaks: [rule: string, how: string, Break][] = [
  ['message-type-known', 'type 0', ({ worker }) => worker.sendBytes(raw(0, {}))],
  ['message-type-known', 'type 0x5f', ({ worker }) => worker.sendBytes(raw(0x5f, {}))],
  ['message-direction', 'WELCOME', ({ worker }) => worker.sendBytes(raw(MessageType.WELCOME, {}))],
  ['message-direction', 'DRAIN', ({ worker }) => worker.sendBytes(raw(MessageType.DRAIN, {}))],
  [
    'message-body-length',
    'body_length 961',
    ({ worker }) => worker.sendBytes(raw(MessageType.PING, { 2: 0xc1, 3: 3 })),
  ],
  ['message-flags-known', 'PING with a flag', ({ worker }) => worker.sendBytes(raw(MessageType.PING, { 1: 1 }))],
  ['message-reserved-zero', 'a reserved bit', ({ worker }) => worker.sendBytes(raw(MessageType.PING, { 60: 1 }))],
  ['message-call-id', 'PING about a call', ({ worker }) => worker.sendBytes(raw(MessageType.PING, { 4: 2 }))],
  ['message-call-id', 'CANCEL about none', ({ worker }) => worker.sendBytes(raw(MessageType.CANCEL, {}))],
  ['message-body-none', 'PING with a body', ({ worker }) => worker.sendBytes(raw(MessageType.PING, {}, bytes('x')))],
  [
    'message-body-none',
    'CANCEL with a body',
    ({ worker }) => worker.sendBytes(raw(MessageType.CANCEL, { 4: 1 }, bytes('x'))),
  ],
  [
    'message-status-range',
    'GOODBYE with status 17',
    ({ worker }) => worker.sendBytes(raw(MessageType.GOODBYE, { 20: 17 }, encodePrefixed(GoodbyeSchema, {}))),
  ],
  [
    'handshake-prefix',
    'GOODBYE of 15 bytes',
    ({ worker }) => worker.sendBytes(raw(MessageType.GOODBYE, {}, new Uint8Array(15))),
  ],
  [
    'handshake-magic',
    'GOODBYE of other magic',
    ({ worker }) => worker.sendBytes(raw(MessageType.GOODBYE, {}, new Uint8Array(20))),
  ],
  [
    'cold-body',
    'GOODBYE that is no protobuf',
    ({ worker }) =>
      worker.sendBytes(raw(MessageType.GOODBYE, {}, Uint8Array.of(...encodePrefixed(GoodbyeSchema, {}), 0xff))),
  ],
  ['name-form', 'RESOLVE of ../x', ({ worker }) => worker.resolve('../x')],
  ['name-form', 'RESOLVE of nothing', ({ worker }) => worker.resolve('')],
  ['pong-open', 'PONG without PING', ({ worker }) => worker.send(MessageType.PONG, set({ nonce: 1 }))],
  ['feature-accepted', 'LOADED', ({ worker }) => worker.sendBytes(raw(MessageType.LOADED, {}))],
  ['feature-accepted', 'a payload file', (scene) => invoke(scene, set({ flags: Flag.PAYLOAD_FILE }), bytes('file'))],
  [
    'feature-accepted',
    'RESULT with HEAD',
    ({ worker }) => worker.send(MessageType.RESULT, set({ callId: INLINE, flags: Flag.HEAD })),
  ],
  ['invoke-call-id-parity', 'an even id', (scene) => invoke(scene, set({ callId: 2 }))],
  ['invoke-call-id-parity', 'id 0', (scene) => invoke(scene, set({ callId: 0 }))],
  ['invoke-function-id', 'function 0', (scene) => invoke(scene, set({ functionId: 0 }))],
  [
    'invoke-payload-length',
    'too long without MORE',
    (scene) => invoke(scene, set({ payloadLength: 6 }), bytes('12345')),
  ],
  [
    'invoke-payload-length',
    'too short with MORE',
    (scene) => invoke(scene, set({ payloadLength: 4, flags: Flag.MORE }), bytes('12345')),
  ],
  ['invoke-priority-range', 'priority 8', (scene) => invoke(scene, set({ priority: 8 }))],
  ['invoke-attempt-positive', 'attempt 0', (scene) => invoke(scene, set({ attempt: 0 }))],
  ['call-parent-open', 'a parent that never was', (scene) => invoke(scene, set({ parentCallId: NEVER }))],
  ['call-parent-open', 'an odd parent', (scene) => invoke(scene, set({ parentCallId: 1 }))],
  [
    'call-id-rising',
    'a lower id',
    (scene) => {
      for (const callId of [9, 7]) invoke(scene, set({ callId }))
    },
  ],
  [
    'call-id-rising',
    'the same id',
    (scene) => {
      for (const callId of [9, 9]) invoke(scene, set({ callId }))
    },
  ],
  [
    'call-id-open-skipped',
    'an open id, once round the circle',
    (scene) => {
      openCall(scene)
      for (const id of [0x7fff_ffff, 0xffff_fffd, 1]) invoke(scene, set({ callId: id }))
    },
  ],
  ...[MessageType.RESULT, MessageType.ERROR].map((type): [string, string, Break] => [
    'call-id-known',
    `type ${type} for a call that never was`,
    ({ worker }) => worker.send(type, set({ callId: NEVER, status: type === MessageType.ERROR ? 2 : 0 })),
  ]),
  ['call-id-known', 'CANCEL', ({ worker }) => worker.cancel(NEVER + 1)],
  ['call-id-known', 'DATA of an input', ({ worker }) => worker.data(NEVER + 1, bytes('x'), true)],
  ['call-id-known', 'DATA of an output', ({ worker }) => worker.data(NEVER, bytes('x'), true)],
  ['call-id-known', 'WINDOW', ({ worker }) => worker.window(NEVER, 1)],
  ['call-callee-answers', 'RESULT for its own call', (scene) => scene.worker.result(openCall(scene), none)],
  [
    'call-callee-answers',
    'ERROR for its own call',
    (scene) => scene.worker.error(openCall(scene), 'handler_error', 'x'),
  ],
  ['call-caller-cancels', 'CANCEL of a call it runs', ({ worker }) => worker.cancel(INLINE)],
  [
    'result-status-zero',
    'RESULT with a status',
    ({ worker }) => worker.send(MessageType.RESULT, set({ callId: INLINE, status: 2 })),
  ],
  ['result-total', 'another total in one message', ({ worker }) => worker.finish(INLINE, bytes('x'), 2)],
  ['result-total', 'a total below its own bytes', ({ worker }) => worker.finish(INLINE, bytes('xyz'), 2)],
  [
    'result-total',
    'another total than the parts',
    ({ worker }) => {
      worker.begin(INLINE, bytes('abc'))
      worker.data(INLINE, bytes('def'), true)
      worker.finish(INLINE, none, 7)
    },
  ],
  [
    'result-more-once',
    'two RESULTs with MORE',
    ({ worker }) => {
      for (let i = 0; i < 2; i += 1) worker.begin(INLINE, none)
    },
  ],
  [
    'error-status-range',
    'ERROR with status 0',
    ({ worker }) => worker.send(MessageType.ERROR, set({ callId: INLINE })),
  ],
  [
    'error-status-range',
    'ERROR with status 17',
    ({ worker }) => worker.send(MessageType.ERROR, set({ callId: INLINE, status: 17 })),
  ],
  [
    'error-body',
    'ERROR that is no protobuf',
    ({ worker }) => worker.send(MessageType.ERROR, set({ callId: INLINE, status: 2 }), Uint8Array.of(0xff)),
  ],
  [
    'cold-span-consecutive',
    'a message between two parts of ERROR',
    ({ worker }) => {
      worker.sendBytes(
        spanMessages(MessageType.ERROR, new Uint8Array(1_000), set({ callId: INLINE, status: 2 })).slice(
          0,
          MESSAGE_BYTES,
        ),
      )
      worker.result(STREAM, none)
    },
  ],
  [
    'cold-span-header',
    'parts of ERROR with two statuses',
    ({ worker }) => {
      const parts = spanMessages(MessageType.ERROR, new Uint8Array(1_000), set({ callId: INLINE, status: 2 }))
      parts[MESSAGE_BYTES + 20] = 3
      worker.sendBytes(parts)
    },
  ],
  ['data-after-head', 'output DATA before RESULT', ({ worker }) => worker.data(INLINE, bytes('x'), true)],
  [
    'data-after-end',
    'input DATA after INVOKE without MORE',
    (scene) => scene.worker.data(openCall(scene), bytes('x'), true),
  ],
  [
    'data-after-end',
    'input DATA after DATA without MORE',
    (scene) => {
      const id = openCall(scene, true)
      scene.worker.data(id, bytes('x'), false)
      scene.worker.data(id, bytes('x'), false)
    },
  ],
  [
    'data-output-more',
    'output DATA without MORE',
    ({ worker }) => {
      worker.begin(INLINE, none)
      worker.data(INLINE, bytes('x'), false)
    },
  ],
  [
    'data-not-empty',
    'empty DATA with MORE',
    ({ worker }) => {
      worker.begin(INLINE, none)
      worker.data(INLINE, none, true)
    },
  ],
  [
    'data-credit',
    'the 33rd DATA of an output',
    async ({ stage, worker }) => {
      const request = { function: 'bad', content: 0, priority: 3, timeoutUs: 0, trace: undefined, inputBytes: 0 }
      // A caller that reads nothing, so that nobody grants credit.
      const ignore = { onHead() {}, onOutput() {}, onEnd() {}, onFailure() {}, onDrain() {} }
      stage.engine.door.open(request, ignore).end()
      await stage.got(worker, MessageType.INVOKE, 3)
      worker.begin(UNREAD, none)
      for (let i = 0; i < 32; i += 1) worker.data(UNREAD, bytes('x'), true)
      await stage.schedule.settle()
      expect(stage.rule(worker)).toBeUndefined()
      worker.data(UNREAD, bytes('x'), true)
    },
  ],
  [
    'data-credit',
    'the 33rd DATA of an input',
    (scene) => {
      const id = openCall(scene, true)
      for (let i = 0; i < 33; i += 1) scene.worker.data(id, bytes('x'), true)
    },
  ],
  ['credit-max', 'WINDOW 1 before any DATA of an input', ({ worker }) => worker.window(INLINE, 1)],
  ['credit-max', 'WINDOW 1 before any DATA of an output', (scene) => scene.worker.window(openCall(scene), 1)],
  ['credit-max', 'WINDOW 33', ({ worker }) => worker.window(STREAM, 33)],
  ['window-credit-positive', 'WINDOW 0', ({ worker }) => worker.window(STREAM, 0)],
  [
    'payload-length-exact',
    'more input than announced',
    (scene) => {
      invoke(scene, set({ flags: Flag.MORE, payloadLength: 3 }), bytes('ab'))
      scene.worker.data(1, bytes('cd'), true)
    },
  ],
  [
    'payload-length-exact',
    'less input than announced',
    (scene) => {
      invoke(scene, set({ flags: Flag.MORE, payloadLength: 9 }), bytes('ab'))
      scene.worker.data(1, bytes('cd'), false)
    },
  ],
  [
    'payload-length-exact',
    'more output than announced',
    ({ worker }) => {
      worker.begin(INLINE, bytes('ab'), 3)
      worker.data(INLINE, bytes('cd'), true)
    },
  ],
  [
    'payload-length-exact',
    'less output than announced',
    ({ worker }) => {
      worker.begin(INLINE, bytes('ab'), 9)
      worker.finish(INLINE, bytes('cd'), 4)
    },
  ],
  [
    'payload-length-exact',
    'an output head above its announcement',
    ({ worker }) => worker.begin(INLINE, bytes('abcd'), 3),
  ],
  ['log-body', 'LOG that is no protobuf', ({ worker }) => worker.send(MessageType.LOG, () => {}, Uint8Array.of(0xff))],
  ['log-call-id', 'LOG about an odd call', ({ worker }) => worker.send(MessageType.LOG, set({ callId: 1 }))],
  [
    'limit-open-pings',
    'one PING too many at once',
    ({ worker }) => {
      for (let i = 0; i <= OPEN_PINGS_MAX; i += 1) worker.send(MessageType.PING, set({ nonce: i }))
    },
  ],
  [
    'limit-open-invokes',
    'one INVOKE too many',
    (scene) => {
      for (let i = 0; i <= OPEN_INVOKES_MAX; i += 1) openCall(scene)
    },
  ],
]
