import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WorkerInfo } from '../../engine-api.ts'
import { CommandBench, isAlive } from '../command-process.ts'

/** `hold` says that it runs, then ends when the file `go` is there. */
const hello = (version: string) => `
import { existsSync, watch } from 'node:fs'
import { fn } from '@millrace/sdk'
export const hello = fn('hello', (name: string) => \`${version} \${name}\`)
export const outer = fn('outer', async (name: string, ctx) => await ctx.call(hello, name))
export const hold = fn('hold', async () => {
  await new Promise((resolve) => {
    const watcher = watch('.', () => {
      if (!existsSync('go')) return
      watcher.close()
      resolve(undefined)
    })
    console.log('holding')
  })
  return '${version} held'
})
`

const JSON_TYPE = { 'content-type': 'application/json' }

let bench: CommandBench
beforeEach(() => {
  bench = new CommandBench()
})
afterEach(() => bench.close())

async function call(url: string, name: string, input: unknown = 'Ada'): Promise<unknown> {
  const answer = await fetch(`${url}/function/${name}`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(input),
  })
  return await answer.json()
}

async function workers(url: string): Promise<WorkerInfo[]> {
  return ((await (await fetch(`${url}/v1/workers`)).json()) as { workers: WorkerInfo[] }).workers
}

describe('millrace dev', () => {
  it('serves one file, replaces it while a call runs without losing that, and leaves nothing at Ctrl-C', async () => {
    bench.write('hello.ts', hello('v1'))
    const dev = bench.start(['dev', 'hello.ts', '--port', '0'])
    const url = await dev.url()
    expect(await call(url, 'hello')).toBe('v1 Ada')
    const held = call(url, 'hold')
    await dev.line(/^hello \| holding$/)
    const [old] = await workers(url)

    bench.write('hello.ts', hello('v2'))
    await dev.line(/^reloaded hello in \d+ ms$/)
    expect(await call(url, 'hello')).toBe('v2 Ada')
    bench.write('go', '')
    expect(await held).toBe('v1 held')

    const pids = [old!, ...(await workers(url))].map((worker) => worker.pid!)
    dev.signal('SIGINT')
    const ended = await dev.ended
    expect(ended.code).toBe(0)
    expect(ended.stderr).toBe('')
    expect(pids.filter(isAlive)).toEqual([])
    expect(bench.leftovers()).toEqual([])
  })

  it('prints a banner with a line to try, and one line for each call with internal ones indented', async () => {
    bench.write('hello.ts', hello('v1'))
    const dev = bench.start(['dev', 'hello.ts', '-p', '0'])
    const url = await dev.url()
    expect(await dev.line(/try:/)).toBe(`  try:  curl -d '"Ada"' ${url}/function/hello`)
    await call(url, 'outer')
    await call(url, 'none')
    const split = String.raw`\(queue .*, run .*, rest .*\)`
    await dev.line(new RegExp(String.raw`^\d\d:\d\d:\d\d\.\d{3} {4}hello +ok +\S+ .s {2}${split}$`))
    await dev.line(new RegExp(String.raw`^\d\d:\d\d:\d\d\.\d{3} {2}outer +ok +\S+ .s {2}${split}$`))
  })

  it('says what is wrong with a file that cannot be loaded, and starts it once it is mended', async () => {
    bench.write('hello.ts', 'export const = 1')
    const dev = bench.start(['dev', 'hello.ts', '-p', '0'])
    expect(await dev.line(/cannot start/)).toMatch(
      /^millrace: hello cannot start: .*SyntaxError.*; save a fix, and it starts$/,
    )
    const url = await dev.url()
    bench.write('hello.ts', hello('mended'))
    await dev.line(/^ {2}hello {2}http/)
    expect(await call(url, 'hello')).toBe('mended Ada')
  })

  it('keeps the old version when the new one cannot be loaded', async () => {
    bench.write('hello.ts', hello('v1'))
    const dev = bench.start(['dev', 'hello.ts', '-p', '0'])
    const url = await dev.url()
    bench.write('hello.ts', 'export const = 1')
    expect(await dev.line(/not reloaded/)).toMatch(
      /^millrace: hello is not reloaded, the old version goes on: .*SyntaxError/,
    )
    expect(await call(url, 'hello')).toBe('v1 Ada')
  })

  it('kills what still runs at the second Ctrl-C, and says so', async () => {
    bench.write('hello.ts', hello('v1'))
    const dev = bench.start(['dev', 'hello.ts', '-p', '0'])
    const url = await dev.url()
    const held = call(url, 'hold')
    await dev.line(/^hello \| holding$/)
    const [worker] = await workers(url)
    dev.signal('SIGINT')
    await dev.line(/^waiting for 1 call to end; Ctrl-C again kills$/)
    dev.signal('SIGINT')
    expect((await dev.ended).code).toBe(1)
    expect(await held).toMatchObject({ reason: 'worker_crashed', function: 'hold' })
    expect(isAlive(worker!.pid!)).toBe(false)
    expect(bench.leftovers()).toEqual([])
  })

  it('runs the config of the working directory, reloads only what changed, and says when the config did', async () => {
    bench.write('a/hello.ts', hello('v1'))
    bench.write('b/hello.ts', hello('other'))
    const config = `version: 1
gateway: { listen: 127.0.0.1:0 }
functions:
  one: { entry: a/hello.ts, handler: hello }
  two: { entry: b/hello.ts, handler: hello, workers: 2 }
`
    bench.write('millrace.yaml', config)
    const dev = bench.start(['dev'])
    const url = await dev.url()
    expect([await call(url, 'one'), await call(url, 'two')]).toEqual(['v1 Ada', 'other Ada'])
    const before = await workers(url)
    bench.write('a/hello.ts', hello('v2'))
    await dev.line(/^reloaded one in/)
    expect([await call(url, 'one'), await call(url, 'two')]).toEqual(['v2 Ada', 'other Ada'])
    const pidsOf = (list: WorkerInfo[], program: string) =>
      list.filter((worker) => worker.program === program).map((worker) => worker.pid)
    expect(pidsOf(await workers(url), 'two')).toEqual(pidsOf(before, 'two'))
    bench.write('millrace.yaml', `${config}# more\n`)
    await dev.line(/^millrace.yaml has changed; start millrace dev again to apply it$/)
  })

  it.each([
    ['none.ts', ['dev', 'none.ts'], 'millrace: none.ts: no such file; check the path\n'],
    [
      'a directory without a config',
      ['dev', '.'],
      'millrace: there is no millrace.yaml in .; write one, or name a file: millrace dev hello.ts\n',
    ],
    ['a port that is none', ['dev', 'x.ts', '-p', 'abc'], 'millrace: --port: "abc" is not a port; use 0 to 65535\n'],
  ])('refuses %s with one line', async (_, args, stderr) => {
    bench.write('x.ts', '')
    const ended = await bench.start(args).ended
    expect(ended.stderr).toBe(stderr)
    expect(ended.code).toBe(stderr.includes('--port') ? 2 : 1)
    expect(ended.stdout).toBe('')
  })

  it('names the port that is in use, and the fix', async () => {
    bench.write('hello.ts', hello('v1'))
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const ended = await bench.start(['dev', 'hello.ts', '-p', String(port)]).ended
    other.close()
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(`millrace: port ${port} is in use on 127.0.0.1; `)
    expect(ended.stderr).toContain('--port 0')
  })

  it('refuses to listen where other hosts can call, unless told to', async () => {
    bench.write('hello.ts', hello('v1'))
    const ended = await bench.start(['dev', 'hello.ts', '--listen', '0.0.0.0:0']).ended
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^millrace: 0\.0\.0\.0 can be reached from other hosts.*add --insecure\n$/)
    const dev = bench.start(['dev', 'hello.ts', '--listen', '0.0.0.0:0', '--insecure'])
    expect(await dev.url()).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
  })
})
