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
  /** It takes no more calls; it finishes what it has. */
  draining(worker: Worker): void
  /** It is over, and its calls have ended. `why` for its calls and for people; `wasReady`: it had been welcomed. */
  gone(worker: Worker, why: Failure, wasReady: boolean): void
  /** Its process has ended, too: nothing of it is left. */
  exited(worker: Worker): void
  /** RESOLVE. The answer comes by `resolved`, now or later. */
  resolve(worker: Worker, name: string): void
  log(worker: Worker, callId: number, record: Log): void
  output(worker: Worker, stream: 'stdout' | 'stderr', line: string): void
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
  readonly handshakeTimeoutUs: number
  readonly drainTimeoutUs: number
  readonly payloadBytesMax: number
  readonly depthMax: number
  readonly maxOpenInvokes: number
}
