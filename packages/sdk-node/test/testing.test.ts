import { afterEach, describe, expect, it } from 'vitest'
import { fn, MillraceError } from '../src/index.ts'
import { startTestEngine, type TestEngine, testContext } from '../src/testing.ts'

const greet = fn('greet', async (name: string) => `Hello, ${name}`)
const both = fn('both', async (names: string[], ctx) => {
  ctx.log.info('greeting', { names })
  return Promise.all(names.map((name) => ctx.call(greet, name)))
})
const echo = fn.bytes('echo', (input) => input)
const relay = fn.bytes('relay', (input, ctx) => ctx.call(echo, input))
const upload = fn.stream('upload', async function* (input) {
  for await (const part of input) yield part
})
const count = fn('count', async function* (n: number) {
  for (let i = 0; i < n; i += 1) yield i
})
const tally = fn('tally', async (n: number, ctx) => {
  let sum = 0
  for await (const item of ctx.callStream(count, n)) sum += item
  return sum
})
const wait = fn(
  'wait',
  (_: null, ctx) =>
    new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
    }),
)
const outer = fn('outer', (_: null, ctx) => ctx.call(wait, null))

let engine: TestEngine | undefined

afterEach(async () => {
  await engine?.stop()
  engine = undefined
})

describe('startTestEngine', () => {
  it('runs functions that call each other, and keeps what they did and logged', async () => {
    engine = await startTestEngine({ greet, both })
    expect(await engine.call(both, ['Ada', 'Bob'])).toEqual(['Hello, Ada', 'Hello, Bob'])
    expect(await engine.call('greet', 'Eve')).toBe('Hello, Eve')
    expect(engine.calls.map((record) => [record.function, record.depth, record.outcome]).sort()).toEqual([
      ['both', 0, 'ok'],
      ['greet', 0, 'ok'],
      ['greet', 1, 'ok'],
      ['greet', 1, 'ok'],
    ])
    expect(engine.logs).toMatchObject([
      { function: 'both', level: 'info', message: 'greeting', attributes: { names: ['Ada', 'Bob'] } },
    ])
  })

  it('carries 1 MiB through an internal call, and streams', async () => {
    engine = await startTestEngine([{ echo, relay }, [upload, count, tally]])
    const input = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => index % 251)
    const outputs = await Promise.all([relay, upload, relay, upload].map((one) => engine!.call(one, input)))
    expect(outputs.every((output) => Buffer.compare(output, input) === 0)).toBe(true)
    expect(await engine.call(tally, 1_000)).toBe(499_500)
    expect(await engine.call(count, 3)).toEqual([0, 1, 2])
  })

  it('injects failures for as many calls as wanted', async () => {
    engine = await startTestEngine({ greet, both })
    engine.fail('greet').times(2)
    await expect(engine.call(greet, 'x')).rejects.toThrow('greet was made to fail by the test')
    await expect(engine.call(both, ['x'])).rejects.toMatchObject({ reason: 'handler_error', function: 'greet' })
    expect(await engine.call(greet, 'x')).toBe('Hello, x')
    engine.fail(greet, new MillraceError('bad_input', 'no such user', { code: 'USER' })).once()
    await expect(engine.call(greet, 'x')).rejects.toMatchObject({ reason: 'bad_input', code: 'USER' })
  })

  it('injects crashes, and goes on with another worker', async () => {
    engine = await startTestEngine({ greet })
    engine.crash(greet).once()
    await expect(engine.call(greet, 'x')).rejects.toMatchObject({ reason: 'worker_crashed' })
    expect(await engine.call(greet, 'x')).toBe('Hello, x')
  })

  it('cancels down the call tree when the caller gives up', async () => {
    engine = await startTestEngine({ wait, outer })
    const controller = new AbortController()
    const call = engine.call(outer, null, { signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(call).rejects.toMatchObject({ reason: 'cancelled' })
    await engine.stop()
    expect(engine.calls.map((record) => record.outcome)).toEqual(expect.arrayContaining(['cancelled']))
  })

  it('ends calls at their time limit, with what they called', async () => {
    engine = await startTestEngine({ wait, outer })
    await expect(engine.call(outer, null, { timeout: '20ms' })).rejects.toMatchObject({ reason: 'deadline_exceeded' })
  })

  it('names a function that is not there', async () => {
    engine = await startTestEngine({ greet, far: fn('far', (_: null, ctx) => ctx.call('nobody')) })
    await expect(engine.call('nobody')).rejects.toMatchObject({ reason: 'not_found' })
    await expect(engine.call('far', null)).rejects.toMatchObject({ reason: 'not_found' })
  })

  it('says why the workers do not start', async () => {
    const start = [() => Promise.reject(new Error('no database'))]
    await expect(startTestEngine({ greet }, { start })).rejects.toThrow('no database')
    await expect(startTestEngine({})).rejects.toThrow('there is no function to serve')
  })
})

describe('testContext', () => {
  it('is what a handler needs, with what the test wants to differ', async () => {
    const lines: string[] = []
    const log = { debug() {}, info: (line: string) => void lines.push(line), warn() {}, error() {} }
    expect(await both.handler(['Ada'], testContext({ log }))).toEqual(['Hello, Ada'])
    expect(lines).toEqual(['greeting'])
    expect(testContext({ deadline: new Date(0) }).remainingMs()).toBe(0)
    expect(testContext().remainingMs()).toBe(Number.POSITIVE_INFINITY)
  })
})
