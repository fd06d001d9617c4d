/** Engines side by side in one process, each beside the others as the shards of one host are, but without a supervisor. */
import { createEngine } from '../engine.ts'
import type { Engine } from '../engine-api.ts'
import type { EngineOptions, LinkOffer, PeerOptions, PeersOptions, ProgramOptions } from '../options.ts'
import type { World } from '../world.ts'

/** What one of them runs; `functions` of each program must be named, for the others to call them. */
export interface Neighbour {
  readonly programs: readonly ProgramOptions[]
  readonly options?: Partial<EngineOptions>
  /** Default: this host. */
  readonly world?: World
}

export class Neighbours {
  readonly engines: readonly Engine[]
  /** Every link that was offered, oldest first. */
  readonly offers: { readonly from: number; readonly to: number; readonly link: LinkOffer }[] = []
  readonly #up = new Set<number>()
  readonly #linked = new Set<string>()
  readonly #quiet = Promise.withResolvers<void>()
  readonly #someIdle = Promise.withResolvers<void>()
  #idle = 0
  #onLinked: () => void = () => {}

  constructor(neighbours: readonly Neighbour[]) {
    const offers = neighbours.map(({ programs }, index) => ({
      index,
      functions: programs.flatMap(({ functions = [] }) => functions),
    }))
    this.engines = neighbours.map(({ programs, options, world }, index) => {
      const peers = offers.filter((peer) => peer.index !== index && peer.functions.length > 0)
      // One alone is an engine as any other.
      const beside = neighbours.length === 1 ? {} : { peers: this.#optionsOf(index, peers) }
      return createEngine({ ...options, programs, ...beside }, world)
    })
  }

  /** Starts all. Resolves when they serve and can call one another; throws when a program of theirs cannot start. */
  async start(): Promise<this> {
    const started = await Promise.all(this.engines.map((engine) => engine.start()))
    for (const { failures } of started) {
      for (const { program, message } of failures) throw new Error(`${program} did not start: ${message}`)
    }
    const links = this.engines.length * (this.engines.length - 1)
    await new Promise<void>((resolve) => {
      this.#onLinked = () => {
        if (this.#linked.size === links) resolve()
      }
      this.#onLinked()
    })
    return this
  }

  /** Resolves when one of them stops and its calls have ended. */
  get someIdle(): Promise<void> {
    return this.#someIdle.promise
  }

  async stop(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.stop()))
  }

  #optionsOf(index: number, peers: readonly PeerOptions[]): PeersOptions {
    return {
      index,
      peers,
      opened: () => this.#opened(index),
      offer: (to, link) => {
        this.offers.push({ from: index, to, link })
        this.engines[to]!.peers!.serve(index, link)
      },
      linked: (to) => {
        this.#linked.add(`${index} ${to}`)
        this.#onLinked()
      },
      quiet: () => {
        this.#idle += 1
        this.#someIdle.resolve()
        if (this.#idle === this.engines.length) this.#quiet.resolve()
        return this.#quiet.promise
      },
    }
  }

  #opened(index: number): void {
    for (const other of this.#up) {
      this.engines[other]!.peers!.up(index)
      this.engines[index]!.peers!.up(other)
    }
    this.#up.add(index)
  }
}
