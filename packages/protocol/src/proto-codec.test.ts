/** Our codec against `@bufbuild/protobuf`, over messages drawn from a seed. */
import { create, type DescMessage, fromBinary, toBinary, toJson } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import {
  type ColdSchema,
  decodeBody,
  encodeBody,
  FailureSchema,
  HelloSchema,
  LoadedSchema,
  LoadSchema,
} from './cold.ts'
import * as protobuf from './cold-protobuf.ts'
import type { Field } from './proto-codec.ts'
import { Random } from './random.ts'

const SEEDS = [1, 2, 3]
const ROUNDS = 500

const PAIRS: readonly (readonly [string, ColdSchema<object>, DescMessage])[] = [
  ['Hello', HelloSchema, protobuf.HelloSchema],
  ['Failure', FailureSchema, protobuf.FailureSchema],
  ['Load', LoadSchema, protobuf.LoadSchema],
  ['Loaded', LoadedSchema, protobuf.LoadedSchema],
]

const TEXTS = ['', 'a', 'größe', '“”', '\u{1f30a}', 'x'.repeat(200), '\0']
const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1]

function drawn(random: Random, schema: ColdSchema<object>): Record<string, unknown> {
  return Object.fromEntries(
    schema.fields.filter(() => random.below(4) > 0).map((field) => [field[1], oneOf(random, field)]),
  )
}

function oneOf(random: Random, [, , kind, of]: Field): unknown {
  const some = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make)
  const text = (): string => random.pick(TEXTS)
  switch (kind) {
    case 'uint32':
    case 'enum':
      return random.pick(NUMBERS)
    case 'text':
      return text()
    case 'texts':
      return some(text)
    case 'map':
      return Object.fromEntries(some(() => [text(), text()]))
    case 'message':
      return drawn(random, of!)
    case 'messages':
      return some(() => drawn(random, of!))
  }
}

/** Fields of numbers that no message of ours has, of every wire type. */
const UNKNOWN = [
  [0xf8, 0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8],
  [0xfa, 0x07, 2, 0xff, 0xfe],
  [0xfb, 0x07, 0xfb, 0x07, 0x08, 0x01, 0xfc, 0x07, 0xfc, 0x07],
  [0xfd, 0x07, 1, 2, 3, 4],
].map((bytes) => Uint8Array.from(bytes))

const shown = (schema: DescMessage, bytes: Uint8Array): unknown => toJson(schema, fromBinary(schema, bytes))

describe.each(PAIRS)('%s', (_, ours, theirs) => {
  it.each(SEEDS)('is written as the library writes it, and read as it reads: seed %i', (seed) => {
    const random = new Random(seed)
    for (let round = 0; round < ROUNDS; round += 1) {
      const init = drawn(random, ours)
      const bytes = encodeBody(ours, init)
      expect(Buffer.from(bytes).toString('hex')).toBe(
        Buffer.from(toBinary(theirs, create(theirs, init))).toString('hex'),
      )
      const again = Buffer.concat([bytes, encodeBody(ours, drawn(random, ours)), random.pick(UNKNOWN)])
      expect(shown(theirs, encodeBody(ours, decodeBody(ours, again)!))).toEqual(shown(theirs, again))
    }
  })

  it('is refused where the library refuses it: every cut of every message', () => {
    const random = new Random(4)
    for (let round = 0; round < 20; round += 1) {
      const bytes = Buffer.concat([random.pick(UNKNOWN), encodeBody(ours, drawn(random, ours)), random.pick(UNKNOWN)])
      for (let end = 0; end <= bytes.length; end += 1) {
        const cut = bytes.subarray(0, end)
        expect([end, decodeBody(ours, cut) === undefined]).toEqual([
          end,
          protobuf.decodeBody(theirs, cut) === undefined,
        ])
      }
    }
  })
})

describe('what is read', () => {
  const wrong: readonly (readonly [string, number[]])[] = [
    ['a varint of eleven bytes', [0x20, ...new Array<number>(10).fill(0x80), 0x01]],
    ['wire type 6', [0x26, 0x01]],
    ['wire type 7', [0x27, 0x01]],
    ['a group that ends first', [0xfc, 0x07]],
    ['a group that another one ends', [0xfb, 0x07, 0xf4, 0x07]],
    ['a text that is not UTF-8', [0x0a, 0x01, 0xff]],
    ['a text of a UTF-16 half', [0x0a, 0x03, 0xed, 0xa0, 0x80]],
    ['a text longer than memory', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    [
      '101 groups in one another',
      [...new Array<number[]>(101).fill([0xfb, 0x07]), ...new Array<number[]>(101).fill([0xfc, 0x07])].flat(),
    ],
  ]
  it.each(wrong)('is refused for %s', (_, bytes) => {
    expect(decodeBody(HelloSchema, Uint8Array.from(bytes))).toBeUndefined()
  })

  it('has the low 32 bits of a wider number', () => {
    const wide = Uint8Array.of(0x20, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)
    expect(decodeBody(HelloSchema, wide)?.maxCalls).toBe(5)
    expect(decodeBody(HelloSchema, Uint8Array.of(0x20, 0xff, 0xff, 0xff, 0xff, 0x0f))?.maxCalls).toBe(2 ** 32 - 1)
  })

  it('passes over a field whose wire type is not its own', () => {
    const body = Uint8Array.of(0x08, 0x07, 0x22, 0x01, 0x61, 0x0a, 0x01, 0x74)
    expect(decodeBody(HelloSchema, body)).toMatchObject({ token: 't', maxCalls: 0 })
  })

  it('keeps a variable named __proto__ as one like any other', () => {
    const env = Object.fromEntries([['__proto__', 'x']])
    const load = decodeBody(LoadSchema, encodeBody(LoadSchema, { entry: 'a', env }))!
    expect(Object.entries(load.env)).toEqual([['__proto__', 'x']])
  })
})

it.each([-1, 0.5, 2 ** 32, Number.NaN])('a number that is no uint32 is refused by its name: %d', (maxCalls) => {
  expect(() => encodeBody(HelloSchema, { maxCalls })).toThrow(`maxCalls is ${maxCalls}`)
})
