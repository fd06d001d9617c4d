import type { Placed } from '../affinity/placer.ts'
import { ORPHAN_LOOK_US } from '../base/limits.ts'
import { pipePair } from '../channel/pipe-pair.ts'
import type { Polling } from '../channel/pipe-reader.ts'
import type { Alarm, Clock, LaunchedWorker, PipeReader, PipeWriter, ProcessExit, ProcessListener } from '../world.ts'
import type { Fifos } from './fifos.ts'
import { exitOf, killGroup, lifeOf } from './processes.ts'

/** A process that a zygote has forked, with a channel and a process group of its own. Its exit is told by the zygote. */
export class ForkedWorker implements LaunchedWorker {
  readonly pid: number
  readonly input: PipeWriter
  readonly output: PipeReader
  readonly #fifos: Fifos
  readonly #clock: Clock
  readonly #listener: ProcessListener
  /** Tells it from a later process with its number. */
  readonly #life: string | undefined
  readonly #placed: Placed | undefined
  #look: Alarm | undefined
  #exited = false

  constructor(
    pid: number,
    fifos: Fifos,
    clock: Clock,
    listener: ProcessListener,
    placed: Placed | undefined,
    polling: Polling | undefined,
  ) {
    this.pid = pid
    this.#placed = placed
    this.#fifos = fifos
    this.#clock = clock
    this.#listener = listener
    this.#life = lifeOf(pid)
    const { input, output } = pipePair(fifos.writeFd, fifos.outFd, polling)
    this.input = input
    this.output = output
  }

  attached(): void {
    this.#fifos.attached()
    this.#placed?.ready()
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#exited) return
    this.pause(false)
    killGroup(this.pid, signal)
  }

  pause(isPaused: boolean): void {
    if (!this.#exited) killGroup(this.pid, isPaused ? 'SIGSTOP' : 'SIGCONT')
  }

  /** EXITED came. */
  exited(exitCode: number): void {
    this.#end(exitOf(exitCode))
  }

  /** The zygote has ended, and this one goes on: from now on it is looked at until it is gone. */
  orphaned(): void {
    if (this.#exited) return
    if (this.#life === undefined || lifeOf(this.pid) !== this.#life) {
      this.#end({ code: null, signal: null })
      return
    }
    this.#look = this.#clock.alarm(ORPHAN_LOOK_US, () => this.orphaned())
  }

  #end(exit: ProcessExit): void {
    if (this.#exited) return
    this.#exited = true
    this.#look?.cancel()
    this.#placed?.gone()
    // What it started goes with it. The group's number cannot be anybody else's while a member lives.
    killGroup(this.pid, 'SIGKILL')
    this.#fifos.attached() // Whatever happens, nothing of it stays in the directory.
    this.#listener.onExit(exit, undefined)
  }
}
