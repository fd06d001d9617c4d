/** Makes the workers of a fleet, numbered in the order of their start. */
import { OPEN_INVOKES_MAX } from '../base/limits.ts'
import { Worker } from '../worker/worker.ts'
import type { PrewarmListener, WorkerListener } from '../worker/worker-parts.ts'
import type { PoolPlan } from '../worker/worker-pool.ts'
import type { Launcher } from '../world.ts'
import type { FleetParts } from './fleet-parts.ts'

/** What the workers of one pool have in common. */
export interface WorkerMold {
  readonly program: string
  readonly wanted: readonly string[] | undefined
  readonly launch: PoolPlan['launch']
  /** Given for those that wait for their code. */
  readonly prewarm?: PrewarmListener
}

export class WorkerMaker {
  readonly #parts: FleetParts
  readonly #launcher: Launcher
  readonly #listener: WorkerListener
  #lastId = 0

  constructor(parts: FleetParts, launcher: Launcher, listener: WorkerListener) {
    this.#parts = parts
    this.#launcher = launcher
    this.#listener = listener
  }

  /** Makes and starts a worker. */
  make({ program, wanted, launch, prewarm }: WorkerMold): Worker {
    const { clock, flusher, metrics, settings, random } = this.#parts
    this.#lastId += 1
    metrics.workerStarts += 1
    const worker = {
      id: this.#lastId,
      program,
      clock,
      launcher: this.#launcher,
      flusher,
      metrics,
      listener: this.#listener,
      wanted,
      prewarm,
      handshakeTimeoutUs: settings.handshakeTimeoutUs,
      drainTimeoutUs: settings.drainTimeoutUs,
      payloadBytesMax: settings.payloadBytesMax,
      depthMax: settings.depthMax,
      fileBytesMin: settings.fileBytesMin,
      maxOpenInvokes: OPEN_INVOKES_MAX,
    }
    return new Worker(worker, launch, random.token())
  }
}
