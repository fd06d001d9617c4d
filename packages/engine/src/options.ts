import type { Logger } from 'pino'
import type { Isolation } from './isolation/level.ts'

/** A command that makes workers, and the functions they serve. */
export interface ProgramOptions {
  /** Name of the program: letters, digits, dot, dash, underscore. Unique in the engine. */
  readonly name: string
  /** Program and arguments; no shell. */
  readonly command: readonly string[]
  /** Working directory. Default: the engine's own. */
  readonly cwd?: string
  /**
   * Variables for its workers, besides what any program needs of the engine's own (`PATH`, `HOME`, `LANG` and the like);
   * undefined removes one. Default: none.
   */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * The functions it must serve. A worker that does not offer one of them fails to start; others that it offers are
   * not served. Default: whatever it offers.
   */
  readonly functions?: readonly FunctionOptions[]
  /** Workers to keep, 1 to 256; or from how many to how many, as its calls need. Default 1. */
  readonly workers?: number | WorkerRange
  /**
   * Calls at once on one worker, 1 to 65,535, never more than the worker offers. Default: what it offers. Internal
   * calls may use all that the worker offers, so that a function that calls itself cannot wait for its own slot.
   */
  readonly concurrency?: number
  /**
   * Whether the engine finds out how many calls are best open at once on all workers together, and lets the rest wait.
   * Default false: as many as the workers have places.
   */
  readonly managed?: boolean
  /** Whether a worker runs one call at a time, internal calls included. Default false. */
  readonly exclusive?: boolean
  /**
   * What a worker of `EngineOptions.prewarm` is told to load; it is taken when one of this runtime and isolation waits, and
   * `command` starts a worker when none does. Default: `command` alone.
   */
  readonly code?: ProgramCodeOptions
  /** How far its workers are shut off from the host. Default: the level `process`. */
  readonly isolation?: Isolation
  /**
   * Whether workers are forked from a zygote that has loaded the code once: the same command with `--zygote` as its last
   * argument starts it. Only at the isolation level `process` without limits. The output of all its workers is told as that
   * of the worker for which the zygote was started. Default false: each worker is started by itself.
   */
  readonly fork?: boolean
}

/** The code of a program, as a prewarmed worker loads it. */
export interface ProgramCodeOptions {
  /** The `runtime` of the prewarmed workers that can load it. */
  readonly runtime: string
  /** Path of the file, as the worker sees it; a relative one counts from `cwd`. */
  readonly entry: string
  /** Export to serve. Default: all that the file defines. */
  readonly handler?: string
  /** Name to serve that handler under. Default: its own. */
  readonly function?: string
}

/** Workers that are started ahead and wait for their code. They must offer the feature `load`, and no function. */
export interface PrewarmOptions {
  /** A name that programs give by `code.runtime`, such as `node`. */
  readonly runtime: string
  /** Program and arguments; no shell. */
  readonly command: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** How far they are shut off: they are for programs of the same isolation only. Default: the level `process`. */
  readonly isolation?: Isolation
  /** Workers that wait, 1 to 256. */
  readonly workers: number
}

/** From how many workers to how many. */
export interface WorkerRange {
  /** Workers to keep, 0 to `max`. 0: the last one goes, too; the next call starts one. */
  readonly min: number
  /** Workers at most, 1 to 256. */
  readonly max: number
  /** For how long fewer workers must have been enough before one is let go, in microseconds. Default 60 s. */
  readonly idleUs?: number
  /**
   * Idle workers that stay warm, 0 to `max`; those beyond are paused: they keep their memory, take no processor, and go on
   * when a call needs them. Default: `max`, none is paused.
   */
  readonly warm?: number
  /** For how long a worker must have been idle before it is paused, in microseconds. Default 5 s. */
  readonly pauseAfterUs?: number
}

export interface FunctionOptions {
  readonly name: string
  /** Time limit of a call in microseconds; 0: none. Default: the engine's. */
  readonly timeoutUs?: number
  /** Calls that may wait for a worker. Default: the engine's. */
  readonly queueMax?: number
  /** For how long a call may wait for a worker, in microseconds; 0: as long as its time limit allows. Default: the engine's. */
  readonly queueWaitUs?: number
}

export interface HttpOptions {
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string
  /** Port; 0: any free one. Default 8080. */
  readonly port?: number
  /** Whether other processes of this user may listen on the same port, and the host spreads client sockets over them. Linux. Default false. */
  readonly shared?: boolean
  /** What `/v1/functions`, `/v1/workers` and `/metrics` show in place of this engine's own. Default: this engine's own. */
  readonly pages?: HttpPages
}

/** What the pages show of several engines behind one port. */
export interface HttpPages {
  functions(): Promise<readonly object[]>
  workers(): Promise<readonly object[]>
  /** In the Prometheus text format. */
  metrics(): Promise<string>
}

/** Another engine of this host that serves functions. */
export interface PeerOptions {
  /** Number of its shard. */
  readonly index: number
  /** Its functions, 1 to 1,024; no two engines serve the same. */
  readonly functions: readonly Pick<FunctionOptions, 'name' | 'timeoutUs'>[]
}

/** How one engine opens a link that another offers: the paths of its FIFOs, and what HELLO must return. */
export interface LinkOffer {
  readonly inPath: string
  readonly outPath: string
  readonly token: string
}

/** The engines that run beside this one, and how they hear of one another: whoever embeds them carries the words. */
export interface PeersOptions {
  /** Number of this engine's shard. */
  readonly index: number
  /** All others that serve functions. */
  readonly peers: readonly PeerOptions[]
  /** Links can be offered to this engine now. Called once. */
  opened(): void
  /** To be given to the engine `to`, for its `peers.serve`. */
  offer(to: number, link: LinkOffer): void
  /** Calls can go to the engine `to` now. Called for each link that is made. */
  linked(to: number): void
  /** While this engine stops: its calls have ended. Resolves when those of all others have. */
  quiet(): Promise<void>
}

/** Where large payloads lie in files, and which are large. */
export interface PayloadFileOptions {
  /**
   * Directory on a memory file system below which the engine makes one of its own; a start fails when it is none. Default:
   * the runtime directory when that is in memory, else `/dev/shm/millrace-<uid>`, else payloads go in DATA.
   */
  readonly directory?: string
  /** Payloads of known size from so many bytes on go in a file, 961 to 4,294,967,294. Default 32 KiB. */
  readonly fromBytes?: number
}

export interface EngineOptions {
  readonly programs: readonly ProgramOptions[]
  /** Workers that wait for their code, so that a cold start is a load. Default: none. */
  readonly prewarm?: readonly PrewarmOptions[]
  /** HTTP gateway. Default: none. */
  readonly http?: HttpOptions
  /** Engines beside this one, whose functions this one's may call. Default: none. */
  readonly peers?: PeersOptions
  /** Time limit of a call whose function and caller set none, in microseconds; 0: none. Default 60 s. */
  readonly timeoutUs?: number
  /** Largest payload in bytes, 960 to 4,294,967,294. Default 8 MiB. */
  readonly payloadBytesMax?: number
  /** Payload files, on a memory file system; false: payloads go in DATA alone. Default: as `PayloadFileOptions` says. */
  readonly payloadFiles?: PayloadFileOptions | false
  /** Calls that may wait for a worker, by function. Default 4,096. */
  readonly queueMax?: number
  /** For how long a call may wait for a worker, in microseconds; then it fails with `queue_full`. 0: no bound. Default 0. */
  readonly queueWaitUs?: number
  /** Calls in the engine at once. Default 65,536. */
  readonly callsMax?: number
  /** Internal calls that may be above a call, 1 to 255. Default 64. */
  readonly depthMax?: number
  /** From launch to HELLO, in microseconds. Default 30 s. */
  readonly handshakeTimeoutUs?: number
  /** From DRAIN to SIGTERM, and from there to SIGKILL, in microseconds. Default 10 s. */
  readonly drainTimeoutUs?: number
  /**
   * How long a worker may go on with a call after its deadline, in microseconds. Then it is ended and replaced, unless
   * somebody waits for another of its calls and it still answers PING. Default 10 s.
   */
  readonly stuckGraceUs?: number
  /** Where the engine logs. Default: nowhere. */
  readonly log?: Logger
  /** Told of every call that ended, when set. Costs about a microsecond a call. Default: none. */
  readonly onCall?: (record: CallRecord) => void
  /** Told of every line that a worker writes to its standard output or error. Default: none. */
  readonly onOutput?: (program: string, workerId: number, stream: 'stdout' | 'stderr', line: string) => void
  /** Told of every LOG record. Default: none. */
  readonly onLog?: (record: LogRecord) => void
  /** Told of every change of a worker's state. Default: none. */
  readonly onWorker?: (event: WorkerEventRecord) => void
  /**
   * Whether workers get rings in shared memory beside their pipes, and for how long the engine polls those before it sleeps.
   * For workers at the isolation level `process` that offer the feature `shm-ring`; the others keep their pipes. Needs Linux
   * and the package koffi. Default: pipes only.
   */
  readonly rings?: RingIdle
  /**
   * On which processors, of those that the engine's process may use when it starts, it and its workers run. Needs Linux, and
   * the package koffi or the program taskset: a start fails where there is neither. All threads of the engine's process are
   * moved, the embedding program's too, and moved back by `stop`; one engine of a process may have it. Default: where the
   * kernel puts them.
   */
  readonly affinity?: Affinity
  /** Directory under which the engine makes its runtime directory. Default: `$XDG_RUNTIME_DIR/millrace`, else `/dev/shm/millrace-<uid>` or `<tmp>/millrace-<uid>`. */
  readonly runtimeDirectory?: string
}

/**
 * What a side does when its rings are empty: sleep at once; poll for so many microseconds, 1 to 1,000, first; or poll for 50 µs
 * while there is a processor for every worker that is awake and one for the engine.
 */
export type RingIdle = 'park' | 'auto' | { readonly spinUs: number }

/**
 * Engine and workers on one processor (`pack`); the engine on one of its own, the workers on all others (`spread`); packed while
 * that is enough and spread when it gives more (`auto`). With a single processor all three are the same.
 */
export type Affinity = 'pack' | 'spread' | 'auto'

/** What became of one call, with where its time went. Times are in microseconds. */
export interface CallRecord {
  /** Number of the call in the engine's life. */
  readonly id: number
  /** Number of the call that made it; 0 for an external call. */
  readonly parentId: number
  readonly function: string
  readonly depth: number
  /** `ok`, or the reason of the failure. */
  readonly outcome: string
  /** Message of the failure; empty when ok. */
  readonly message: string
  /** When it entered, by the engine's clock. */
  readonly enteredUs: number
  /** Waiting for a worker. */
  readonly queueUs: number
  /** In the handler, as the worker told. */
  readonly runUs: number
  /** From entering to settling. */
  readonly totalUs: number
  /** W3C trace id, 32 hexadecimal digits; all zero when none. */
  readonly traceId: string
  readonly workerId: number
}

export interface LogRecord {
  readonly program: string
  readonly workerId: number
  /** Number of the call it belongs to; 0: none. */
  readonly callId: number
  /** Name of that call's function; empty: none. */
  readonly function: string
  readonly traceId: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface WorkerEventRecord {
  readonly program: string
  readonly workerId: number
  readonly pid: number | undefined
  readonly event: 'starting' | 'ready' | 'draining' | 'gone' | 'start-failed' | 'crash-loop'
  /** For people: why it went, or could not start. Empty otherwise. */
  readonly message: string
  /** Functions it serves; empty before `ready`. */
  readonly functions: readonly string[]
}
