/**
 * Write Millrace functions in TypeScript or JavaScript.
 *
 * ```ts
 * import { fn } from '@millrace/sdk'
 *
 * export const greet = fn('greet', async (name: string) => `Hello, ${name}`)
 * ```
 *
 * @packageDocumentation
 */

// Below: for sibling packages and for whoever brings a world of their own.
export type { Code, CodeLoader, CodeRequest } from './code-loading.ts'
export type { CallArguments, CallOptions, Context, Logger, Trace } from './context.ts'
export type { Duration } from './duration.ts'
export { MillraceError, type MillraceErrorOptions, PeerError, type Reason, UsageError } from './errors.ts'
export {
  type AnyFunction,
  type BytesFunction,
  type BytesFunctionOptions,
  type BytesResult,
  type CallOutput,
  type ContentName,
  type FunctionKind,
  type FunctionMaker,
  type FunctionOptions,
  fn,
  isFunction,
  type JsonFunction,
  type JsonItem,
  type StreamFunction,
} from './function.ts'
export { type Hook, onStart, onStop, setCapacity } from './hooks.ts'
export { type Servable, type ServeOptions, serve } from './serve.ts'
export type { Worker } from './worker.ts'
export { createWorker, type WorkerOptions } from './worker.ts'
export { type ByteSink, ExitCode, type WorkerPipe, type WorkerWorld } from './world.ts'
