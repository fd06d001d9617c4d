/** What a worker is made of, and what it tells. */
import type { Failure, Log } from '@millrace/protocol/cold'
import type { Flusher } from '../channel/flusher.ts'
import type { EngineMetrics } from '../observe/metrics.ts'
import type { Clock, Launcher } from '../world.ts'
import type { Exchange } from './exchange.ts'
import type { Terms } from './handshake.ts'
import type { Worker } from './worker.ts'

/** What a worker tells the house. Every method is called in the engine's own turn. */
export interface WorkerListener {
  /** HELLO was good. Gives the ids of the functions that this channel serves, and where its calls go. */
  welcome(worker: Worker, terms: Terms): { functions: { name: string; id: number }[]; exchange: Exchange }
  /** It is ready, and WELCOME is on its way. */
  ready(worker: Worker): void
  /** It has a free place, or takes more calls than before. */
  idle(worker: Worker): void
  /** It goes on after a pause; from the beginning of the resume until it answered took `us` microseconds. */
  resumed(worker: Worker, us: number): void
  /** It was ready and takes no more calls; it finishes what it has. */
  draining(worker: Worker): void
  /** It is over, and its calls have ended. `why` for its calls and for people; `wasReady`: it had been ready. */
  gone(worker: Worker, why: Failure, wasReady: boolean): void
  /** Its process has ended, too: nothing of it is left. */
  exited(worker: Worker): void
  /** RESOLVE. The answer comes by `resolved`, now or later. */
  resolve(worker: Worker, name: string): void
  log(worker: Worker, callId: number, record: Log): void
  output(worker: Worker, stream: 'stdout' | 'stderr', line: string): void
}

/** What a prewarmed worker tells besides. */
export interface PrewarmListener {
  /** It was welcomed and waits for `load`. WELCOME is on its way; `ready` comes after `loaded`. */
  waiting(worker: Worker): void
  /**
   * It has loaded the code that `load` named. What `welcome` is for other workers: gives the ids of the functions that this
   * channel serves, and where its calls go. `terms`: those of HELLO, with the functions and calls at once of LOADED.
   */
  loaded(worker: Worker, terms: Terms): { functions: { name: string; id: number }[]; exchange: Exchange }
}

/** What a worker is made of. */
export interface WorkerParts {
  readonly id: number
  readonly program: string
  readonly clock: Clock
  readonly launcher: Launcher
  readonly flusher: Flusher
  readonly metrics: EngineMetrics
  readonly listener: WorkerListener
  /** Functions it must serve; undefined: any. */
  readonly wanted: readonly string[] | undefined
  /**
   * Given for a worker whose command waits for LOAD: HELLO must offer `load` and no function, `wanted` is not looked at, and
   * `WorkerListener.welcome` is not called. `program` is a name for people until `load`.
   */
  readonly prewarm?: PrewarmListener | undefined
  /** Until HELLO, and again from LOAD until LOADED, in microseconds. */
  readonly handshakeTimeoutUs: number
  readonly drainTimeoutUs: number
  readonly payloadBytesMax: number
  readonly depthMax: number
  /** Payloads from this size on are faster in a file. */
  readonly fileBytesMin: number
  readonly maxOpenInvokes: number
}
