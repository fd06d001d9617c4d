/** Cold bodies that several tables of cases use: whole ones with their meaning, and malformed ones. */
import type { Layout } from '../../layout.ts'
import type { Proto } from '../case.ts'
import type { MessageCase } from '../message.ts'
import { join, protobuf, versionPrefix } from '../protobuf.ts'
import { least } from './types.ts'

export const MAGIC = 'MILLRACE'
export const PREFIX = versionPrefix(MAGIC, 1, 1)
export const VERSION_1 = { version_min: 1, version_max: 1 }

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
export const MALFORMED: readonly (readonly [string, Uint8Array, string])[] = [
  ['cut', Uint8Array.of(0x0a, 0x05, 0x61), 'a field that announces 5 bytes and has 1'],
  ['field-0', Uint8Array.of(0x02, 0x01, 0x61), 'a field numbered 0'],
  ['wire-type', Uint8Array.of(0x0f, 0x01), 'wire type 7'],
]

/** The least message of a prefixed type with this prefix and this protobuf message. */
export function prefixed(layout: Layout, type: string, prefix: Uint8Array, proto: Uint8Array): MessageCase {
  return { ...least(layout, type), body: join(prefix, proto) }
}
