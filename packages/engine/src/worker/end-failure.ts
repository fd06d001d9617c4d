/** How a worker ended → why its calls failed, in words. Pure. */
import type { ReasonName } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { ProcessExit } from '../world.ts'
import type { WorkerState } from './worker-states.ts'

/** What a worker said with its GOODBYE. */
export interface GoodbyeWords {
  /** Undefined: all was well. */
  readonly reason: ReasonName | undefined
  readonly message: string
}

/** Why the calls of a worker failed whose process ended. */
export function endFailure(state: WorkerState, exit: ProcessExit, startError: string | undefined): Failure {
  if (startError !== undefined) return failure('worker_unavailable', startError)
  const how = wordsFor(exit)
  if (state === 'starting') return failure('worker_unavailable', `the worker ${how} before its HELLO`)
  if (state === 'waiting') return failure('worker_unavailable', `the worker ${how} before it was given its code`)
  if (state === 'loading') return failure('load_failed', `the worker ${how} while it loaded its code`)
  return failure('worker_crashed', `the worker ${how}`)
}

function wordsFor({ code, signal, passedMemoryBytes }: ProcessExit): string {
  if (passedMemoryBytes !== undefined) {
    return `passed its memory limit of ${mebibytes(passedMemoryBytes)} MiB and was killed; raise limits.memory, or use less`
  }
  if (code === null && signal === null) return 'ended, and so had its zygote, which alone is told how'
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`
}

function mebibytes(bytes: number): string {
  return `${Math.round((bytes / 1_048_576) * 10) / 10}`
}

/** Why a worker was ended that did not say HELLO in so many microseconds. */
export function noHello(us: number): Failure {
  const text = `the worker said no HELLO within ${us / 1_000_000} s of its start (rule handshake-deadline)`
  return failure('worker_unavailable', text)
}

/** Why a worker was ended that did not answer LOAD of that file in so many microseconds. */
export function notLoaded(entry: string, us: number): Failure {
  return failure('load_failed', `the worker did not load ${entry} within ${us / 1_000_000} s`)
}

/** Why the calls of a worker failed that said goodbye with calls open. */
export function goodbyeFailure({ reason, message }: GoodbyeWords): Failure {
  if (reason === undefined) return failure('worker_crashed', 'the worker said goodbye')
  return failure(reason === 'protocol_error' ? reason : 'worker_crashed', `the worker ended its channel: ${message}`)
}
