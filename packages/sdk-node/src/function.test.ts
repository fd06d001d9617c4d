import { describe, expect, expectTypeOf, it } from 'vitest'
import type { CallArguments, CallOptions, Context } from './context.ts'
import { detachedContext } from './detached-context.ts'
import { fn, isFunction } from './function.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)
const shout = fn('shout', { timeout: '50ms' }, (text: string) => text.toUpperCase())
const now = fn('now', () => 7)
const raw = fn.bytes('raw', (input) => input)
const upload = fn.stream('upload', async function* (input) {
  for await (const part of input) yield part
})
const count = fn('count', async function* (n: number) {
  for (let i = 0; i < n; i += 1) yield i
})
const twice = fn('twice', (n: number, ctx) => Promise.all([ctx.call(count, n), ctx.call(greet, 'Ada')]))

describe('fn', () => {
  it('makes functions that are called like plain ones', async () => {
    expect(await greet('Ada')).toBe('Hello, Ada')
    expect(shout('x')).toBe('X')
    expect(await greet.handler('Ada', detachedContext())).toBe('Hello, Ada')
    const items: number[] = []
    for await (const item of count(2)) items.push(item)
    expect(items).toEqual([0, 1])
  })

  it('runs what a handler calls by reference here and now when there is no engine', async () => {
    expect(await twice(2)).toEqual([[0, 1], 'Hello, Ada'])
    const bytes = fn('bytes', (_: null, ctx) => ctx.call(upload, Buffer.from('abc')))
    expect(Buffer.from(await bytes(null)).toString()).toBe('abc')
  })

  it('says what to do when a handler calls by name and there is no engine', async () => {
    const far = fn('far', (_: null, ctx) => ctx.call('somewhere'))
    await expect(far(null)).rejects.toThrow('there is no engine here that could find "somewhere": call by reference')
    const given = detachedContext({
      call: (() => Promise.resolve('stubbed by the test')) as unknown as Context['call'],
    })
    expect(await far(null, given)).toBe('stubbed by the test')
  })

  it('keeps name, kind, time limit and handler', () => {
    expect([shout.name, shout.kind, shout.timeoutUs, raw.kind, upload.kind]).toEqual([
      'shout',
      'json',
      50_000,
      'bytes',
      'stream',
    ])
    expect(isFunction(shout)).toBe(true)
    expect(isFunction(() => 1)).toBe(false)
  })

  it('refuses a name out of form, a missing handler and an unknown content', () => {
    expect(() => fn('no spaces', () => 1)).toThrow('"no spaces" can\'t name a function')
    expect(() => fn('x'.repeat(129), () => 1)).toThrow("can't name a function")
    expect(() => fn('x', undefined as never)).toThrow('function x has no handler')
    expect(() => fn.bytes('x', { content: 'xml' as never }, (input) => input)).toThrow(
      'choose one of bytes, json, text',
    )
  })

  it('infers input and output of a call by reference', () => {
    const check = fn('check', async (_: null, ctx) => {
      expectTypeOf(ctx.call(greet, 'Ada')).toEqualTypeOf<Promise<string>>()
      expectTypeOf(ctx.call(shout, 'Ada')).toEqualTypeOf<Promise<string>>()
      expectTypeOf(ctx.call(now)).toEqualTypeOf<Promise<number>>()
      expectTypeOf(ctx.call(count, 2)).toEqualTypeOf<Promise<number[]>>()
      expectTypeOf(ctx.call(raw, new Uint8Array(1))).toEqualTypeOf<Promise<Uint8Array>>()
      expectTypeOf(ctx.call(upload, new Uint8Array(1))).toEqualTypeOf<Promise<Uint8Array>>()
      expectTypeOf(ctx.call('by-name')).toEqualTypeOf<Promise<unknown>>()
      expectTypeOf(ctx.call<number>('by-name', { any: 'input' })).toEqualTypeOf<Promise<number>>()
      expectTypeOf(ctx.callStream(count, 2)).toEqualTypeOf<AsyncIterableIterator<number>>()
      expectTypeOf(ctx.callStream(upload, new Uint8Array(1))).toEqualTypeOf<AsyncIterableIterator<Uint8Array>>()
      expectTypeOf(ctx.callBytes(raw, new Uint8Array(1))).toEqualTypeOf<Promise<Uint8Array>>()
      return 1
    })
    expectTypeOf<CallArguments<string>>().toEqualTypeOf<[input: string, options?: CallOptions]>()
    expectTypeOf<CallArguments<string | undefined>>().toEqualTypeOf<
      [input?: string | undefined, options?: CallOptions]
    >()
    expectTypeOf(check).parameter(0).toEqualTypeOf<null>()
    expectTypeOf(greet('x')).toEqualTypeOf<Promise<string>>()
  })
})
