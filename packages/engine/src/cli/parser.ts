/** Command line to subcommand and options, or a text to print; yargs does the parsing. */
import yargs, { type Argv } from 'yargs'
import { nearest } from '../config/faults.ts'
import { COMMANDS, type CommandSpec } from './command-table.ts'
import { CommandError, ExitCode } from './exit-code.ts'
import { usageMessage } from './usage-message.ts'

/** What the command line asks for. */
export type Request =
  | { readonly command: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly text: string }

/** Widest help text, in columns. */
const HELP_COLUMNS_MAX = 120

/** Reads `argv` (without the program). Throws `CommandError` with `ExitCode.usage` for what makes no sense. */
export async function parseCommandLine(argv: readonly string[], columns: number | undefined): Promise<Request> {
  const parser = build(argv, columns)
  if (argv.length === 0) throw new CommandError(`name a command\n\n${await parser.getHelp()}`, ExitCode.usage)
  const word = argv[0]!
  if (word === '--version' || word === '-V') return parseCommandLine(['version', ...argv.slice(1)], columns)
  if (!word.startsWith('-') && !Object.hasOwn(COMMANDS, word) && word !== 'completion') throw unknownCommand(word)
  let printed: string | undefined
  const args = await parser.parseAsync(argv, {}, (_, __, output) => {
    if (output !== '') printed = output
  })
  return printed === undefined ? { command: String((args._ as unknown[])[0]), args } : { text: printed }
}

function unknownCommand(word: string): CommandError {
  const suggestion = nearest(word, [...Object.keys(COMMANDS), 'completion'])
  // `millrace hello.ts` is what a newcomer tries first.
  const fix =
    suggestion !== undefined
      ? `did you mean "${suggestion}"?`
      : /\.[cm]?[jt]s$|\.ya?ml$/.test(word)
        ? `to run it: millrace dev ${word}`
        : 'see: millrace --help'
  return new CommandError(`unknown command "${word}"; ${fix}`, ExitCode.usage)
}

function build(argv: readonly string[], columns: number | undefined): Argv {
  let parser = yargs(argv)
    .scriptName('millrace')
    .locale('en')
    .usage('millrace: functions at microsecond scale\n\nUsage: $0 <command>')
    .completion('completion', 'Print a completion script for bash or zsh')
    .example('$0 dev hello.ts', 'Run the functions of one file')
    .example('$0 completion >> ~/.bashrc', 'Complete commands and options by Tab')
    .epilogue('Exit codes: 0 ok, 1 failure, 2 usage, 3 the called function failed.')
    .demandCommand(1, 1, 'name a command')
    .strict()
    .version(false)
    .help('help', 'Show help')
    .alias('help', 'h')
    .wrap(Math.min(columns ?? 100, HELP_COLUMNS_MAX))
    // Ports, durations and payloads are texts: `-d 007` must not become 7. Nor may a dot in an option make an object.
    .parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false, 'dot-notation': false })
    .exitProcess(false)
    .fail((message, error) => {
      if (error !== undefined && error.name !== 'YError') throw error
      throw new CommandError(usageMessage(error?.message ?? message ?? '', argv), ExitCode.usage)
    })
  for (const [name, spec] of Object.entries(COMMANDS)) {
    parser = parser.command(`${name} ${spec.positional}`.trim(), spec.description, (y) => declare(y, spec))
  }
  return parser
}

function declare(y: Argv, spec: CommandSpec): Argv {
  let parser = y
  if (spec.positional !== '') {
    parser = parser.positional(spec.positional.slice(1, -1), { type: 'string', describe: spec.positionalDescription })
  }
  for (const [name, option] of Object.entries(spec.options)) parser = parser.option(name, option)
  for (const [line, meaning] of spec.examples) parser = parser.example(line, meaning)
  return parser
}
