/** Sequences of messages on one channel, in the order in which an onlooker sees them. */
import type { Layout } from '../../layout.ts'
import type { Proto, StreamCase, StreamMessage } from '../case.ts'
import { pattern, type Sender, text } from '../message.ts'
import { join, protobuf } from '../protobuf.ts'
import { HELLO, HELLO_VALUE, PREFIX, WELCOME, WELCOME_VALUE } from './cold-bodies.ts'

const MORE = 1
const UNKNOWN = 0xffffffff

type Fields = Record<string, number>
const say = (
  sender: Sender,
  type: string,
  fields: Fields = {},
  body: Uint8Array = new Uint8Array(0),
): StreamMessage => ({ sender, type, fields, body })
const worker = (type: string, fields?: Fields, body?: Uint8Array): StreamMessage => say('worker', type, fields, body)
const engine = (type: string, fields?: Fields, body?: Uint8Array): StreamMessage => say('engine', type, fields, body)

/** A cold body cut into messages of at most 960 bytes, with MORE on all but the last. */
function span(sender: Sender, type: string, body: Uint8Array, fields: Fields = {}, proto?: Proto): StreamMessage[] {
  const count = Math.max(1, Math.ceil(body.length / 960))
  return Array.from({ length: count }, (_, i) => ({
    ...say(sender, type, { ...fields, flags: i + 1 < count ? MORE : 0 }, body.subarray(960 * i, 960 * (i + 1))),
    ...(i + 1 === count && proto !== undefined ? { proto } : {}),
  }))
}

const handshake: readonly StreamMessage[] = [
  { ...worker('HELLO', {}, join(PREFIX, HELLO)), proto: HELLO_VALUE },
  { ...engine('WELCOME', {}, join(PREFIX, WELCOME)), proto: WELCOME_VALUE },
]
const invoke = (call_id: number, body: Uint8Array, fields: Fields = {}): StreamMessage =>
  say(
    call_id % 2 === 0 ? 'engine' : 'worker',
    'INVOKE',
    { call_id, function_id: 1, attempt: 1, priority: 3, payload_length: body.length, ...fields },
    body,
  )
const result = (sender: Sender, call_id: number, body: Uint8Array, fields: Fields = {}): StreamMessage =>
  say(sender, 'RESULT', { call_id, payload_length: body.length, run_us: 20, ...fields }, body)

export function streamCases(_layout: Layout): StreamCase[] {
  return [...exchanges(), ...spans(), ...ends()]
}

const accepted = (
  id: string,
  rules: readonly string[],
  comment: string,
  messages: readonly StreamMessage[],
): StreamCase => ({
  id,
  rules,
  comment,
  messages,
  result: 'accept',
})

function exchanges(): StreamCase[] {
  const data = (sender: Sender, call_id: number, length: number, flags: number): StreamMessage =>
    say(sender, 'DATA', { call_id, flags }, pattern(length))
  return [
    accepted('stream-handshake', ['handshake-hello-first'], 'HELLO and WELCOME, and nothing else.', handshake),
    accepted('stream-call', ['call-one-final'], 'A call with a small payload.', [
      ...handshake,
      invoke(2, text('[1,2]')),
      result('worker', 2, text('3')),
    ]),
    accepted('stream-call-fails', ['call-one-final'], 'A call that fails.', [
      ...handshake,
      invoke(2, text('[]')),
      {
        ...worker('ERROR', { call_id: 2, status: 2 }, protobuf([1, 1], [3, 'empty'])),
        proto: { message: 'Failure', value: { reason: 'REASON_HANDLER_ERROR', message: 'empty' } },
      },
    ]),
    accepted('stream-calls-overlap', ['call-id-rising'], 'Three calls that finish in another order than they began.', [
      ...handshake,
      invoke(2, text('a')),
      invoke(4, text('b')),
      invoke(6, text('c')),
      result('worker', 6, text('C')),
      result('worker', 2, text('A')),
      result('worker', 4, text('B')),
    ]),
    accepted('stream-ids-wrap', ['call-id-rising'], 'Ids of both sides before and after the wrap.', [
      ...handshake,
      invoke(2, text('')),
      result('worker', 2, text('')),
      invoke(0x7ffffffe, text('')),
      result('worker', 0x7ffffffe, text('')),
      invoke(0xfffffffc, text('')),
      invoke(0xfffffffe, text('')),
      invoke(2, text('')),
      result('worker', 2, text('')),
      result('worker', 0xfffffffe, text('')),
      result('worker', 0xfffffffc, text('')),
    ]),
    accepted(
      'stream-input',
      ['payload-length-exact', 'data-credit'],
      'A payload of 2,000 bytes: INVOKE and two DATA.',
      [
        ...handshake,
        invoke(2, pattern(960), { flags: MORE, payload_length: 2000 }),
        data('engine', 2, 960, MORE),
        data('engine', 2, 80, 0),
        worker('WINDOW', { call_id: 2, credit: 2 }),
        result('worker', 2, text('2000')),
      ],
    ),
    accepted(
      'stream-input-unknown',
      ['payload-length-exact'],
      'A streamed input of unknown length that an empty DATA ends.',
      [
        ...handshake,
        invoke(2, text(''), { flags: MORE, payload_length: UNKNOWN }),
        data('engine', 2, 3, MORE),
        data('engine', 2, 0, 0),
        result('worker', 2, text('3')),
      ],
    ),
    accepted(
      'stream-output',
      ['result-total', 'data-output-more'],
      'A streamed output: RESULT with MORE, DATA with MORE, RESULT with the total.',
      [
        ...handshake,
        invoke(2, text('go')),
        result('worker', 2, text('one '), { flags: MORE, payload_length: UNKNOWN }),
        data('worker', 2, 960, MORE),
        engine('WINDOW', { call_id: 2, credit: 1 }),
        data('worker', 2, 1, MORE),
        result('worker', 2, text(' end'), { payload_length: 969 }),
      ],
    ),
    accepted('stream-internal-call', ['call-parent-open'], 'A function that resolves another and calls it.', [
      ...handshake,
      invoke(2, text('7'), { timeout_us: 1000000 }),
      worker('RESOLVE', {}, text('word.count')),
      engine('RESOLVED', { function_id: 2 }, text('word.count')),
      invoke(1, text('7'), { function_id: 2, parent_call_id: 2 }),
      result('engine', 1, text('1')),
      result('worker', 2, text('1')),
    ]),
    accepted(
      'stream-cancel',
      ['call-one-final', 'call-late-dropped'],
      'CANCEL asks; the final message still comes. A CANCEL that crosses it is dropped.',
      [
        ...handshake,
        invoke(2, text('')),
        engine('CANCEL', { call_id: 2 }),
        worker('ERROR', { call_id: 2, status: 1 }, protobuf([1, 4])),
        engine('CANCEL', { call_id: 2 }),
      ],
    ),
    accepted(
      'stream-drain',
      ['call-one-final'],
      'DRAIN: what is open finishes, a later call is refused, then GOODBYE.',
      [
        ...handshake,
        invoke(2, text('')),
        engine('DRAIN', { timeout_us: 5000000 }),
        invoke(4, text('')),
        worker('ERROR', { call_id: 4, status: 14 }, protobuf([1, 11])),
        result('worker', 2, text('')),
        { ...worker('GOODBYE', {}, PREFIX), proto: { message: 'Goodbye', value: {} } },
      ],
    ),
    accepted('stream-ping', [], 'PING both ways; an ignorable message of a later version between them.', [
      ...handshake,
      engine('PING', { nonce: 77 }),
      { sender: 'worker', type: 0x85, fields: { flags: 0x80 } },
      worker('PING', { nonce: UNKNOWN }),
      worker('PONG', { nonce: 77 }),
      engine('PONG', { nonce: UNKNOWN }),
    ]),
  ]
}

function spans(): StreamCase[] {
  const names = Array.from({ length: 40 }, (_, i) => `function-${i}.${'n'.repeat(60)}`)
  const long = join(PREFIX, protobuf([1, 'token'], ...names.map((name) => [2, protobuf([1, name])] as const)))
  const value: Proto = { message: 'Hello', value: { token: 'token', functions: names.map((name) => ({ name })) } }
  const hello = span('worker', 'HELLO', long, {}, value)
  const stack = protobuf([1, 1], [5, 's'.repeat(1500)])
  const failure: Proto = { message: 'Failure', value: { reason: 'REASON_HANDLER_ERROR', stack: 's'.repeat(1500) } }
  const error = (call: number): StreamMessage[] => span('worker', 'ERROR', stack, { call_id: call, status: 2 }, failure)
  // Zeros, so that 65,536 bytes stay short in the file: LOG's message is a text of NULs.
  const record = (bytes: number): StreamMessage[] =>
    span('worker', 'LOG', join(protobuf([2, new Uint8Array(bytes - 4)])))
  const helloSpan = accepted(
    'stream-hello-spans',
    ['cold-span-consecutive'],
    'A HELLO of 40 functions, in more than one message.',
    [
      ...hello,
      {
        ...engine('WELCOME', {}, join(PREFIX, protobuf([5, 1]))),
        proto: { message: 'Welcome', value: { worker_id: 1 } },
      },
    ],
  )
  const errorSpan = accepted('stream-error-spans', ['cold-span-consecutive'], 'An ERROR in two messages.', [
    ...handshake,
    invoke(2, text('')),
    ...error(2),
  ])
  const most = accepted('stream-cold-65536', ['cold-span-bytes'], 'The longest cold message: 65,536 bytes.', [
    ...handshake,
    ...record(65536),
  ])
  const broken = (
    from: StreamCase,
    id: string,
    rule: string,
    comment: string,
    at: number,
    instead: StreamMessage,
  ): StreamCase => ({
    id,
    rules: [rule],
    comment,
    messages: from.messages.map((message, i) => (i === at ? instead : message)).slice(0, at + 1),
    result: 'reject',
    rule,
    at,
    pair: from.id,
  })
  const last = most.messages.length - 1
  return [
    helloSpan,
    errorSpan,
    most,
    accepted(
      'stream-error-spans-both-ways',
      ['cold-span-consecutive'],
      'The other direction may go on between two parts.',
      [
        ...handshake,
        invoke(2, text('')),
        error(2)[0]!,
        engine('PING', { nonce: 1 }),
        invoke(4, text('')),
        error(2)[1]!,
      ],
    ),
    accepted('stream-span-part-empty', ['cold-span-consecutive'], 'A part may be empty.', [
      ...handshake,
      worker('LOG', { flags: MORE }),
      { ...worker('LOG', {}, protobuf([2, 'late'])), proto: { message: 'Log', value: { message: 'late' } } },
    ]),
    broken(
      helloSpan,
      'stream-hello-interrupted',
      'cold-span-consecutive',
      'A PING between two parts of a HELLO.',
      1,
      worker('PING', { nonce: 1 }),
    ),
    broken(
      errorSpan,
      'stream-error-other-type',
      'cold-span-consecutive',
      'A RESULT between two parts of an ERROR.',
      4,
      result('worker', 2, text('')),
    ),
    broken(
      errorSpan,
      'stream-error-other-call',
      'cold-span-consecutive',
      'The second part is of another call.',
      4,
      error(4)[1]!,
    ),
    broken(errorSpan, 'stream-error-other-header', 'cold-span-header', 'The second part has another run_us.', 4, {
      ...error(2)[1]!,
      fields: { ...error(2)[1]!.fields, run_us: 1 },
    }),
    broken(most, 'stream-cold-65537', 'cold-span-bytes', 'One byte too many.', last, {
      ...most.messages[last]!,
      body: join(most.messages[last]!.body!, new Uint8Array(1)),
    }),
    broken(
      most,
      'stream-cold-never-ends',
      'cold-span-bytes',
      'A part that would pass the bound although more was to come.',
      last,
      {
        ...most.messages[last]!,
        fields: { flags: MORE },
        body: new Uint8Array(960),
      },
    ),
  ]
}

function ends(): StreamCase[] {
  const whole = accepted('stream-end-between', ['channel-truncated'], 'The stream ends between messages.', [
    handshake[0]!,
  ])
  return [
    whole,
    ...[1, 64, 1000, 1023].map(
      (missing): StreamCase => ({
        id: `stream-end-missing-${missing}`,
        rules: ['channel-truncated'],
        comment: `The stream ends ${missing} bytes before the end of a message.`,
        messages: [handshake[0]!],
        result: 'reject',
        rule: 'channel-truncated',
        at: 0,
        missing,
        pair: whole.id,
      }),
    ),
  ]
}
