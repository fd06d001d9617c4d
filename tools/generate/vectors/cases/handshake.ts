/** Bodies of HELLO, WELCOME and GOODBYE: version prefix, protobuf, names. Judged once the whole body is there. */
import type { Layout } from '../../layout.ts'
import { accept, type Case, type Proto, reject } from '../case.ts'
import type { MessageCase } from '../message.ts'
import { join, protobuf, versionPrefix } from '../protobuf.ts'
import {
  HELLO,
  HELLO_VALUE,
  MAGIC,
  MALFORMED,
  PREFIX,
  prefixed,
  VERSION_1,
  WELCOME,
  WELCOME_VALUE,
} from './cold-bodies.ts'
import { least } from './types.ts'

export function handshakeCases(layout: Layout): Case[] {
  return [...hello(layout), ...welcome(layout), ...goodbye(layout), ...names(layout)]
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
