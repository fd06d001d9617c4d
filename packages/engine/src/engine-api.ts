import type { Failure } from '@millrace/protocol/cold'
import type { Door, TraceContext } from './gateway/door.ts'
import type { CallRecord, LinkOffer, ProgramOptions } from './options.ts'

/** How to make a call from the embedding program. */
export interface InvokeOptions {
  /** Number of the content table. Default: bytes. */
  readonly content?: number
  /** RFC 9218 urgency, 0 to 7. Default 3. */
  readonly priority?: number
  /** Limit in microseconds; 0: none of its own. Default 0. */
  readonly timeoutUs?: number
  readonly trace?: TraceContext
  /** Aborting it cancels the call. */
  readonly signal?: AbortSignal
}

/** How a call ended. */
export type Outcome =
  | { readonly ok: true; readonly output: Uint8Array; readonly content: number; readonly timing: Timing }
  | { readonly ok: false; readonly failure: Failure; readonly timing: Timing }

/** In microseconds. */
export interface Timing {
  readonly queueUs: number
  readonly runUs: number
  readonly totalUs: number
}

/** A function, as `list` shows it. */
export interface FunctionInfo {
  readonly name: string
  readonly program: string
  /** Calls running on workers now. */
  readonly running: number
  /** Calls waiting for a worker now. */
  readonly waiting: number
  /** Calls that ended, since the start. */
  readonly ok: number
  readonly failed: number
  readonly timeoutUs: number
}

/** A worker, as `list` shows it. */
export interface WorkerInfo {
  readonly id: number
  readonly program: string
  readonly pid: number | undefined
  readonly state: string
  readonly running: number
  readonly maxCalls: number
  readonly features: readonly string[]
  /** Such as `@millrace/sdk 0.1.0, node 24.21.0`. */
  readonly software: string
}

/** What an engine is told of those beside it. */
export interface PeerLinks {
  /** The engine `index` has started, maybe anew, and its `opened` was called. */
  up(index: number): void
  /** The engine `index` has ended; `why`: for people. Calls to its functions fail with `worker_unavailable` from now on. */
  down(index: number, why: string): void
  /** The engine `from` offers a link. */
  serve(from: number, link: LinkOffer): void
}

/** A running engine. */
export interface Engine {
  /**
   * Starts the programs and the HTTP gateway. Resolves when every program has a worker ready, or has failed to start
   * one; `failures` names the latter. Rejects when the HTTP address can't be had (`EADDRINUSE`, `EACCES`).
   */
  start(): Promise<{ readonly failures: readonly { readonly program: string; readonly message: string }[] }>
  /** Where the HTTP gateway listens; undefined: nowhere. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Makes an external call with a whole input and collects the whole output. Never rejects for a failed call. */
  invoke(name: string, input: Uint8Array, options?: InvokeOptions): Promise<Outcome>
  /** The door for streams. */
  readonly door: Door
  /** The links to the engines beside it; undefined without `EngineOptions.peers`. */
  readonly peers: PeerLinks | undefined
  functions(): FunctionInfo[]
  workers(): WorkerInfo[]
  /**
   * Replaces a program by a new version of itself, or adds it: new workers start; when they are ready new calls go to
   * them, and the old ones are drained. When none gets ready, the old ones stay and the promise resolves to the message.
   * No call is lost either way.
   */
  replaceProgram(program: ProgramOptions): Promise<string | undefined>
  /** Metrics in the Prometheus text format. */
  metrics(): Promise<string>
  /** Whether it takes calls: started, and not draining. */
  readonly ready: boolean
  /**
   * Refuses new calls with `draining`, lets open ones finish for up to `drainTimeoutUs`, then cancels what is left, ends
   * every worker (DRAIN, SIGTERM, SIGKILL) and removes the runtime directory. Calling it twice gives the same promise.
   */
  stop(): Promise<void>
}

export type { CallRecord }
