import { describe, expect, it } from 'vitest'
import { COMMANDS } from './command-table.ts'
import { CommandError, ExitCode } from './exit-code.ts'
import { checkArgs, devArgs, invokeArgs, startArgs } from './options.ts'
import { parseCommandLine } from './parser.ts'

async function argsOf(...argv: string[]) {
  const request = await parseCommandLine(argv, 80)
  if ('text' in request) throw new Error(`a text came: ${request.text}`)
  return request.args
}

async function refusal(...argv: string[]): Promise<string> {
  const error = await parseCommandLine(argv, 80).then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(CommandError)
  expect(error.exitCode).toBe(ExitCode.usage)
  return error.message
}

describe('parseCommandLine', () => {
  it('keeps ports, durations and payloads as the texts they are', async () => {
    expect(invokeArgs(await argsOf('invoke', 'f', '-d', '007', '--timeout', '1e3'))).toEqual({
      name: 'f',
      data: '007',
      json: false,
      timeout: '1e3',
      url: undefined,
      verbose: false,
    })
    expect(devArgs(await argsOf('dev', '1.ts', '--port', '0'))).toMatchObject({ target: '1.ts', port: '0' })
    expect(invokeArgs(await argsOf('invoke', 'f', '-d', '-')).data).toBe('-')
  })

  it('takes the last of an option given twice', async () => {
    expect(devArgs(await argsOf('dev', '--port', '1', '-p', '2')).port).toBe('2')
  })

  it('takes a config as argument or by --config', async () => {
    expect(startArgs(await argsOf('start', 'a.yaml')).config).toBe('a.yaml')
    expect(startArgs(await argsOf('start', '-c', 'b.yaml')).config).toBe('b.yaml')
    expect(checkArgs(await argsOf('check', 'a.yaml', '-o', 'json'))).toEqual({
      config: 'a.yaml',
      start: false,
      output: 'json',
    })
  })

  it.each(Object.keys(COMMANDS))('has help with an example for %s', async (name) => {
    const request = await parseCommandLine([name, '--help'], 100)
    expect(request).toHaveProperty('text', expect.stringContaining('Examples:'))
    expect(request).toHaveProperty('text', expect.stringContaining(`millrace ${name}`))
  })

  it('takes --version as the command', async () => {
    expect(await parseCommandLine(['--version'], 80)).toMatchObject({ command: 'version' })
  })

  it.each([
    [['vresion'], 'unknown command "vresion"; did you mean "version"?'],
    [['hello.ts'], 'unknown command "hello.ts"; to run it: millrace dev hello.ts'],
    [['toString'], 'unknown command "toString"; see: millrace --help'],
    [['list', '--ouput', 'json'], 'unknown option --ouput; did you mean --output?'],
    [['start', '--prot=9'], 'unknown option --prot; did you mean --port?'],
    [['version', 'x'], '"x" is one argument too many; see: millrace version --help'],
    [['list', '-o', 'xml'], '--output: "xml" is none of table, json'],
    [['list', '--url'], '--url needs a value; see: millrace list --help'],
    [['invoke'], `<name> is missing; for example: millrace invoke hello -d '"Ada"' --json`],
  ])('refuses %j and says how it is meant', async (argv, message) => {
    expect(await refusal(...argv)).toBe(message)
  })

  it('shows the whole help when no command is named', async () => {
    expect(await refusal()).toMatch(/^name a command\n\n.*Usage: millrace <command>.*Exit codes: 0 ok/s)
  })
})
