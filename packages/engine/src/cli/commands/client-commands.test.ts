import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandBench, type Ended } from '../command-process.ts'

const FUNCTIONS = `
import { existsSync, watch } from 'node:fs'
import { fn, MillraceError } from '@millrace/sdk'
export const hello = fn('hello', (name: string) => \`Hello \${name}\`)
export const broken = fn('broken', (): string => { throw new Error('no way') })
export const forever = fn('forever', () => new Promise<string>(() => {}))
export const half = fn.stream('half', async function* () {
  const broken = new Promise((resolve) => watch('.', () => existsSync('break') && resolve(undefined)).unref())
  yield new TextEncoder().encode('begun\\n')
  await broken
  throw new Error('broken off')
})
export const size = fn.bytes('size', (input) => new TextEncoder().encode(String(input.length)))
`

let bench: CommandBench
let url: string
beforeAll(async () => {
  bench = new CommandBench()
  bench.write('functions.ts', FUNCTIONS)
  url = await bench.start(['dev', 'functions.ts', '-p', '0']).url()
})
afterAll(() => bench.close())

function run(...args: string[]): Promise<Ended> {
  return bench.start(args, { MILLRACE_URL: url }).ended
}

describe('millrace invoke', () => {
  it('writes the output to standard output and nothing else', async () => {
    expect(await run('invoke', 'hello', '-d', '"Ada"', '--json')).toEqual({
      code: 0,
      stdout: '"Hello Ada"',
      stderr: '',
    })
  })

  it('tells on standard error where the time went, with -v', async () => {
    const { stdout, stderr } = await run('invoke', 'hello', '-d', '"Ada"', '-v')
    expect(stdout).toBe('"Hello Ada"')
    expect(stderr).toMatch(/^\S+ ms seen from here; engine: queue;dur=.*, run;dur=.*, total;dur=.*\n$/)
  })

  it('takes the input from a file, from standard input, or none', async () => {
    bench.write('input.bin', 'x'.repeat(100_000))
    expect((await run('invoke', 'size', '-d', '@input.bin')).stdout).toBe('100000')
    const piped = bench.start(['invoke', 'size', '-d', '-', '--url', url]).input('12345')
    expect((await piped.ended).stdout).toBe('5')
    expect((await run('invoke', 'size')).stdout).toBe('0')
  })

  it.each([
    ['a function that throws', ['broken'], 3, 'broken: handler_error: no way\n'],
    ['a name that is none', ['helo'], 3, 'helo: not_found: there is no function "helo"; did you mean "hello"?\n'],
    [
      'an input that is not JSON',
      ['hello', '--json', '-d', 'Ada'],
      2,
      /^millrace: the input is not JSON .* a text needs quotes of its own: -d '"Ada"'\n$/,
    ],
    [
      'a time without a unit',
      ['hello', '--timeout', '5'],
      2,
      'millrace: --timeout: "5" has no unit; write 5ms or 5s\n',
    ],
    ['a call that takes too long', ['forever', '--timeout', '20ms'], 3, /^forever: deadline_exceeded: .*\n$/],
    ['a file that is not there', ['size', '-d', '@none'], 1, 'millrace: -d @none: no such file; check the path\n'],
    ['a directory as input', ['size', '-d', '@.'], 1, 'millrace: -d @.: a directory, not a file; check the path\n'],
  ])('ends as it should for %s', async (_, args, code, stderr) => {
    const ended = await run('invoke', ...args)
    expect(ended.stderr).toMatch(stderr)
    expect([ended.code, ended.stdout]).toEqual([code, ''])
  })
})

describe('millrace invoke, when an output breaks off', () => {
  it('keeps what came, says so, and ends with 3', async () => {
    const invoke = bench.start(['invoke', 'half', '--url', url])
    await invoke.line(/^begun$/)
    bench.write('break', '')
    const { code, stdout, stderr } = await invoke.ended
    expect(stdout).toBe('begun\n')
    expect(stderr).toMatch(/^half: the output broke off: .*\n$/)
    expect(code).toBe(3)
  })
})

describe('millrace list', () => {
  it('shows functions and workers as a table', async () => {
    const { code, stdout } = await run('list')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^FUNCTION +PROGRAM +RUNNING +WAITING +OK +FAILED +TIMEOUT\n/)
    expect(stdout).toMatch(/\nhello +functions +\d+ +0 +\d+ +\d+ +60\.0 s\n/)
    expect(stdout).toMatch(
      /\n\nWORKER +PROGRAM +PID +STATE +CALLS +SOFTWARE\n +1 +functions +\d+ +ready +\d+\/\d+ +@millrace\/sdk /,
    )
  })

  it('gives all of it to scripts', async () => {
    const { functions, workers } = JSON.parse((await run('list', '-o', 'json')).stdout)
    expect(functions.map((one: { name: string }) => one.name).sort()).toEqual([
      'broken',
      'forever',
      'half',
      'hello',
      'size',
    ])
    expect(workers).toMatchObject([{ program: 'functions', state: 'ready' }])
  })

  it('says that something else answers', async () => {
    const other = createServer((_, response) => response.end('{}'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const ended = await bench.start(['list', '--url', origin]).ended
    other.close()
    expect(ended.stderr).toBe(`millrace: what answers at ${origin} is no Millrace engine; name yours by --url\n`)
    expect(ended.code).toBe(1)
  })

  it.each([['list'], ['invoke', 'hello']])('says how to start an engine when none answers: %s', async (...args) => {
    const ended = await bench.start([...args, '--url', 'http://127.0.0.1:1']).ended
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'millrace: no engine answers at http://127.0.0.1:1; start one by "millrace dev" or "millrace start", or name another by --url\n',
    })
  })
})
