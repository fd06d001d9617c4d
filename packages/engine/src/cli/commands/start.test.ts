import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandBench, type CommandProcess } from '../command-process.ts'

const CONFIG = `version: 1
gateway: { listen: 127.0.0.1:1 }
env: { GREETING: Hello }
functions:
  hello: { entry: hello.ts }
`
const HELLO = `
import { fn } from '@millrace/sdk'
export const hello = fn('hello', (name: string, ctx) => {
  ctx.log.info('greeting', { name })
  console.log('printed')
  return \`\${process.env.GREETING} \${name}\`
})
`

const REQUEST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '"Ada"' }

let bench: CommandBench
beforeEach(() => {
  bench = new CommandBench()
  bench.write('millrace.yaml', CONFIG)
  bench.write('hello.ts', HELLO)
})
afterEach(() => bench.close())

async function readyUrl(start: CommandProcess): Promise<string> {
  return JSON.parse(await start.line(/"msg":"ready"/)).url
}

describe('millrace start', () => {
  it('serves the config on PORT, logs JSON lines, and drains at SIGTERM', async () => {
    const start = bench.start(['start'], { PORT: '0' })
    const url = await readyUrl(start)
    const answer = await fetch(`${url}/function/hello`, REQUEST)
    expect(await answer.json()).toBe('Hello Ada')
    await start.line(/"msg":"printed"/)
    expect(JSON.parse(await start.line(/"msg":"greeting"/))).toMatchObject({
      level: 30,
      program: 'hello',
      function: 'hello',
      attributes: { name: 'Ada' },
    })
    start.signal('SIGTERM')
    const { code, stdout, stderr } = await start.ended
    expect([code, stderr]).toEqual([0, ''])
    const last = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg)
      .slice(-2)
    expect(last).toEqual(['draining', 'ended'])
    expect(bench.leftovers()).toEqual([])
  })

  it('ends with 1 and a line for each program that cannot start', async () => {
    bench.write('millrace.yaml', `${CONFIG}  bye: { entry: hello.ts }\n  sh: { command: [sh, -c, "exit 5"] }\n`)
    const { code, stderr } = await bench.start(['start', '-p', '0']).ended
    expect(code).toBe(1)
    const lines = stderr.trimEnd().split('\n').sort()
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^millrace: hello cannot start: .*does not serve bye/)
    expect(lines[1]).toMatch(/^millrace: sh cannot start: .*code 5/)
  })

  it('stays up for the others with --keep-going', async () => {
    bench.write('millrace.yaml', `${CONFIG}  sh: { command: [sh, -c, "exit 5"] }\n`)
    const start = bench.start(['start', '-p', '0', '--keep-going'])
    const url = await readyUrl(start)
    await start.line(/sh cannot start/)
    expect((await fetch(`${url}/function/hello`, REQUEST)).status).toBe(200)
  })

  it('lists every fault of the config and of what it needs, with its place', async () => {
    bench.write('millrace.yaml', `${CONFIG}  a: { entry: hello.ts, tiemout: 1s }\n  b: { workers: 0 }\n`)
    const first = await bench.start(['start']).ended
    expect([first.code, first.stdout]).toEqual([1, ''])
    expect(first.stderr).toBe(
      [
        'millrace: millrace.yaml:6:25: unknown key "tiemout" in functions.a; did you mean "timeout"?',
        'millrace: millrace.yaml:7:3: functions.b needs an entry (a file) or a command',
        'millrace: millrace.yaml:7:17: functions.b.workers must be a whole number from 1 to 256, or a range such as { min: 1, max: 8 }, not 0',
        '',
      ].join('\n'),
    )
    bench.write('millrace.yaml', `${CONFIG}  a: { entry: none.ts }\n  b: { command: [no-such-interpreter] }\n`)
    const second = await bench.start(['start']).ended
    expect(second.code).toBe(1)
    expect(second.stderr).toBe(
      [
        `millrace: millrace.yaml:6:8: functions.a.entry: ${bench.directory}/none.ts: no such file; check the path`,
        'millrace: millrace.yaml:7:8: functions.b.command: no-such-interpreter is not on the PATH; install it, or write its full path',
        '',
      ].join('\n'),
    )
  })
})
