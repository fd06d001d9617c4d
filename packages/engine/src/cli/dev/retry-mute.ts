/** Keeps the engine's retries of a program that cannot start from saying the same thing every few seconds. Pure. */
import type { WorkerEventRecord } from '../../options.ts'

/**
 * A program is *down* from the moment that its failure was told until a worker of it gets ready or it is reloaded.
 * Workers that start while it is down are retries, and muted.
 */
export class RetryMute {
  readonly #down = new Set<string>()
  readonly #retries = new Set<number>()

  /** The failure of a program was told. */
  told(program: string): void {
    this.#down.add(program)
  }

  /** Its files changed: what comes now is news. */
  reloading(program: string): void {
    this.#down.delete(program)
  }

  /** Whether the program's failure was told already. */
  isDown(program: string): boolean {
    return this.#down.has(program)
  }

  /** Whether what this worker says is to be left out. */
  isMuted(workerId: number): boolean {
    return this.#retries.has(workerId)
  }

  /** Takes note of a worker's event. Returns true when a program that was down has come up by a retry. */
  note({ event, program, workerId }: WorkerEventRecord): boolean {
    switch (event) {
      case 'starting':
        if (this.#down.has(program)) this.#retries.add(workerId)
        return false
      case 'ready':
        this.#retries.delete(workerId)
        return this.#down.delete(program)
      case 'gone':
      case 'start-failed':
        this.#retries.delete(workerId)
        return false
      default:
        return false
    }
  }
}
