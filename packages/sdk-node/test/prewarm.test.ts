import { mkdirSync, readdirSync } from 'node:fs'
import { MessageType } from '@millrace/protocol'
import { decodePrefixed, encodeBody, GoodbyeSchema, LoadSchema, Reason, spanMessages } from '@millrace/protocol/cold'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FifoEngine, Workshop } from './fifo-engine.ts'
import { message } from './scripted-engine.ts'

const CODE = `
import { fn, onStart, onStop } from '@millrace/sdk'
const atLoad = process.env.GREETING
let started = false
onStart(async () => { started = true })
onStop(() => { console.log('stopped') })
export const state = fn('state', () => ({ atLoad, started, cwd: process.cwd(), title: process.title, launch: process.env.FROM_LAUNCH }))
export const other = fn('other', () => 'other')
`

let workshop: Workshop
let engine: FifoEngine

beforeEach(() => {
  workshop = new Workshop()
})

afterEach(() => {
  engine.leave()
  engine.child.kill('SIGKILL')
  workshop.remove()
})

async function prewarmed(variables: Record<string, string> = {}): Promise<FifoEngine> {
  engine = new FifoEngine(workshop, ['--prewarm'], variables)
  expect(await engine.welcome()).toEqual([])
  return engine
}

async function drained(): Promise<unknown> {
  engine.send(message(MessageType.DRAIN, {}))
  await engine.next(MessageType.GOODBYE)
  return await engine.exited
}

/** The rule of the GOODBYE that comes next. */
async function broken(): Promise<string> {
  return decodePrefixed(GoodbyeSchema, (await engine.next(MessageType.GOODBYE)).body)!.rule
}

describe('a prewarmed host', () => {
  it('loads the code of LOAD with its variables and directory, runs the start hooks, and serves it until DRAIN', async () => {
    mkdirSync(`${workshop.path}/sub`)
    workshop.file('sub/code.ts', CODE)
    await prewarmed({ FROM_LAUNCH: 'yes' })
    const cwd = `${workshop.path}/sub`
    const loaded = await engine.load({ entry: 'code.ts', cwd, env: { GREETING: 'hello' } })
    expect(loaded.status).toBe(0)
    expect(loaded.failure).toBeUndefined()
    expect(loaded.offers.map(({ name }) => name)).toEqual(['other', 'state'])
    engine.loaded(['state'], 1)
    engine.invoke('state', 2, null)
    const state = { atLoad: 'hello', started: true, cwd, title: 'millrace code.ts', launch: 'yes' }
    expect(await engine.result()).toEqual(state)
    expect(await drained()).toEqual({ code: 0, stdout: 'stopped\n', stderr: '' })
  })

  it('serves one export under another name', async () => {
    const entry = workshop.file('code.ts', CODE)
    await prewarmed()
    const { offers } = await engine.load({ entry, handler: 'other', function: 'renamed' })
    expect(offers.map(({ name }) => name)).toEqual(['renamed'])
  })

  it('answers PING and DRAIN while it waits', async () => {
    await prewarmed()
    engine.send(message(MessageType.PING, { nonce: 7 }))
    expect((await engine.next(MessageType.PONG)).nonce).toBe(7)
    expect(await drained()).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('leaves what is served, and how many calls at once, to code that calls serve itself', async () => {
    const entry = workshop.file(
      'own.mjs',
      `import { fn, serve } from '@millrace/sdk'
       export const one = fn('one', () => 1)
       export const two = fn('two', () => 2)
       const worker = await serve([two], { maxCalls: 5 })
       console.log('serving')`,
    )
    await prewarmed()
    const { offers, maxCalls } = await engine.load({ entry })
    expect([offers.map(({ name }) => name), maxCalls]).toEqual([['two'], 5])
    const serving = engine.printed('serving', 1)
    engine.loaded(['two'], 5)
    await serving
    engine.invoke('two', 2, null)
    expect(await engine.result()).toBe(2)
  })

  it.each([
    ['a file that does not exist', 'nowhere.ts', undefined, /nowhere\.ts does not exist$/],
    ['a syntax error in JavaScript', 'bad.mjs', 'export const a = 1\nconst b = = 2\n', /bad\.mjs:2\n/],
    ['a syntax error in TypeScript', 'bad.ts', 'export const a: number = 1\nconst b: number = = 2\n', /bad\.ts:2\n/],
    ['an import that is not there', 'bad.mjs', "import 'no-such-package'\n", /package 'no-such-package'.*bad\.mjs/],
    ['a name that an import does not have', 'bad.mjs', "import { nothing } from 'node:fs'\n", /bad\.mjs:1\n/],
    [
      'a module that throws',
      'bad.mjs',
      "\nthrow new RangeError('at the top')\n",
      /RangeError: at the top\n.*bad\.mjs:2:7/,
    ],
    ['a file without functions', 'bad.mjs', 'export const a = 1\n', /^bad\.mjs exports no function/],
    [
      'a start hook that throws',
      'bad.mjs',
      "import { onStart } from '@millrace/sdk'\nonStart(() => { throw new Error('no database') })\nexport const a = () => 1\n",
      /Error: no database\n.*bad\.mjs:2:/,
    ],
    [
      'a start hook that throws after serve was called',
      'bad.mjs',
      "import { fn, onStart, serve } from '@millrace/sdk'\nonStart(() => { throw new Error('no database') })\nawait serve([fn('a', () => 1)])\n",
      /Error: no database\n.*bad\.mjs:2:/,
    ],
  ])('says of %s where it is, stays, and takes another LOAD', async (_what, name, text, expected) => {
    if (text !== undefined) workshop.file(name, text)
    await prewarmed()
    const { status, failure, offers } = await engine.load({ entry: `${workshop.path}/${name}` })
    expect([status, failure?.reason, offers]).toEqual([9, Reason.LOAD_FAILED, []])
    expect(failure?.message).toMatch(expected)
    expect(failure?.message).not.toMatch(/node:internal|sdk-node/)
    // The same file, mended.
    const entry = workshop.file(name, name.endsWith('.ts') ? CODE : 'export const mended = () => 1')
    expect((await engine.load({ entry })).status).toBe(0)
    expect(await drained()).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends with 1 when its code throws after it has called serve', async () => {
    const entry = workshop.file(
      'own.mjs',
      `import { fn, serve } from '@millrace/sdk'\nawait serve([fn('one', () => 1)])\nthrow new Error('too late')`,
    )
    await prewarmed()
    await engine.load({ entry })
    engine.loaded(['one'], 1)
    const { code, stderr } = await engine.exited
    expect(code).toBe(1)
    expect(stderr).toContain('Error: too late')
  })

  it('ends the channel when another LOAD comes while one is open', async () => {
    const entry = workshop.file('code.ts', CODE)
    await prewarmed()
    const load = spanMessages(MessageType.LOAD, encodeBody(LoadSchema, { entry }), () => {})
    engine.send(Buffer.concat([load, load]))
    expect(await broken()).toBe('load-one-open')
    expect(await engine.exited).toMatchObject({ code: 76 })
  })

  it('ends the channel when a LOAD comes after one that succeeded', async () => {
    const entry = workshop.file('code.ts', CODE)
    await prewarmed()
    await engine.load({ entry })
    await expect(engine.load({ entry })).rejects.toThrow('GOODBYE')
    expect(await engine.exited).toMatchObject({ code: 76, stderr: expect.stringContaining('load-once') })
  })

  it.each([
    ['load-ids', 'a function that the code does not serve', ['nothing'], 1],
    ['loaded-max-calls', 'no calls at once', ['state'], 0],
    ['loaded-max-calls', 'more calls at once than were offered', ['state'], 2000],
    ['load-ids', 'no LOADED to answer', undefined, 1],
  ])('ends the channel by %s for a LOADED with %s', async (rule, _what, names, maxCalls) => {
    const entry = workshop.file('code.ts', CODE)
    await prewarmed()
    if (names !== undefined) await engine.load({ entry })
    engine.loaded(names ?? [], maxCalls)
    expect(await broken()).toBe(rule)
    expect(await engine.exited).toMatchObject({ code: 76 })
  })

  it('keeps compiled code where NODE_COMPILE_CACHE of the launch says', async () => {
    const entry = workshop.file('code.mjs', 'export const one = () => 1')
    await prewarmed({ NODE_COMPILE_CACHE: `${workshop.path}/launch` })
    await engine.load({ entry })
    await drained()
    expect(readdirSync(`${workshop.path}/launch`)).not.toEqual([])
  })

  it('keeps compiled code where NODE_COMPILE_CACHE of LOAD says', async () => {
    const entry = workshop.file('code.mjs', 'export const one = () => 1')
    await prewarmed()
    await engine.load({ entry, env: { NODE_COMPILE_CACHE: `${workshop.path}/load` } })
    await drained()
    expect(readdirSync(`${workshop.path}/load`)).not.toEqual([])
  })
})
