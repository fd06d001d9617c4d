/** Facts of the machine that a figure can't be read without. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly arch: string
  readonly kernel: string
  readonly memoryMiB: number
  readonly node: string
  readonly compiler: string
  /** Commit of the code that was measured; a plus: with changes on top. `unknown` without git. */
  readonly commit: string
}

export function machineFacts(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    arch: arch(),
    kernel: `${type()} ${release()}`,
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    node: process.version,
    compiler: firstLine(process.env.CXX ?? 'g++', '--version'),
    commit: commit(),
  }
}

/** Time of all cores since the machine began, in ticks. */
export interface CoreTicks {
  readonly total: number
  readonly idle: number
  /** Taken by the host while this machine wanted to run. */
  readonly steal: number
}

export function coreTicks(): CoreTicks {
  const words = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number)
  return { total: words.reduce((sum, ticks) => sum + ticks, 0), idle: words[3]! + words[4]!, steal: words[7]! }
}

/** How busy the machine was during the run, by whomever. */
export interface Weather {
  /** Share of all cores' time that the host took, 0 to 1. */
  readonly steal: number
  /** Cores busy on average, this bench included. */
  readonly coresBusy: number
  /** Processes that wanted to run, on average over the last minute, when the bench began. */
  readonly loadAtStart: number
}

/** Watches from now on; the function returned tells of the time since. */
export function watchWeather(): () => Weather {
  const before = coreTicks()
  const loadAtStart = loadavg()[0]!
  return () => {
    const after = coreTicks()
    const total = Math.max(after.total - before.total, 1)
    const steal = (after.steal - before.steal) / total
    return { steal, coresBusy: (1 - (after.idle - before.idle) / total) * cpus().length, loadAtStart }
  }
}

function commit(): string {
  const head = firstLine('git', 'rev-parse', '--short=12', 'HEAD')
  return head !== 'unknown' && firstLine('git', 'status', '--porcelain') !== '' ? `${head}+` : head
}

function firstLine(program: string, ...words: readonly string[]): string {
  try {
    const said = execFileSync(program, words, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
    return said.toString().split('\n', 1)[0]!
  } catch {
    return 'unknown' // Not there, or not a checkout: the facts say so.
  }
}
