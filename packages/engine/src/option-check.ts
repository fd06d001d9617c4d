/** EngineOptions → all of them set, or an error that names the faulty one. Pure. */
import { BODY_BYTES, isFunctionName, RING_POLL_US_MAX } from '@millrace/protocol'
import * as limits from './base/limits.ts'
import { ISOLATION_LEVELS, type Isolation } from './isolation/level.ts'
import type { Affinity, EngineOptions, ProgramOptions, WorkerRange } from './options.ts'

const AFFINITIES: readonly Affinity[] = ['pack', 'spread', 'auto']

/** An option is missing or out of its range. `option` is its path, such as `programs[0].workers`. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
  readonly option: string

  constructor(option: string, message: string) {
    super(`${option}: ${message}`)
    this.option = option
  }
}

/** The numbers that `EngineOptions` leaves open, filled in. */
export interface Settings {
  readonly timeoutUs: number
  readonly payloadBytesMax: number
  /** See `PayloadFileOptions.fromBytes`. */
  readonly fileBytesMin: number
  readonly queueMax: number
  readonly queueWaitUs: number
  readonly callsMax: number
  readonly depthMax: number
  readonly handshakeTimeoutUs: number
  readonly drainTimeoutUs: number
  readonly stuckGraceUs: number
}

/** Checks the options. Throws an OptionError for the first fault. */
export function checkOptions(options: EngineOptions): Settings {
  const names = new Set<string>()
  const functions = new Map<string, string>()
  for (const [i, program] of options.programs.entries()) {
    const path = `programs[${i}]`
    if (!isFunctionName(program.name))
      throw new OptionError(`${path}.name`, `${JSON.stringify(program.name)} is no name`)
    if (names.has(program.name)) throw new OptionError(`${path}.name`, `${program.name} is used twice`)
    names.add(program.name)
    if (program.command.length === 0) throw new OptionError(`${path}.command`, 'is empty')
    checkWorkers(`${path}.workers`, program.workers)
    checkFork(`${path}.fork`, program)
    range(`${path}.concurrency`, program.concurrency, 1, limits.WORKER_CALLS_MAX)
    checkIsolation(`${path}.isolation`, program.isolation)
    for (const [j, fn] of (program.functions ?? []).entries()) {
      const at = `${path}.functions[${j}]`
      if (!isFunctionName(fn.name))
        throw new OptionError(`${at}.name`, `${JSON.stringify(fn.name)} is no function name`)
      const other = functions.get(fn.name)
      if (other !== undefined) throw new OptionError(`${at}.name`, `${fn.name} is served by ${other} already`)
      functions.set(fn.name, program.name)
      range(`${at}.timeoutUs`, fn.timeoutUs, 0, 0xffff_ffff)
      range(`${at}.queueMax`, fn.queueMax, 0, 0xffff_ffff)
      range(`${at}.queueWaitUs`, fn.queueWaitUs, 0, 0xffff_ffff)
    }
  }
  for (const [i, peer] of (options.peers?.peers ?? []).entries()) {
    for (const [j, { name }] of peer.functions.entries()) {
      const at = `peers.peers[${i}].functions[${j}].name`
      if (!isFunctionName(name)) throw new OptionError(at, `${JSON.stringify(name)} is no function name`)
      const other = functions.get(name)
      if (other !== undefined) throw new OptionError(at, `${name} is served by ${other} already`)
      functions.set(name, `shard ${peer.index}`)
    }
  }
  for (const [i, { runtime, command, workers, isolation }] of (options.prewarm ?? []).entries()) {
    if (command.length === 0) throw new OptionError(`prewarm[${i}].command`, 'is empty')
    if (runtime === '') throw new OptionError(`prewarm[${i}].runtime`, 'is empty')
    range(`prewarm[${i}].workers`, workers, 1, limits.WORKERS_PER_PROGRAM_MAX)
    checkIsolation(`prewarm[${i}].isolation`, isolation)
  }
  const { affinity } = options
  if (affinity !== undefined && !AFFINITIES.includes(affinity)) {
    throw new OptionError('affinity', `${affinity} is not one of ${AFFINITIES.join(', ')}`)
  }
  if (typeof options.rings === 'object') range('rings.spinUs', options.rings.spinUs, 1, RING_POLL_US_MAX)
  return {
    timeoutUs: range('timeoutUs', options.timeoutUs, 0, 0xffff_ffff) ?? limits.TIMEOUT_US_DEFAULT,
    payloadBytesMax:
      range('payloadBytesMax', options.payloadBytesMax, 960, 0xffff_fffe) ?? limits.PAYLOAD_BYTES_MAX_DEFAULT,
    fileBytesMin: fileBytesMin(options.payloadFiles),
    queueMax: range('queueMax', options.queueMax, 0, 0xffff_ffff) ?? limits.QUEUE_MAX_DEFAULT,
    queueWaitUs: range('queueWaitUs', options.queueWaitUs, 0, 0xffff_ffff) ?? 0,
    callsMax: range('callsMax', options.callsMax, 1, 0xffff_ffff) ?? limits.CALLS_MAX_DEFAULT,
    depthMax: range('depthMax', options.depthMax, 1, 255) ?? limits.DEPTH_MAX_DEFAULT,
    handshakeTimeoutUs:
      range('handshakeTimeoutUs', options.handshakeTimeoutUs, 1, 0xffff_ffff) ?? limits.HANDSHAKE_TIMEOUT_US_DEFAULT,
    drainTimeoutUs: range('drainTimeoutUs', options.drainTimeoutUs, 1, 0xffff_ffff) ?? limits.DRAIN_TIMEOUT_US_DEFAULT,
    stuckGraceUs: range('stuckGraceUs', options.stuckGraceUs, 1, 0xffff_ffff) ?? limits.STUCK_GRACE_US_DEFAULT,
  }
}

function checkFork(option: string, { fork, isolation }: ProgramOptions): void {
  if (fork !== true || isolation === undefined) return
  const what = isolation.level === 'process' ? 'limits' : `isolation ${isolation.level}`
  if (isolation.level === 'process' && isolation.limits === undefined) return
  throw new OptionError(option, `a zygote's workers cannot have ${what} yet: leave out fork, or the ${what}`)
}

function checkWorkers(option: string, workers: number | WorkerRange | undefined): void {
  if (typeof workers !== 'object') {
    range(option, workers, 1, limits.WORKERS_PER_PROGRAM_MAX)
    return
  }
  range(`${option}.max`, workers.max, 1, limits.WORKERS_PER_PROGRAM_MAX)
  range(`${option}.min`, workers.min, 0, workers.max)
  range(`${option}.idleUs`, workers.idleUs, 1, 0xffff_ffff)
  range(`${option}.warm`, workers.warm, 0, workers.max)
  range(`${option}.pauseAfterUs`, workers.pauseAfterUs, 1, 0xffff_ffff)
}

function fileBytesMin(payloadFiles: EngineOptions['payloadFiles']): number {
  if (payloadFiles === false) return limits.FILE_BYTES_MIN_DEFAULT // Of no use: no worker gets a directory.
  const given = range('payloadFiles.fromBytes', payloadFiles?.fromBytes, BODY_BYTES + 1, 0xffff_fffe)
  return given ?? limits.FILE_BYTES_MIN_DEFAULT
}

function checkIsolation(option: string, isolation: Isolation | undefined): void {
  if (isolation === undefined) return
  if (!ISOLATION_LEVELS.includes(isolation.level)) {
    throw new OptionError(`${option}.level`, `${isolation.level} is not one of ${ISOLATION_LEVELS.join(', ')}`)
  }
  const { memoryBytes, cpus, pids, openFiles, fileBytes } = isolation.limits ?? {}
  range(`${option}.limits.memoryBytes`, memoryBytes, limits.MEMORY_LIMIT_BYTES_MIN, Number.MAX_SAFE_INTEGER)
  range(`${option}.limits.pids`, pids, 1, limits.PIDS_LIMIT_MAX)
  range(`${option}.limits.openFiles`, openFiles, limits.OPEN_FILES_LIMIT_MIN, limits.OPEN_FILES_LIMIT_MAX)
  range(`${option}.limits.fileBytes`, fileBytes, 1, Number.MAX_SAFE_INTEGER)
  if (cpus !== undefined && !(cpus >= limits.CPUS_LIMIT_MIN && cpus <= limits.CPUS_LIMIT_MAX)) {
    const text = `${cpus} is not a number from ${limits.CPUS_LIMIT_MIN} to ${limits.CPUS_LIMIT_MAX}`
    throw new OptionError(`${option}.limits.cpus`, text)
  }
}

function range(option: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value !== undefined && !(Number.isInteger(value) && value >= min && value <= max)) {
    throw new OptionError(option, `${value} is not a whole number from ${min} to ${max}`)
  }
  return value
}
