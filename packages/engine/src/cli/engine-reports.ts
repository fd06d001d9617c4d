/** What an engine reports of its workers, as lines of the log. */
import type { Logger } from 'pino'
import type { EngineOptions } from '../options.ts'
import { LastWords } from './last-words.ts'

/** The reports of one engine, and what its workers said before they were ready. */
export class EngineReports {
  readonly words = new LastWords()
  readonly options: Required<Pick<EngineOptions, 'log' | 'onOutput' | 'onLog'>>
  #starting = true

  constructor(log: Logger) {
    this.options = {
      log,
      onOutput: (program, workerId, stream, line) => {
        if (this.#starting) this.words.heard(program, stream, line)
        if (stream === 'stderr') log.warn({ program, workerId, stream }, line)
        else log.info({ program, workerId, stream }, line)
      },
      onLog: ({ level, message, attributes, program, workerId, callId, function: name, traceId }) =>
        log[level]({ program, workerId, callId, function: name, traceId, attributes }, message),
    }
  }

  /** The engine has started. Returns a line for each program that could not start. */
  started(failures: readonly { readonly program: string; readonly message: string }[]): string[] {
    this.#starting = false
    return failures.map(({ program, message }) => `${program} cannot start: ${this.words.explain(program, message)}`)
  }
}
