/** What the process of the engine is started with, and what it can be asked. */
import type { EngineOptions, ProgramOptions } from '@millrace/engine'
import type { Measurement } from '../measurement.ts'
import type { InternalLoad } from '../workers/node/load.ts'
import type { Language } from './languages.ts'

/** The process' only argument, as JSON. */
export interface EnginePlan {
  readonly programs: readonly ProgramOptions[]
  /** Whether it has an HTTP gateway. */
  readonly http: boolean
  /** Default: placed by the kernel. */
  readonly affinity?: EngineOptions['affinity']
  /** As the option of a local world. Default: true. */
  readonly pollPipes?: boolean
  /** The case that it is for alone; others get an engine of their own. Default: whichever has the same programs. */
  readonly onlyFor?: string
  /** Calls before the first measurement, over all pairs of caller and callee. Default: none. */
  readonly firstCalls?: FirstCalls
}

/** Calls that make all processes' code hot. */
export interface FirstCalls {
  /** With many on their way. */
  readonly overlapping: number
  /** One after the other. */
  readonly sequential: number
  /** Trees of calls through eight workers, one after the other; through one or two, a quarter of that. */
  readonly trees: number
}

/** Streams to read, one after the other. */
export interface StreamLoad {
  /** Function that streams. */
  readonly callee: string
  /** Streams. */
  readonly count: number
  /** Parts of each. */
  readonly parts: number
  /** Bytes of each part. */
  readonly bytes: number
}

/** Internal calls, made by the calling function of one language. */
export interface InternalQuestion {
  readonly caller: Language
  readonly load: InternalLoad
  /** Samples before the measured ones. */
  readonly warmUp: number
  /** Calls of the calling function at once, each with the whole load, on workers of their own. Default 1. */
  readonly callers?: number
  /** Calls per second at which they are due, each timed from then on; only Node. Default: each when one has ended. */
  readonly perSecond?: number
  /** Folder for CPU profiles. Default: none is taken. */
  readonly profileTo?: string
}

/** A type, not an interface: the questions of a peer are an open record. */
export type EngineQuestions = {
  /** Where its HTTP gateway listens. */
  readonly address: { readonly ask: null; readonly answer: { readonly host: string; readonly port: number } }
  readonly internal: { readonly ask: InternalQuestion; readonly answer: Measurement }
  readonly stream: {
    readonly ask: { readonly caller: Language; readonly load: StreamLoad; readonly warmUp: number }
    readonly answer: Measurement
  }
  /** CPU time of the engine's process so far, in microseconds. */
  readonly cpu: { readonly ask: null; readonly answer: number }
  /** Memory of the engine's process (RSS), in bytes. */
  readonly rss: { readonly ask: null; readonly answer: number }
  /** Process ids of the workers of a program. */
  readonly workers: { readonly ask: { readonly program: string }; readonly answer: readonly number[] }
  /** Takes profiles of the engine and the Node workers, from `begin` to `end`. */
  readonly profile: { readonly ask: { readonly begin: boolean; readonly folder: string }; readonly answer: null }
  /** Bytes that the engine's process allocated per call of a load, by the sampling profiler of its heap. */
  readonly allocations: { readonly ask: InternalQuestion; readonly answer: Measurement }
}
