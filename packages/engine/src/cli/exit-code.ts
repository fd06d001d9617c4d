/** How the command ends, for scripts. */
export const ExitCode = {
  ok: 0,
  /** Something that was asked for could not be done. */
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** `invoke`: the engine answered, and the call failed. */
  functionFailed: 3,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** Ends the command with one line for people, which names the trouble and the fix. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = ExitCode.failure) {
    super(message)
    this.exitCode = exitCode
  }
}
