/** The floor in C++: built from `relay/` when its source is newer, run as one program that starts its own processes. */
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { MEASURE_LIMIT_MS } from './limits.ts'
import type { Measurement } from './measurement.ts'
import { commandAt, type Place } from './place.ts'
import { measurementOf } from './samples.ts'

const SOURCE = join(import.meta.dirname, 'relay')
const FLAGS = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Wconversion']

export interface FloorLoad {
  /** `relay`: caller, relay, callee, relay, caller. `pipe`: there and back. `chain`: through several callees, each with the relay before it. */
  readonly kind: 'relay' | 'pipe' | 'chain'
  /** How the relay waits. Blocking reads can only serve one message at a time. Default epoll. */
  readonly wait?: 'epoll' | 'block'
  readonly count: number
  readonly warmUp: number
  readonly inFlight: number
  /** Calls of a chain. Default 8. */
  readonly steps?: number
  /** Messages per second at which they are due, each timed from then on. Default: the next one when one is back. */
  readonly perSecond?: number
}

/** What the program prints. */
interface Printed {
  readonly elapsedNs: number
  readonly relayCpuUs: number
  readonly samplesNs: readonly number[]
}

export class Floor {
  readonly #program: string

  private constructor(program: string) {
    this.#program = program
  }

  /** Compiles it into `folder` with `$CXX`, or g++. */
  static async build(folder: string): Promise<Floor> {
    mkdirSync(folder, { recursive: true })
    const program = join(folder, 'relay-floor')
    const sources = readdirSync(SOURCE).map((name) => join(SOURCE, name))
    const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (sources.some((path) => statSync(path).mtimeMs > built)) {
      const units = sources.filter((path) => path.endsWith('.cpp'))
      await runCommand([process.env.CXX ?? 'g++', ...FLAGS, ...units, '-o', program])
    }
    return new Floor(program)
  }

  async measure(place: Place, load: FloorLoad): Promise<Measurement> {
    const words = [
      ...[load.kind, '--count', load.count, '--warm-up', load.warmUp, '--in-flight', load.inFlight].map(String),
      ...(load.steps === undefined ? [] : ['--steps', String(load.steps)]),
      ...(load.perSecond === undefined ? [] : ['--per-second', String(load.perSecond)]),
      ...['--wait', load.wait ?? 'epoll', '--limit-seconds', String(MEASURE_LIMIT_MS / 1e3)],
    ]
    const printed = await runCommand(commandAt(place, [this.#program, ...words]))
    const { elapsedNs, relayCpuUs, samplesNs } = JSON.parse(printed) as Printed
    const times = measurementOf(Uint32Array.from(samplesNs), elapsedNs)
    return load.kind === 'relay' ? { ...times, middleCpuUs: relayCpuUs } : times
  }
}
