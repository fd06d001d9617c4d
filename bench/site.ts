/** The processes of one round at one place: started when first needed, ended together. */
import { join } from 'node:path'
import type { ProgramOptions } from '@millrace/engine'
import type { Floor } from './floor.ts'
import type { BareServerQuestions } from './http/bare-server.ts'
import type { HttpClientQuestions } from './http/load.ts'
import { Peer } from './peer.ts'
import type { Peers } from './peers/peers.ts'
import type { Place, PlaceName } from './place.ts'
import type { EnginePlan, EngineQuestions, FirstCalls } from './subject/engine-questions.ts'
import type { Workers } from './subject/languages.ts'

/**
 * Enough for the compiler of the engine and of Node's workers to be done; with half as many it still shows. Free, it works
 * on another core, and calls take three times as long. Each of eight workers has one call of a tree: as many trees as calls.
 */
const FIRST_CALLS: Readonly<Record<PlaceName, FirstCalls>> = {
  pinned: { overlapping: 40_000, sequential: 40_000, trees: 20_000 },
  free: { overlapping: 40_000, sequential: 5_000, trees: 20_000 },
}

/** What was built before the first round. */
export interface Built {
  readonly floor: Floor
  readonly workers: Workers
  readonly peers: Peers
  /** Where the bench may write. */
  readonly folder: string
}

export class Site {
  readonly place: Place
  readonly floor: Floor
  readonly workers: Workers
  readonly peers: Peers
  readonly folder: string
  /** In the order in which they end: who calls goes first. */
  readonly #client = new Later(() => Peer.start<HttpClientQuestions>(script('http/client-process.ts'), this.place))
  readonly #bareServer = new Later(() => Peer.start<BareServerQuestions>(script('http/bare-server.ts'), this.place))
  readonly #engines = new Map<string, Later<Peer<EngineQuestions>>>()

  constructor(place: Place, { floor, workers, peers, folder }: Built) {
    this.place = place
    this.floor = floor
    this.workers = workers
    this.peers = peers
    this.folder = folder
  }

  /**
   * An engine with these programs, the same for all cases of a round that ask for the same. It is fresh each round:
   * rounds differ by more than noise when code was optimised another way.
   */
  engine(
    programs: readonly ProgramOptions[],
    { http = false, pollPipes = true, onlyFor }: Partial<Pick<EnginePlan, 'http' | 'pollPipes' | 'onlyFor'>> = {},
  ): Promise<Peer<EngineQuestions>> {
    const own = onlyFor === undefined ? {} : { onlyFor }
    const plan: EnginePlan = { programs, http, pollPipes, ...own, firstCalls: FIRST_CALLS[this.place.name] }
    const key = JSON.stringify(plan)
    const found = this.#engines.get(key)
    if (found !== undefined) return found.get()
    const later = new Later(() => this.#startEngine(plan))
    this.#engines.set(key, later)
    return later.get()
  }

  /** An engine for one case alone, which ends when `use` has; it has made no call before. */
  async ownEngine<T>(
    programs: readonly ProgramOptions[],
    use: (engine: Peer<EngineQuestions>) => Promise<T>,
  ): Promise<T> {
    const engine = await this.#startEngine({ programs, http: false })
    try {
      return await use(engine)
    } finally {
      await engine.end()
    }
  }

  #startEngine(plan: EnginePlan): Promise<Peer<EngineQuestions>> {
    return Peer.start<EngineQuestions>(script('subject/engine-process.ts'), this.place, [JSON.stringify(plan)])
  }

  bareServer(): Promise<Peer<BareServerQuestions>> {
    return this.#bareServer.get()
  }

  client(): Promise<Peer<HttpClientQuestions>> {
    return this.#client.get()
  }

  async end(): Promise<void> {
    for (const later of [this.#client, this.#bareServer, ...this.#engines.values()]) await later.started?.end()
  }
}

class Later<P extends { end(): Promise<void> }> {
  readonly #start: () => Promise<P>
  started: P | undefined

  constructor(start: () => Promise<P>) {
    this.#start = start
  }

  async get(): Promise<P> {
    this.started ??= await this.#start()
    return this.started
  }
}

function script(path: string): string {
  return join(import.meta.dirname, path)
}
