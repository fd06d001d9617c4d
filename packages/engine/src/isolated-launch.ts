/**
 * A worker's command wrapped as its level of isolation asks for it, without an engine: for whoever launches workers by the
 * launch contract himself, such as the conformance suite.
 *
 * @packageDocumentation
 */
export { ISOLATION_LEVELS, type Isolation, type IsolationLevel, type Limits } from './isolation/level.ts'
export { startFault, type WorkerPipes, WrappedWorker } from './worker/wrapped-worker.ts'
export type { LaunchRequest, ProcessExit } from './world.ts'
