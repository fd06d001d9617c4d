/** The part of yargs 18 that the command uses; the package brings no types of its own. */
declare module 'yargs' {
  export interface OptionSpec {
    readonly alias?: string
    readonly type?: 'string' | 'number' | 'boolean'
    readonly describe?: string
    readonly choices?: readonly string[]
    readonly default?: unknown
    readonly defaultDescription?: string
    readonly requiresArg?: boolean
  }

  export interface Argv {
    scriptName(name: string): Argv
    usage(text: string): Argv
    locale(name: string): Argv
    exitProcess(enabled: boolean): Argv
    strict(): Argv
    demandCommand(least: number, most: number, lessMessage: string): Argv
    parserConfiguration(settings: Readonly<Record<string, boolean>>): Argv
    command(name: string, description: string, builder: (yargs: Argv) => Argv): Argv
    positional(name: string, spec: OptionSpec): Argv
    option(name: string, spec: OptionSpec): Argv
    example(command: string, description: string): Argv
    epilogue(text: string): Argv
    completion(command: string, description: string): Argv
    version(enabled: false): Argv
    help(name: string, description: string): Argv
    alias(name: string, other: string): Argv
    wrap(columns: number | null): Argv
    fail(listener: (message: string | null, error: Error | undefined) => void): Argv
    parseAsync(
      argv: readonly string[],
      context: Readonly<Record<string, unknown>>,
      done: (error: Error | undefined, args: unknown, output: string) => void,
    ): Promise<Readonly<Record<string, unknown>>>
    getHelp(): Promise<string>
  }

  export default function yargs(argv: readonly string[]): Argv
}
