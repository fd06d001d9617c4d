import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandBench } from '../command-process.ts'

const BIN = fileURLToPath(new URL('../../../../../bin/millrace', import.meta.url))

let bench: CommandBench
beforeEach(() => {
  bench = new CommandBench()
  bench.write('hello.ts', `import { fn } from '@millrace/sdk'\nexport const hello = fn('hello', () => 1)\n`)
})
afterEach(() => bench.close())

const config = (functions: string) => bench.write('millrace.yaml', `version: 1\nfunctions:\n${functions}`)

describe('millrace check', () => {
  it('says ok, to people and to scripts', async () => {
    config('  hello: { entry: hello.ts }\n')
    expect(await bench.start(['check', '--start']).ended).toEqual({
      code: 0,
      stdout: 'millrace.yaml: ok (1 function)\n',
      stderr: '',
    })
    expect((await bench.start(['check', '-o', 'json']).ended).stdout).toBe('{"ok":true,"faults":[]}\n')
  })

  it('gives each fault its place, to people and to scripts', async () => {
    config('  hello: { entry: hello.ts, worker: 1 }\n')
    const message = 'unknown key "worker" in functions.hello; did you mean "workers"?'
    const people = await bench.start(['check']).ended
    expect(people).toEqual({ code: 1, stdout: '', stderr: `millrace: millrace.yaml:3:29: ${message}\n` })
    const { code, stdout } = await bench.start(['check', '-o', 'json']).ended
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ ok: false, faults: [{ file: 'millrace.yaml', line: 3, column: 29, message }] })
  })

  it('finds missing exports and syntax errors by starting every program', async () => {
    config('  a: { entry: hello.ts, handler: helo }\n  b: { entry: broken.ts }\n')
    bench.write('broken.ts', 'export const = 1')
    expect((await bench.start(['check']).ended).code).toBe(0)
    const { code, stderr } = await bench.start(['check', '--start']).ended
    expect(code).toBe(1)
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^millrace: millrace\.yaml:3:3: a cannot start: .*"helo"/)
    expect(lines[1]).toMatch(/^millrace: millrace\.yaml:4:3: b cannot start: .*SyntaxError/)
  })
})

describe('bin/millrace', () => {
  it('runs from anywhere through a link, in the directory it was called in', async () => {
    symlinkSync(BIN, join(bench.directory, 'link'))
    config('  hello: { entry: hello.ts }\n')
    expect((await bench.run([join(bench.directory, 'link'), 'check']).ended).stdout).toBe(
      'millrace.yaml: ok (1 function)\n',
    )
  })

  it('writes nothing but the data to standard output', async () => {
    const { code, stdout } = await bench.run([BIN, 'version', '-o', 'json']).ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ protocol: 1, node: process.versions.node })
  })

  it('prints a completion script that asks for the commands', async () => {
    const { code, stdout } = await bench.run([BIN, 'completion'], { SHELL: '/bin/bash' }).ended
    expect(code).toBe(0)
    expect(stdout).toContain('millrace --get-yargs-completions')
    const asked = await bench.run([BIN, '--get-yargs-completions', 'millrace', 'sta']).ended
    expect(asked.stdout.split('\n')).toContain('start')
  })
})
