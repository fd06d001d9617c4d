/** What yargs has against a command line, in our words and with the fix. Pure. */
import { nearest } from '../config/faults.ts'
import { COMMANDS } from './command-table.ts'

/** One line. yargs tells its faults apart by their text alone; one that is not known here is passed on. */
export function usageMessage(message: string, argv: readonly string[]): string {
  const command = argv[0] ?? ''
  const spec = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  const help = `see: millrace ${spec === undefined ? '' : `${command} `}--help`
  const text = message.replaceAll(/\s*\n\s*/g, ' ').trim()

  const unknown = /^Unknown arguments?: ([^,]+)/.exec(text)?.[1]
  if (unknown !== undefined) {
    const option = argv.find((word) => word.startsWith('-') && word.replace(/^-+/, '').split('=', 1)[0] === unknown)
    if (option === undefined) return `"${unknown}" is one argument too many; ${help}`
    const given = option.split('=', 1)[0]
    const suggestion = nearest(unknown, [...Object.keys(spec?.options ?? {}), 'help'])
    return `unknown option ${given}; ${suggestion === undefined ? help : `did you mean --${suggestion}?`}`
  }
  const choice = /^Invalid values: Argument: ([\w-]+), Given: "(.*)", Choices: (.*)$/.exec(text)
  if (choice !== null) return `--${choice[1]}: "${choice[2]}" is none of ${choice[3]!.replaceAll('"', '')}`
  const lonely = /^Not enough arguments following: ([\w-]+)/.exec(text)?.[1]
  if (lonely !== undefined) return `${lonely.length === 1 ? '-' : '--'}${lonely} needs a value; ${help}`
  if (/^Not enough non-option arguments/.test(text) && spec !== undefined) {
    return `${spec.positional} is missing; for example: ${spec.examples[0]![0].replace('$0', 'millrace')}`
  }
  return `${text}; ${help}`
}
