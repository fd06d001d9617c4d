/** Starts every program in an engine without a gateway, and ends it: what only a run can find. */
import { ConfigError, type Fault } from '../config/faults.ts'
import type { Program } from '../config/programs.ts'
import { createEngine } from '../engine.ts'
import { LastWords } from './last-words.ts'

/** Programs that don't start, as faults in the order of the config. One worker of each is started, whatever the config keeps. */
export async function startOnce(programs: readonly Program[]): Promise<readonly Fault[]> {
  const words = new LastWords()
  const engine = createEngine({
    programs: programs.map((program) => ({ ...program.options, workers: 1 })),
    onOutput: (program, _, stream, line) => words.heard(program, stream, line),
  })
  try {
    const { failures } = await engine.start()
    const faults = failures.map((failure) => {
      const program = programs.find((one) => one.options.name === failure.program)
      return {
        place: program?.first?.place,
        message: `${failure.program} cannot start: ${words.explain(failure.program, failure.message)}`,
      }
    })
    return new ConfigError(faults).faults
  } finally {
    await engine.stop()
  }
}
