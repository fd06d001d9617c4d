/** Rings for the runner's end of a channel, by the engine's own code for them. One of the few files that touch the OS. */
import { MESSAGE_BYTES } from '@millrace/protocol'
import { FdPipeReader } from '../../packages/engine/src/channel/pipe-reader.ts'
import { FdPipeWriter } from '../../packages/engine/src/channel/pipe-writer.ts'
import { RingLink } from '../../packages/engine/src/channel/ring-link.ts'
import type { Polled } from '../../packages/engine/src/channel/ring-poller.ts'
import { type OpenSegment, SharedMemory } from '../../packages/engine/src/channel/shared-memory.ts'
import { Inconclusive } from './failure.ts'

/** Cells of each ring: few, so that cases with many messages fill them. */
const CELLS = 16

let memory: SharedMemory | string | undefined

/** A segment for a worker. Throws Inconclusive, with the fix, when this host has none. */
export function openSegment(): OpenSegment {
  memory ??= SharedMemory.open(CELLS)
  if (typeof memory === 'string') throw new Inconclusive(`--rings: ${memory}`)
  return memory.make()
}

/** The two directions of a channel with rings. */
export class RingEnds {
  readonly input: RingLink['input']
  readonly output: RingLink['output']
  readonly #looks: WakeOnly

  constructor(readFd: number, writeFd: number, segment: OpenSegment) {
    this.#looks = new WakeOnly()
    const link = new RingLink(new FdPipeReader(readFd), new FdPipeWriter(writeFd), segment, this.#looks)
    this.input = link.input
    this.output = link.output
  }

  /** ATTACHED was written last: what follows goes by the ring. */
  switchNow(): void {
    this.input.switchAfter(MESSAGE_BYTES)
  }

  /** Takes nothing more from the ring until `resume`. */
  pause(): void {
    this.#looks.isPaused = true
  }

  resume(): void {
    this.#looks.isPaused = false
    this.#looks.kick()
  }
}

/** Never polls: without WAKE it sees nothing, so that a worker which sends none is found out. */
class WakeOnly {
  isPaused = false
  #ring: Polled | undefined

  add(ring: Polled): void {
    this.#ring = ring
    ring.setPollUs(0)
    this.kick()
  }

  remove(): void {
    this.#ring = undefined
  }

  kick(): void {
    while (!this.isPaused && this.#ring !== undefined) {
      if (!this.#ring.look() && this.#ring?.sleeps() !== false) return
    }
  }
}
