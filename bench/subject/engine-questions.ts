/** What the process of the engine can be asked. */
import type { Measurement } from '../measurement.ts'
import type { InternalLoad } from './load.ts'

/** Process of the house that is looked at. */
export type ProcessName = 'engine' | 'caller' | 'callee'

/** Folder for CPU profiles; undefined: none is taken. */
export type ProfileFolder = string | undefined

/** A type, not an interface: the questions of a peer are an open record. */
export type EngineQuestions = {
  /** Where its HTTP gateway listens. */
  readonly address: { readonly ask: null; readonly answer: { readonly host: string; readonly port: number } }
  /** Makes `warmUp` internal calls, then the measured ones. */
  readonly internal: {
    readonly ask: { readonly load: InternalLoad; readonly warmUp: number; readonly profileTo?: ProfileFolder }
    readonly answer: Measurement
  }
  /** CPU time of the engine's process so far, in microseconds. */
  readonly cpu: { readonly ask: null; readonly answer: number }
  /** Takes profiles of all three processes, from `begin` to `end`. */
  readonly profile: { readonly ask: { readonly begin: boolean; readonly folder: string }; readonly answer: null }
}
