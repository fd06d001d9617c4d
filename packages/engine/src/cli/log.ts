/** The engine's log: JSON lines for machines, coloured text for people. */
import { type Level, type Logger, pino } from 'pino'

export interface LogSettings {
  /** Least level that is written. */
  readonly level: Level | 'silent'
  /** Descriptor: 1 for standard output, 2 for standard error. */
  readonly to: 1 | 2
  readonly pretty: boolean
  readonly colors: boolean
  /** Number of the engine, where there are several: each line has it as `shard`. */
  readonly shard?: number | undefined
}

/** Writes each line before the call returns, so that the last words of a process are never lost. */
export async function makeLog({ level, to, pretty, colors, shard }: LogSettings): Promise<Logger> {
  const base = shard === undefined ? null : { shard }
  const settings = { level, base, timestamp: pino.stdTimeFunctions.isoTime } as const
  if (!pretty) return pino(settings, pino.destination({ dest: to, sync: true }))
  const { PinoPretty } = await import('pino-pretty')
  return pino(settings, PinoPretty({ colorize: colors, destination: to, sync: true }))
}
