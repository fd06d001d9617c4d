#!/usr/bin/env node
/** The street door of the `millrace` command: command line to exit code. Loads only the subcommand that is asked for. */
import { CommandError, ExitCode } from './exit-code.ts'
import { parseCommandLine } from './parser.ts'
import { Terminal } from './terminal.ts'

type Args = Readonly<Record<string, unknown>>

async function run(command: string, args: Args, terminal: Terminal): Promise<ExitCode> {
  const take = await import('./options.ts')
  switch (command) {
    case 'dev':
      return (await import('./commands/dev.ts')).dev(take.devArgs(args), terminal)
    case 'start':
      return (await import('./commands/start.ts')).start(take.startArgs(args), terminal)
    case 'invoke':
      return (await import('./commands/invoke.ts')).invoke(take.invokeArgs(args), terminal)
    case 'list':
      return (await import('./commands/list.ts')).list(take.listArgs(args), terminal)
    case 'check':
      return (await import('./commands/check.ts')).check(take.checkArgs(args), terminal)
    case 'bench':
      return (await import('./commands/bench.ts')).bench(take.benchArgs(args), terminal)
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(take.doctorArgs(args), terminal)
    case 'version':
      return (await import('./commands/version.ts')).version(take.versionArgs(args), terminal)
    default:
      throw new CommandError(`unknown command: ${command}; see: millrace --help`, ExitCode.usage)
  }
}

async function main(): Promise<ExitCode> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env)
  try {
    const request = await parseCommandLine(process.argv.slice(2), process.stdout.columns)
    if ('command' in request) return await run(request.command, request.args, terminal)
    terminal.line(request.text)
    return ExitCode.ok
  } catch (error) {
    if (error instanceof CommandError) {
      terminal.error(error.message)
      return error.exitCode
    }
    if (error instanceof Error && error.name === 'ConfigError') {
      for (const line of error.message.split('\n')) terminal.error(line)
      return ExitCode.failure
    }
    throw error // A fault of ours: its stack is what its finder needs.
  }
}

// A reader that has seen enough (`millrace list | head -1`) or a terminal that was closed is no fault: what is left to
// say is dropped, and what has to be ended in order still is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

// Not `process.exit`: standard output may be a pipe with more to take.
process.exitCode = await main()
