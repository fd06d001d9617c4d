import { MessageType } from '@millrace/protocol'
import { decodeFailure } from '@millrace/protocol/cold'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FifoEngine, startHost, Workshop } from './fifo-engine.ts'
import { message } from './scripted-engine.ts'

const HELLO = `
import { fn, onStart, onStop } from '@millrace/sdk'
interface Person { name: string }
let ready = 'not ready'
onStart(async () => { ready = 'ready' })
onStop(() => { console.log('stopped') })
export const greet = fn('greet', (person: Person) => { console.log('noise'); return 'Hello, ' + person.name })
export const state = fn('state', () => ({
  ready,
  token: process.env.MILLRACE_TOKEN ?? 'gone',
  title: process.title,
}))
export const big = fn.bytes('big', () => { setImmediate(() => console.log('sent')); return new Uint8Array(200_000).fill(7) })
export const boom = fn('boom', () => { setImmediate(() => { throw new Error('outside of the handler') }); return new Promise(() => {}) })
export const hang = fn('hang', () => new Promise(() => {}))
export default function plain(name: string): string { return 'plain ' + name }
`

let workshop: Workshop
let engine: FifoEngine | undefined

beforeEach(() => {
  workshop = new Workshop()
})

afterEach(() => {
  engine?.leave()
  engine?.child.kill('SIGKILL')
  engine = undefined
  workshop.remove()
})

describe('host', () => {
  it('serves a TypeScript file outside of any node_modules, with its output apart from the channel, until DRAIN', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts'])
    expect(await engine.welcome()).toEqual(['big', 'boom', 'greet', 'hang', 'state', 'hello'])
    engine.invoke('greet', 2, { name: 'Ada' })
    expect(await engine.result()).toBe('Hello, Ada')
    engine.invoke('hello', 4, 'Bob')
    expect(await engine.result()).toBe('plain Bob')
    engine.invoke('state', 6, null)
    expect(await engine.result()).toEqual({ ready: 'ready', token: 'gone', title: 'millrace hello.ts' })
    engine.send(message(MessageType.DRAIN, {}))
    await engine.next(MessageType.GOODBYE)
    expect(await engine.exited).toEqual({ code: 0, stdout: 'noise\nstopped\n', stderr: '' })
  })

  it('loses nothing when the pipe is full, and writes on when there is room', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts'])
    await engine.welcome()
    engine.pause()
    // Four times 33 messages by their first credit alone: twice what a pipe holds.
    const sent = engine.printed('sent', 4)
    for (const callId of [2, 4, 6, 8]) engine.invoke('big', callId, null)
    await sent
    engine.resume()
    const bytes = new Map<number, number>()
    const parts = new Map<number, number>()
    for (let open = 4; open > 0; ) {
      const view = await engine.nextOfAny()
      const { callId } = view
      bytes.set(callId, (bytes.get(callId) ?? 0) + view.bodyLength)
      const count = (parts.get(callId) ?? 0) + 1
      parts.set(callId, count)
      if (count % 16 === 0) engine.send(message(MessageType.WINDOW, { callId, credit: 15 }))
      if (view.type === MessageType.RESULT && !view.more) open -= 1
    }
    expect([...bytes.values()]).toEqual([200_000, 200_000, 200_000, 200_000])
  })

  it('serves one export under another name', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts', '--handler', 'greet', '--name', 'welcome'])
    expect(await engine.welcome()).toEqual(['welcome'])
  })

  it('leaves what is served to a file that calls serve itself', async () => {
    workshop.file(
      'own.mjs',
      `import { fn, serve } from '@millrace/sdk'
       export const one = fn('one', () => 1)
       export const two = fn('two', () => 2)
       await serve([two], { maxCalls: 5 })`,
    )
    engine = new FifoEngine(workshop, ['own.mjs'])
    expect(await engine.welcome()).toEqual(['two'])
    engine.invoke('two', 2, null)
    expect(await engine.result()).toBe(2)
  })

  it('exits 69 when the engine goes away with a call open, and 0 with none', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts'])
    await engine.welcome()
    engine.invoke('hang', 2, null)
    engine.invoke('greet', 4, { name: 'x' })
    await engine.result()
    engine.leave()
    expect(await engine.exited).toMatchObject({
      code: 69,
      stderr: 'millrace worker: the engine is gone and left 1 calls open\n',
    })
    const other = new Workshop()
    other.file('hello.ts', HELLO)
    engine = new FifoEngine(other, ['hello.ts'])
    await engine.welcome()
    engine.invoke('greet', 2, { name: 'x' })
    await engine.result()
    engine.leave()
    expect(await engine.exited).toMatchObject({ code: 0, stderr: '' })
    other.remove()
  })

  it('exits 76 when the engine breaks a rule', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts'])
    await engine.welcome()
    engine.send(message(0x7f, {}))
    await engine.next(MessageType.GOODBYE)
    const { code, stderr } = await engine.exited
    expect(code).toBe(76)
    expect(stderr).toContain('the engine broke the rule message-type-known')
  })

  it('fails a call whose handler throws with the stack in the user file', async () => {
    workshop.file('bad.ts', `export function bad(): void {\n  const x: number = 1\n  throw new TypeError('no ' + x)\n}`)
    engine = new FifoEngine(workshop, ['bad.ts'])
    await engine.welcome()
    engine.invoke('bad', 2, null)
    let view = await engine.next(MessageType.ERROR)
    const parts = [view.body]
    // How many messages it takes depends on the length of the paths in the stack.
    while (view.more) {
      view = await engine.next(MessageType.ERROR)
      parts.push(view.body)
    }
    const failure = decodeFailure(Buffer.concat(parts), view.status)
    expect(failure).toMatchObject({ errorType: 'TypeError', message: 'no 1' })
    expect(failure?.stack).toContain('bad.ts:3:9')
  })

  it('ends with 1 when user code throws outside of a handler, and prints it', async () => {
    workshop.file('hello.ts', HELLO)
    engine = new FifoEngine(workshop, ['hello.ts'])
    await engine.welcome()
    engine.invoke('boom', 2, null)
    const { code, stderr } = await engine.exited
    expect(code).toBe(1)
    expect(stderr).toContain('Error: outside of the handler')
  })
})

describe('host that cannot start', () => {
  async function exit(name: string, text: string, ...args: string[]) {
    workshop.file(name, text)
    const [, exited] = startHost([name, ...args], workshop.path)
    return exited
  }

  it('exits 78 without the variables of the launch contract, and says how to start it', async () => {
    expect(await exit('hello.ts', HELLO)).toEqual({
      code: 78,
      stdout: '',
      stderr:
        'millrace worker: this is a Millrace worker and no engine started it: run `millrace dev <file>` instead\n',
    })
  })

  it('exits 78 for a missing export, naming the file, its exports and the nearest', async () => {
    expect(await exit('hello.ts', HELLO, '--handler', 'gret')).toMatchObject({
      code: 78,
      stderr:
        'millrace worker: hello.ts has no export "gret": it exports big, boom, greet, hang, state, default (function hello). Did you mean "greet"?\n',
    })
  })

  it('exits 78 for an entry beside --prewarm', async () => {
    expect(await exit('hello.ts', HELLO, '--prewarm')).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('usage: host <entry>'),
    })
  })

  it('exits 78 for a file that exports no function', async () => {
    const { code, stderr } = await exit('none.mjs', 'export const answer = 42')
    expect(code).toBe(78)
    expect(stderr).toContain('none.mjs exports no function')
  })

  it('exits 78 for a file whose top level waits for ever', async () => {
    expect(await exit('late.mjs', 'await new Promise(() => {})')).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('late.mjs is never done loading'),
    })
  })

  it('exits 78 for a file that does not exist', async () => {
    const [, exited] = startHost(['nowhere.ts'], workshop.path)
    expect(await exited).toMatchObject({ code: 78, stderr: expect.stringMatching(/nowhere\.ts does not exist\n$/) })
  })

  it.each([
    ['a syntax error in JavaScript', 'bad.mjs', 'export const a = 1\nconst b = = 2\n', 'bad.mjs:2'],
    ['a syntax error in TypeScript', 'bad.ts', 'export const a: number = 1\nconst b: number = = 2\n', 'bad.ts:2'],
    ['an import that is not there', 'bad.mjs', "import 'no-such-package'\n", "Cannot find package 'no-such-package'"],
    ['a name that an import does not have', 'bad.mjs', "import { nothing } from 'node:fs'\n", 'bad.mjs:1'],
    ['a module that throws', 'bad.mjs', "\nthrow new RangeError('at the top')\n", 'bad.mjs:2:7'],
  ])('exits 78 for %s, with file and line', async (_what, name, text, expected) => {
    const { code, stdout, stderr } = await exit(name, text)
    expect(code).toBe(78)
    expect(stdout).toBe('')
    expect(stderr).toContain(`${name} can't be loaded:`)
    expect(stderr).toContain(expected)
    expect(stderr).not.toContain('node:internal')
  })

  it('exits 78 when a start hook throws', async () => {
    workshop.file(
      'hook.mjs',
      "import { onStart } from '@millrace/sdk'\nonStart(() => { throw new Error('no database') })\nexport const a = () => 1\n",
    )
    engine = new FifoEngine(workshop, ['hook.mjs'])
    const { code, stderr } = await engine.exited
    expect(code).toBe(78)
    expect(stderr).toContain('Error: no database')
    expect(stderr).toContain('hook.mjs:2')
  })

  it('exits 69 when nobody reads the channel', async () => {
    workshop.file('hello.ts', HELLO)
    const gone = new FifoEngine(workshop, ['nothing-to-run.ts'])
    await gone.exited
    gone.leave()
    const env = {
      MILLRACE_CHANNEL_IN: `${workshop.path}/in`,
      MILLRACE_CHANNEL_OUT: `${workshop.path}/out`,
      MILLRACE_TOKEN: 'x',
    }
    const [, exited] = startHost(['hello.ts'], workshop.path, env)
    expect(await exited).toMatchObject({
      code: 69,
      stderr: 'millrace worker: the engine is gone: nobody reads the channel\n',
    })
  })
})
