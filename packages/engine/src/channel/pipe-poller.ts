/** When the engine reads pipes itself, ahead of the event loop. One for all channels of an engine. */
import {
  PIPE_POLL_EARLY_LOOKS,
  PIPE_POLL_EARLY_ROUNDS,
  PIPE_POLL_HELD_REST,
  PIPE_POLL_HELD_US,
  PIPE_POLL_MISSES_MAX,
  PIPE_POLL_REST_US,
  PIPE_POLL_ROUNDS_MAX,
} from '../base/limits.ts'
import { TurnList } from './turn-list.ts'

/** The pipe from one worker. */
export interface PolledPipe {
  /** Hands on what is there, up to one read's worth. Says whether there was anything. Never waits. */
  look(): boolean
  /** The poller's own: whether it has the pipe on its list. False at first. */
  isListed: boolean
}

/** What the poller needs of the outside. */
export interface PipePollerWorld {
  nowUs(): number
  /** Lets others that are ready to run on this processor go first. Returns at once when there are none. */
  yieldProcessor(): void
  /** Whether this process and the workers share one processor. May change. */
  readonly oneProcessor: boolean
}

/**
 * On one processor, whoever was written to runs next, and mostly answers at once. So after a turn the engine does not sleep:
 * it looks at the pipes of those it has just written to, lets them run, and looks again; what they wrote makes the next turn.
 * That saves, for each message, a sleep and a wake-up of the engine; a wake-up that would take the processor from a worker
 * that has answered and is about to sleep; and the ways through the event loop. With more processors it never looks: a worker
 * elsewhere has not answered yet, and what others have sent meanwhile is better read together.
 *
 * Bounds: the event loop waits for `PIPE_POLL_ROUNDS_MAX` rounds at most, and for what a worker that computes holds the
 * processor; after that the poller rests for `PIPE_POLL_HELD_REST` times as long, in which the kernel wakes the engine as ever.
 */
export class PipePoller {
  readonly #world: PipePollerWorld
  /** Written to in this turn, each once. */
  #written = new TurnList<PolledPipe>()
  #spare = new TurnList<PolledPipe>()
  #polls = false
  /** Rounds in a row that found nothing. */
  #misses = 0
  /** Rounds since the last early look that found something; from `PIPE_POLL_EARLY_ROUNDS` on they are counted anew. */
  #earlyMisses = 0
  #restsUntilUs = 0

  constructor(world: PipePollerWorld) {
    this.#world = world
  }

  /** Whether the engine and its workers share one processor, now. */
  get oneProcessor(): boolean {
    return this.#world.oneProcessor
  }

  /** The worker behind this pipe was written to. */
  wrote(pipe: PolledPipe): void {
    if (pipe.isListed || !this.#world.oneProcessor) return
    pipe.isListed = true
    this.#written.add(pipe)
  }

  /** A turn has ended and everything is written. To be called with nothing of the engine's on the stack. */
  turned(): void {
    if (this.#polls || this.#written.size === 0) return
    this.#polls = true
    try {
      this.#poll()
    } finally {
      this.#polls = false
      unlist(this.#written)
      this.#written.clear()
    }
  }

  #poll(): void {
    let now = this.#world.nowUs()
    for (let round = 0; round < PIPE_POLL_ROUNDS_MAX; round += 1) {
      if (this.#written.size === 0 || now < this.#restsUntilUs) return
      const asked = this.#written
      this.#written = this.#spare
      this.#spare = asked
      unlist(asked)
      let found = this.#lookEarly(asked)
      if (!found) {
        now = this.#yield()
        found = lookAll(asked)
      }
      asked.clear()
      this.#count(found, now)
      if (!found) return
    }
  }

  /**
   * Looks before the others are let run: a worker that takes the processor as it is written to has answered by then. Where
   * workers do not, it is tried now and then.
   */
  #lookEarly(asked: TurnList<PolledPipe>): boolean {
    if (this.#earlyMisses < PIPE_POLL_EARLY_LOOKS && lookAll(asked)) {
      this.#earlyMisses = 0
      return true
    }
    this.#earlyMisses = (this.#earlyMisses + 1) % PIPE_POLL_EARLY_ROUNDS
    return false
  }

  /** Lets the others run. Returns the time. */
  #yield(): number {
    const before = this.#world.nowUs()
    this.#world.yieldProcessor()
    const now = this.#world.nowUs()
    const heldUs = now - before
    if (heldUs > PIPE_POLL_HELD_US) this.#restsUntilUs = now + PIPE_POLL_HELD_REST * heldUs
    return now
  }

  #count(found: boolean, now: number): void {
    this.#misses = found ? 0 : this.#misses + 1
    if (this.#misses < PIPE_POLL_MISSES_MAX) return
    this.#misses = 0
    this.#restsUntilUs = Math.max(this.#restsUntilUs, now + PIPE_POLL_REST_US)
  }
}

function lookAll(pipes: TurnList<PolledPipe>): boolean {
  let found = false
  for (let index = 0; index < pipes.size; index += 1) found = pipes.at(index).look() || found
  return found
}

function unlist(pipes: TurnList<PolledPipe>): void {
  for (let index = 0; index < pipes.size; index += 1) pipes.at(index).isListed = false
}
