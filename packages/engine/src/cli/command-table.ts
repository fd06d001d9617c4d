/** Every subcommand with its options and an example, as data: parsing, help, completion and suggestions read it. */
import type { OptionSpec } from 'yargs'

export interface CommandSpec {
  /** Its one positional argument, as help shows it: `<name>` must be given, `[file]` may be. Empty: none. */
  readonly positional: string
  readonly positionalDescription: string
  readonly description: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Pairs of a command line and what it does. */
  readonly examples: readonly (readonly [string, string])[]
}

const text = { type: 'string', requiresArg: true } as const
const flag = { type: 'boolean', default: false } as const

const LISTEN: Readonly<Record<string, OptionSpec>> = {
  port: { ...text, alias: 'p', describe: 'Port of the gateway; 0: any free one' },
  listen: { ...text, describe: 'Address and port of the gateway [127.0.0.1:8080]' },
  insecure: { ...flag, describe: 'Allow an address that other hosts can reach, though nobody is asked who they are' },
}
const CONFIG: Readonly<Record<string, OptionSpec>> = {
  config: { ...text, alias: 'c', describe: 'Config file [millrace.yaml]' },
}
const URL: Readonly<Record<string, OptionSpec>> = {
  url: { ...text, describe: 'Where the engine is [$MILLRACE_URL or http://127.0.0.1:8080]' },
}
const OUTPUT: Readonly<Record<string, OptionSpec>> = {
  output: { ...text, alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'Form of the output' },
}

/** The subcommands by name; there are no others but `completion`. */
export const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  dev: {
    positional: '[target]',
    positionalDescription: 'A file with functions, a directory with a config, or a config',
    description: 'Run functions while you write them: reloads on change, one line per call',
    options: { ...CONFIG, ...LISTEN, verbose: { ...flag, alias: 'v', describe: "Show the engine's own log as well" } },
    examples: [
      ['$0 dev hello.ts', 'The functions of one file, without a config'],
      ['$0 dev', 'Those of millrace.yaml here'],
    ],
  },
  start: {
    positional: '[file]',
    positionalDescription: 'Config file [millrace.yaml]',
    description: 'Run the functions of a config in production',
    options: {
      ...CONFIG,
      ...LISTEN,
      'keep-going': { ...flag, describe: 'Stay up when some program cannot start; the engine tries it again' },
      shards: { ...text, describe: 'Engines side by side behind the one port, 1 to 64, or auto [1]' },
      'log-level': {
        ...text,
        choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        default: 'info',
        describe: 'Least level that is logged',
      },
    },
    examples: [
      ['$0 start', 'Serve millrace.yaml until SIGTERM'],
      ['PORT=9000 $0 start app.yaml', 'On port 9000'],
      ['$0 start --shards 4', 'With four engines, each on a core of its own'],
    ],
  },
  invoke: {
    positional: '<name>',
    positionalDescription: 'Name of the function',
    description: 'Call a function of a running engine',
    options: {
      ...URL,
      data: { ...text, alias: 'd', describe: 'Input; @file: of a file; -: of standard input' },
      json: { ...flag, describe: 'The input is JSON' },
      timeout: { ...text, describe: 'Give the call up after this time, such as 500ms' },
      verbose: { ...flag, alias: 'v', describe: 'Tell on standard error where the time went' },
    },
    examples: [
      [`$0 invoke hello -d '"Ada"' --json`, 'Call hello with a JSON text'],
      ['$0 invoke resize -d @photo.jpg > small.jpg', 'Bytes in, bytes out'],
    ],
  },
  list: {
    positional: '',
    positionalDescription: '',
    description: 'Show the functions and workers of a running engine',
    options: { ...URL, ...OUTPUT },
    examples: [['$0 list -o json', 'Functions and workers for a script']],
  },
  check: {
    positional: '[file]',
    positionalDescription: 'Config file [millrace.yaml]',
    description: 'Look for faults in a config and what it needs',
    options: { ...CONFIG, ...OUTPUT, start: { ...flag, describe: 'Start every program once as well, and end it' } },
    examples: [
      ['$0 check', 'Every fault of millrace.yaml, each with its place'],
      ['$0 check --start', 'Also syntax errors and missing exports of the functions'],
    ],
  },
  bench: {
    positional: '',
    positionalDescription: '',
    description: 'Measure on this host what a first call waits for',
    options: {
      cold: { ...flag, describe: 'Cold, prewarmed, forked, paused and warm starts, side by side' },
      ...OUTPUT,
    },
    examples: [['$0 bench --cold', 'Medians over some starts of each kind; takes about half a minute']],
  },
  doctor: {
    positional: '',
    positionalDescription: '',
    description: 'Show which levels of isolation this host can give, and what each costs',
    options: OUTPUT,
    examples: [['$0 doctor', 'Starts a few workers at each level and calls them; takes some seconds']],
  },
  version: {
    positional: '',
    positionalDescription: '',
    description: 'Show versions',
    options: OUTPUT,
    examples: [['$0 version -o json', 'Versions for a script']],
  },
}
