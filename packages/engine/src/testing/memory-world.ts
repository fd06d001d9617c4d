import { seededRandom } from '../local-world.ts'
import { systemClock } from '../observe/clock.ts'
import type { Clock, World } from '../world.ts'
import type { MemoryFiles } from './memory-files.ts'
import { MemoryLauncher, type MemoryProgram } from './memory-launcher.ts'
import type { MemoryPipeOptions } from './memory-pipe.ts'
import type { Later } from './schedule.ts'

/** What a memory world is made of. */
export interface MemoryWorldOptions {
  /** What to run for each program's name. */
  readonly programs: Readonly<Record<string, MemoryProgram>>
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: `setImmediate`. */
  readonly later?: Later
  readonly pipe?: MemoryPipeOptions
  /** Where payload files lie. Default: there are none. */
  readonly payloads?: MemoryFiles
  /** Seed of ids and tokens. Default 1. */
  readonly seed?: number
}

/** A world without processes and pipes of the OS: an engine in it starts its workers as functions of this process. */
export function createMemoryWorld(options: MemoryWorldOptions): World & { readonly launcher: MemoryLauncher } {
  const later: Later = options.later ?? ((run) => void setImmediate(run))
  const launcher = new MemoryLauncher(later, options.programs, options.pipe, options.payloads)
  return {
    clock: options.clock ?? systemClock,
    random: seededRandom([options.seed ?? 1, 2, 3, 4]),
    soon: later,
    next: later,
    openLauncher: () => Promise.resolve(launcher),
    launcher,
  }
}
