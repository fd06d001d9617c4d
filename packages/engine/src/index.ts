/**
 * The Millrace reference engine.
 *
 * ```ts
 * import { createEngine } from '@millrace/engine'
 *
 * const engine = createEngine({ programs: [{ name: 'hello', command: ['node', 'worker.js'] }] })
 * await engine.start()
 * const outcome = await engine.invoke('hello', new TextEncoder().encode('"Ada"'))
 * await engine.stop()
 * ```
 *
 * @packageDocumentation
 */
export { createEngine } from './engine.ts'
export type { Engine, FunctionInfo, InvokeOptions, Outcome, PeerLinks, Timing, WorkerInfo } from './engine-api.ts'
export type { CallTiming, Door, DoorCall, DoorListener, DoorRequest, TraceContext } from './gateway/door.ts'
// What follows is for whoever brings a world of their own: tests, simulators.
export { createLocalWorld, type LocalWorldOptions } from './local-world.ts'
export { OptionError } from './option-check.ts'
export type {
  CallRecord,
  EngineOptions,
  FunctionOptions,
  HttpOptions,
  HttpPages,
  LinkOffer,
  LogRecord,
  PeerOptions,
  PeersOptions,
  ProgramOptions,
  WorkerEventRecord,
} from './options.ts'
export type * from './world.ts'
