/** One shard as its supervisor sees it: the process of now, and what that has said. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromShard, ShardPlan, ToShard } from './messages.ts'

/** What a shard tells. */
export interface ShardListener {
  said(shard: ShardProcess, message: FromShard): void
  /** Its process ended; `how`: for people, such as `was killed by SIGKILL`. Once for each start. */
  lost(shard: ShardProcess, how: string): void
}

export class ShardProcess {
  readonly plan: ShardPlan
  readonly #listener: ShardListener
  #child: ChildProcess | undefined
  /** Links can be offered to it. */
  isUp = false
  /** Its programs have started, or some have failed to. */
  hasStarted = false
  /** It stops, and its calls have ended. */
  isIdle = false
  /** Why it could not start, in its own words. */
  fault: string | undefined
  /** The shards that it has a link to. */
  readonly linked = new Set<number>()
  /** Times that it was started again. */
  restarts = 0
  /** Its ends in a row, each before it had lasted. */
  lossesInARow = 0
  /** When its programs had started, in milliseconds of this process; infinite before. */
  startedMs = Number.POSITIVE_INFINITY
  /** Whether its last process ended by itself and well. */
  endedWell = false

  constructor(plan: ShardPlan, listener: ShardListener) {
    this.plan = plan
    this.#listener = listener
  }

  get index(): number {
    return this.plan.index
  }

  /** Whether its process is there. */
  get isRunning(): boolean {
    return this.#child !== undefined
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Whether it serves, and can call every other shard. */
  get isReady(): boolean {
    return this.hasStarted && this.linked.size === this.plan.peers.length
  }

  start(): void {
    this.isUp = false
    this.hasStarted = false
    this.isIdle = false
    this.fault = undefined
    this.linked.clear()
    this.startedMs = Number.POSITIVE_INFINITY
    // A group of its own: a Ctrl-C of the terminal must reach it once, by the supervisor.
    const child = fork(fileURLToPath(import.meta.resolve('@millrace/engine/shard')), [], {
      detached: true,
      serialization: 'advanced', // A variable that is undefined must come as that.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    const over = (how: string, isWell: boolean): void => {
      if (this.#child !== child) return
      this.#child = undefined
      this.isUp = false
      this.endedWell = isWell
      this.#listener.lost(this, how)
    }
    child.on('message', (message) => {
      if (this.#child === child) this.#listener.said(this, message as FromShard)
    })
    child.once('error', (error) => {
      if (child.pid === undefined) over(`could not be started: ${error.message}`, false)
    })
    child.once('exit', (code, signal) =>
      over(signal === null ? `exited with code ${code}` : `was killed by ${signal}`, code === 0),
    )
    this.tell({ kind: 'begin', plan: this.plan })
  }

  /** A shard that has gone hears nothing; its exit tells. */
  tell(message: ToShard): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {})
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }
}
