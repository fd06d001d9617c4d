/** Bodies of the cold messages: version prefix, protobuf, names. Judged once the whole body is there. */
import type { Layout } from '../../layout.ts'
import { accept, type Case, type Proto, reject } from '../case.ts'
import type { MessageCase } from '../message.ts'
import { join, protobuf, versionPrefix } from '../protobuf.ts'
import { least } from './types.ts'

const MAGIC = 'MILLRACE'
export const PREFIX = versionPrefix(MAGIC, 1, 1)
const VERSION_1 = { version_min: 1, version_max: 1 }

export const HELLO = protobuf(
  [1, 'token-0123456789abcdef'],
  [2, protobuf([1, 'echo'])],
  [2, protobuf([1, 'word.count'], [2, 250000])],
  [3, 'internal-calls'],
  [3, 'streaming'],
  [3, 'log'],
  [4, 8],
  [5, protobuf([1, 'millrace'], [2, '0.1.0'], [3, 'python'], [4, 'cpython 3.11.7'])],
)
export const HELLO_VALUE: Proto = {
  message: 'Hello',
  value: {
    token: 'token-0123456789abcdef',
    functions: [{ name: 'echo' }, { name: 'word.count', timeout_us: 250000 }],
    features: ['internal-calls', 'streaming', 'log'],
    max_calls: 8,
    software: { name: 'millrace', version: '0.1.0', language: 'python', runtime: 'cpython 3.11.7' },
  },
}
export const WELCOME = protobuf(
  [1, protobuf([1, 'echo'], [2, 1])],
  [1, protobuf([1, 'word.count'], [2, 2])],
  [2, 'internal-calls'],
  [2, 'streaming'],
  [2, 'log'],
  [3, protobuf([1, 8], [2, 64], [3, 16], [4, 4], [5, 8388608], [6, 32])],
  [4, protobuf([1, '@millrace/engine'], [2, '0.1.0'])],
  [5, 7],
)
export const WELCOME_VALUE: Proto = {
  message: 'Welcome',
  value: {
    functions: [
      { name: 'echo', id: 1 },
      { name: 'word.count', id: 2 },
    ],
    features: ['internal-calls', 'streaming', 'log'],
    limits: {
      max_calls: 8,
      max_open_invokes: 64,
      max_open_resolves: 16,
      max_open_pings: 4,
      max_payload_bytes: 8388608,
      max_depth: 32,
    },
    software: { name: '@millrace/engine', version: '0.1.0' },
    worker_id: 7,
  },
}

/** Protobuf bytes that no reader takes, each for a reason of its own. */
const MALFORMED: readonly (readonly [string, Uint8Array, string])[] = [
  ['cut', Uint8Array.of(0x0a, 0x05, 0x61), 'a field that announces 5 bytes and has 1'],
  ['field-0', Uint8Array.of(0x02, 0x01, 0x61), 'a field numbered 0'],
  ['wire-type', Uint8Array.of(0x0f, 0x01), 'wire type 7'],
]

export function coldCases(layout: Layout): Case[] {
  return [
    ...hello(layout),
    ...welcome(layout),
    ...goodbye(layout),
    ...failures(layout),
    ...names(layout),
    ...others(layout),
  ]
}

function prefixed(layout: Layout, type: string, prefix: Uint8Array, proto: Uint8Array): MessageCase {
  return { ...least(layout, type), body: join(prefix, proto) }
}

function hello(layout: Layout): Case[] {
  const make = (id: string, comment: string, min: number, max: number, proto: Uint8Array, value: Proto): Case =>
    accept(
      id,
      ['handshake-prefix', 'handshake-version', 'handshake-body'],
      comment,
      prefixed(layout, 'HELLO', versionPrefix(MAGIC, min, max), proto),
      {
        stage: 'body',
        prefix: { version_min: min, version_max: max },
        proto: value,
      },
    )
  const base = make('hello-whole', 'A HELLO with everything in it.', 1, 1, HELLO, HELLO_VALUE)
  const empty = make(
    'hello-proto-empty',
    'A HELLO of the prefix alone: an empty protobuf message.',
    1,
    1,
    new Uint8Array(0),
    { message: 'Hello', value: {} },
  )
  const unknown = join(HELLO, protobuf([99, 'later'], [1000, 7]))
  const body = (bytes: Uint8Array): Partial<MessageCase> => ({ body: bytes })
  const wide = make(
    'hello-versions-1-65535',
    'A worker that speaks every version from 1 on.',
    1,
    65535,
    HELLO,
    HELLO_VALUE,
  )
  const versions = (from: Case, id: string, min: number, max: number, comment: string): Case =>
    reject(from, id, 'handshake-version', comment, body(join(versionPrefix(MAGIC, min, max), HELLO)), 'body')
  const magic = (id: string, bytes: Uint8Array, comment: string): Case =>
    reject(base, id, 'handshake-magic', comment, body(join(bytes, HELLO)), 'body')
  const prefix = (id: string, bytes: Uint8Array, comment: string): Case =>
    reject(base, id, 'handshake-prefix', comment, body(join(bytes, HELLO)), 'body')
  return [
    base,
    empty,
    make('hello-fields-unknown', 'Protobuf fields of a later version are skipped.', 1, 1, unknown, HELLO_VALUE),
    wide,
    versions(
      wide,
      'hello-versions-later',
      2,
      65535,
      'A worker that speaks later versions only, and a receiver that speaks the first.',
    ),
    versions(base, 'hello-versions-backwards', 1, 0, 'A range that ends before it begins has no version in it.'),
    magic('hello-magic-case', versionPrefix('millrace', 1, 1), 'The magic is in capitals.'),
    magic('hello-magic-first', versionPrefix('NILLRACE', 1, 1), 'One bit of the first letter is wrong.'),
    magic('hello-magic-last', versionPrefix('MILLRACD', 1, 1), 'One bit of the last letter is wrong.'),
    prefix('hello-prefix-reserved', versionPrefix(MAGIC, 1, 1, 1), 'The last word of the prefix is zero.'),
    prefix(
      'hello-prefix-reserved-high',
      versionPrefix(MAGIC, 1, 1, 0x80000000),
      'The last word of the prefix is zero.',
    ),
    reject(
      empty,
      'hello-prefix-cut',
      'handshake-prefix',
      'A body that ends inside the prefix.',
      { fields: { body_length: 15 } },
      'body',
    ),
    reject(
      empty,
      'hello-body-empty',
      'handshake-prefix',
      'A body without a prefix.',
      { body: new Uint8Array(0) },
      'body',
    ),
    ...MALFORMED.map(([id, bytes, what]) =>
      reject(
        base,
        `hello-proto-${id}`,
        'handshake-body',
        `Behind the prefix: ${what}.`,
        body(join(PREFIX, bytes)),
        'body',
      ),
    ),
    // Only in a field that the reader knows: readers may skip an unknown one without a look at its length.
    reject(
      base,
      'hello-proto-varint',
      'handshake-body',
      'Behind the prefix: max_calls as a varint of 11 bytes.',
      body(join(PREFIX, Uint8Array.of(0x20, ...new Array<number>(10).fill(0xff), 0x01))),
      'body',
    ),
    reject(
      base,
      'hello-proto-utf8',
      'handshake-body',
      'The token is not UTF-8.',
      body(join(PREFIX, protobuf([1, Uint8Array.of(0xc3, 0x28)]))),
      'body',
    ),
  ]
}

function welcome(layout: Layout): Case[] {
  const base = accept(
    'welcome-whole',
    ['handshake-prefix', 'handshake-version', 'handshake-body'],
    'A WELCOME with everything in it.',
    prefixed(layout, 'WELCOME', PREFIX, WELCOME),
    {
      stage: 'body',
      prefix: VERSION_1,
      proto: WELCOME_VALUE,
    },
  )
  const other = (id: string, min: number, max: number, comment: string): Case =>
    reject(base, id, 'handshake-version', comment, { body: join(versionPrefix(MAGIC, min, max), WELCOME) }, 'body')
  return [
    base,
    other('welcome-version-range', 1, 2, 'WELCOME names one version.'),
    reject(
      base,
      'welcome-prefix-reserved',
      'handshake-prefix',
      'The last word of the prefix is zero.',
      { body: join(versionPrefix(MAGIC, 1, 1, 256), WELCOME) },
      'body',
    ),
    ...MALFORMED.map(([id, bytes, what]) =>
      reject(
        base,
        `welcome-proto-${id}`,
        'handshake-body',
        `Behind the prefix: ${what}.`,
        { body: join(PREFIX, bytes) },
        'body',
      ),
    ),
  ]
}

function goodbye(layout: Layout): Case[] {
  const proto = protobuf([1, 12], [2, 'flags 0x8 has a bit that DATA does not allow'], [3, 'message-flags-known'])
  const from = prefixed(layout, 'GOODBYE', PREFIX, proto)
  const base = accept(
    'goodbye-whole',
    ['handshake-prefix', 'cold-body', 'goodbye-status'],
    'A GOODBYE that names the rule broken.',
    { ...from, fields: { status: 13 } },
    {
      stage: 'body',
      prefix: VERSION_1,
      proto: {
        message: 'Goodbye',
        value: {
          reason: 'REASON_PROTOCOL_ERROR',
          message: 'flags 0x8 has a bit that DATA does not allow',
          rule: 'message-flags-known',
        },
      },
    },
  )
  const well = accept(
    'goodbye-well',
    ['handshake-prefix'],
    'A GOODBYE when all is well: the prefix alone.',
    prefixed(layout, 'GOODBYE', PREFIX, new Uint8Array(0)),
    {
      stage: 'body',
      prefix: VERSION_1,
      proto: { message: 'Goodbye', value: {} },
    },
  )
  return [
    base,
    well,
    accept(
      'goodbye-versions',
      ['handshake-prefix'],
      'A GOODBYE for want of a common version says which versions there are.',
      { ...prefixed(layout, 'GOODBYE', versionPrefix(MAGIC, 3, 9), protobuf([1, 16])), fields: { status: 9 } },
      {
        stage: 'body',
        prefix: { version_min: 3, version_max: 9 },
        proto: { message: 'Goodbye', value: { reason: 'REASON_VERSION_UNSUPPORTED' } },
      },
    ),
    accept(
      'goodbye-reason-unknown',
      ['reason-unknown', 'cold-unknown-fields'],
      'A reason of a later version.',
      prefixed(layout, 'GOODBYE', PREFIX, protobuf([1, 99])),
      {
        stage: 'body',
        prefix: VERSION_1,
        proto: { message: 'Goodbye', value: { reason: 99 } },
      },
    ),
    reject(well, 'goodbye-prefix-cut', 'handshake-prefix', 'A body that ends inside the prefix.', {
      fields: { body_length: 15 },
    }),
    reject(well, 'goodbye-body-empty', 'handshake-prefix', 'A body without a prefix.', { body: new Uint8Array(0) }),
    reject(
      well,
      'goodbye-magic',
      'handshake-magic',
      'The magic is in capitals.',
      { body: versionPrefix('MILLRACe', 1, 1) },
      'body',
    ),
    reject(
      base,
      'goodbye-status-0',
      'goodbye-status',
      'A reason and the status of none.',
      { fields: { status: 0 } },
      'body',
    ),
    reject(well, 'goodbye-status-13', 'goodbye-status', 'A status and no reason.', { fields: { status: 13 } }, 'body'),
    ...MALFORMED.map(([id, bytes, what]) =>
      reject(
        base,
        `goodbye-proto-${id}`,
        'cold-body',
        `Behind the prefix: ${what}.`,
        { body: join(PREFIX, bytes) },
        'body',
      ),
    ),
  ]
}

function failures(layout: Layout): Case[] {
  const from = least(layout, 'ERROR')
  const engine = least(layout, 'ERROR', 'engine')
  const reasonOf = (name: string): Uint8Array =>
    protobuf([1, layout.reasons.find((reason) => reason.name === name)!.value])
  const status8 = accept(
    'error-status-own',
    ['error-status-of-reason'],
    'With handler_error the function chooses the status.',
    {
      ...from,
      fields: { ...from.fields, status: 8 },
      body: reasonOf('handler_error'),
    },
    { stage: 'body', proto: { message: 'Failure', value: { reason: 'REASON_HANDLER_ERROR' } } },
  )
  const proto = protobuf(
    [1, 1],
    [2, 'E_EMPTY'],
    [3, 'no words in “input”'],
    [4, 'ValueError'],
    [5, 'at count (words.py:12)'],
    [6, 2],
    [7, 'word.count'],
  )
  const base = accept(
    'error-whole',
    ['error-body'],
    'A failure with everything in it.',
    { ...from, body: proto },
    {
      stage: 'body',
      proto: {
        message: 'Failure',
        value: {
          reason: 'REASON_HANDLER_ERROR',
          code: 'E_EMPTY',
          message: 'no words in “input”',
          error_type: 'ValueError',
          stack: 'at count (words.py:12)',
          retry: 'RETRY_NO',
          function: 'word.count',
        },
      },
    },
  )
  return [
    base,
    accept('error-body-empty', ['error-body'], 'An empty body means handler_error.', from, {
      stage: 'body',
      proto: { message: 'Failure', value: {} },
    }),
    ...layout.reasons.map((reason) =>
      accept(
        `error-reason-${reason.name.replaceAll('_', '-')}`,
        ['error-body'],
        `A failure with the reason ${reason.name} and its status.`,
        {
          // The engine may send every reason; a worker may not.
          ...engine,
          fields: { ...engine.fields, status: layout.statuses.find((status) => status.name === reason.status)!.value },
          body: protobuf([1, reason.value]),
        },
        { stage: 'body', proto: { message: 'Failure', value: { reason: `REASON_${reason.name.toUpperCase()}` } } },
      ),
    ),
    ...MALFORMED.map(([id, bytes, what]) =>
      reject(base, `error-proto-${id}`, 'error-body', `The body: ${what}.`, { body: bytes }, 'body'),
    ),
    status8,
    reject(
      status8,
      'error-reason-queue-full-worker',
      'error-reason-worker',
      'A worker has no queue of the engine.',
      { body: reasonOf('queue_full') },
      'body',
    ),
    reject(
      status8,
      'error-reason-status-of-another',
      'error-status-of-reason',
      'not_found has the status 5.',
      { body: reasonOf('not_found') },
      'body',
    ),
    accept(
      'error-reason-unknown',
      ['reason-unknown', 'cold-unknown-fields'],
      'A reason of a later version counts as handler_error.',
      { ...from, body: protobuf([1, 99], [77, 'later']) },
      {
        stage: 'body',
        proto: { message: 'Failure', value: { reason: 99 } },
      },
    ),
    reject(
      base,
      'error-proto-utf8',
      'error-body',
      'The message is not UTF-8.',
      { body: protobuf([3, Uint8Array.of(0xff)]) },
      'body',
    ),
  ]
}

/** Names of the functions that HELLO offers. */
function names(layout: Layout): Case[] {
  const wrong: readonly (readonly [string, string])[] = [
    ['dot-first', '.hidden'],
    ['dash-first', '-flag'],
    ['underscore-first', '_private'],
    ['space', 'word count'],
    ['slash', 'word/count'],
    ['umlaut', 'wörter'],
    ['nul', 'word\0count'],
    ['newline', 'word\n'],
  ]
  const offer = (name: string): Uint8Array => join(PREFIX, protobuf([2, protobuf([1, name])]))
  const hello = accept(
    'hello-name-128',
    ['name-form'],
    'HELLO that offers the longest name.',
    { ...least(layout, 'HELLO'), body: offer('n'.repeat(128)) },
    {
      stage: 'body',
      prefix: VERSION_1,
      proto: { message: 'Hello', value: { functions: [{ name: 'n'.repeat(128) }] } },
    },
  )
  return [
    hello,
    reject(
      hello,
      'hello-name-twice',
      'handshake-functions-once',
      'One name has one handler.',
      {
        body: join(PREFIX, protobuf([2, protobuf([1, 'echo'])], [2, protobuf([1, 'echo'])])),
      },
      'body',
    ),
    ...wrong.map(([id, name]) =>
      reject(
        hello,
        `hello-name-${id}`,
        'name-form',
        `${JSON.stringify(name)} is no name.`,
        { body: offer(name) },
        'body',
      ),
    ),
    reject(
      hello,
      'hello-name-0',
      'name-form',
      'A name has at least one byte.',
      { body: join(PREFIX, protobuf([2, protobuf()])) },
      'body',
    ),
    reject(
      hello,
      'hello-name-129',
      'name-form',
      'A name has at most 128 bytes.',
      { body: offer('n'.repeat(129)) },
      'body',
    ),
  ]
}

function others(layout: Layout): Case[] {
  const make = (
    id: string,
    type: string,
    comment: string,
    body: Uint8Array,
    proto: Proto,
    fields: Record<string, number> = {},
  ): Case =>
    accept(
      id,
      ['cold-body'],
      comment,
      { ...least(layout, type), fields: { ...least(layout, type).fields, ...fields }, body },
      { stage: 'body', proto },
    )
  const cases = [
    make(
      'log-whole',
      'LOG',
      'A record of a call.',
      protobuf([1, 3], [2, 'slow page'], [3, '{"page":7}']),
      {
        message: 'Log',
        value: { level: 'LOG_LEVEL_WARN', message: 'slow page', attributes_json: '{"page":7}' },
      },
      { call_id: 2 },
    ),
    make(
      'load-whole',
      'LOAD',
      'Code for a prewarmed worker.',
      protobuf([1, '/srv/app/words.py'], [2, 'count'], [3, 'word.count']),
      {
        message: 'Load',
        value: { entry: '/srv/app/words.py', handler: 'count', function: 'word.count' },
      },
    ),
    make('loaded-offers', 'LOADED', 'What the code serves.', protobuf([1, protobuf([1, 'word.count'])]), {
      message: 'Loaded',
      value: { offers: [{ name: 'word.count' }] },
    }),
    make(
      'loaded-failure',
      'LOADED',
      'Why the code could not be loaded.',
      protobuf([3, protobuf([1, 17], [3, 'no module named words'])]),
      {
        message: 'Loaded',
        value: { failure: { reason: 'REASON_LOAD_FAILED', message: 'no module named words' } },
      },
      { status: 9 },
    ),
    make(
      'fork-whole',
      'FORK',
      'A channel for a forked worker.',
      protobuf([1, '/run/m/7/in'], [2, '/run/m/7/out'], [3, 'secret']),
      {
        message: 'Fork',
        value: { channel_in: '/run/m/7/in', channel_out: '/run/m/7/out', token: 'secret' },
      },
      { nonce: 7 },
    ),
  ]
  return [
    ...cases,
    ...cases
      .filter((one) => one.id.endsWith('-whole'))
      .flatMap((one) =>
        MALFORMED.map(([id, bytes, what]) =>
          reject(
            one,
            one.id.replace('whole', `proto-${id}`),
            'cold-body',
            `The body: ${what}.`,
            { body: bytes },
            'body',
          ),
        ),
      ),
  ]
}
