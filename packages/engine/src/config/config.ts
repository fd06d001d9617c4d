/** A project as the engine's user means it: what `millrace.yaml`, the environment and the command line say together. */
import type { IsolationLevel, Limits } from '../isolation/level.ts'
import type { Affinity, PayloadFileOptions, RingIdle, WorkerRange } from '../options.ts'
import type { Place } from './faults.ts'
import type { Listen } from './units.ts'

/** What holds without a config. */
export const LISTEN_DEFAULT: Listen = { host: '127.0.0.1', port: 8080 }
export const PAYLOAD_BYTES_DEFAULT = 8 * 1_048_576
export const PAYLOAD_BYTES_LEAST = 960
export const PAYLOAD_BYTES_MOST = 0xffff_fffe
export const TIMEOUT_US_DEFAULT = 60_000_000
export const DRAIN_US_LEAST = 1_000
export const DRAIN_US_MOST = 600_000_000
export const QUEUE_DEFAULT = 4_096
export const WORKERS_DEFAULT = 1
export const FILE_BYTES_LEAST = 961
export const MEMORY_BYTES_LEAST = 4 * 1_048_576

export interface GatewayConfig extends Listen {
  /** Largest input or output in bytes. */
  readonly payloadBytesMax: number
}

export interface DefaultsConfig {
  /** Time limit of a call in microseconds; 0: none. */
  readonly timeoutUs: number
  /** Calls of one function that may wait. */
  readonly queueMax: number
  /** For how long one may wait, in microseconds; 0: no bound but its time limit. */
  readonly queueWaitUs: number
  readonly workers: number | WorkerRange
  readonly isolation: IsolationLevel
  readonly limits: Limits | undefined
}

/** One entry of `functions`. */
export interface FunctionConfig {
  readonly name: string
  /** Place of its name, for faults about the whole function. */
  readonly place: Place | undefined
  /** Places of its keys, for faults about one of them. */
  readonly places: Readonly<Record<string, Place>>
  /** Absolute path of the entry file; undefined: it has a command. */
  readonly entry: string | undefined
  readonly handler: string | undefined
  readonly command: readonly string[] | undefined
  /** Absolute path; undefined: the project's directory. */
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string>> | undefined
  readonly timeoutUs: number | undefined
  readonly queueMax: number | undefined
  readonly queueWaitUs: number | undefined
  readonly workers: number | WorkerRange | undefined
  readonly concurrency: number | 'auto' | undefined
  readonly exclusive: boolean | undefined
  readonly isolation: IsolationLevel | undefined
  readonly network: boolean | undefined
  /** Absolute paths. */
  readonly mounts: readonly string[] | undefined
  /** Absolute path. */
  readonly rootfs: string | undefined
  readonly limits: Limits | undefined
  readonly fork: boolean | undefined
}

/** A whole project. */
export interface Config {
  /** Absolute path of the config file; undefined: there is none. */
  readonly file: string | undefined
  /** Absolute path that relative ones are relative to. */
  readonly directory: string
  readonly gateway: GatewayConfig
  readonly defaults: DefaultsConfig
  readonly env: Readonly<Record<string, string>>
  /** What sides do when their rings are empty; undefined: no worker has rings. */
  readonly rings: RingIdle | undefined
  /** On which processors engine and workers run; undefined: where the kernel puts them. */
  readonly affinity: Affinity | undefined
  /** For how long open calls may go on when the engine ends, in microseconds; undefined: the engine's default. */
  readonly drainUs: number | undefined
  /** Workers of each runtime that wait for their code, by the runtime's name. */
  readonly prewarm: Readonly<Record<string, number>>
  /** Payload files; false: none. `directory` is absolute. What is left out is the engine's to choose. */
  readonly payloadFiles: PayloadFileOptions | false
  readonly functions: readonly FunctionConfig[]
}
