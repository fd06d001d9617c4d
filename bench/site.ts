/** The processes of one round at one place: started when first needed, ended together. */
import { join } from 'node:path'
import type { ProgramOptions } from '@millrace/engine'
import type { Floor } from './floor.ts'
import type { BareServerQuestions } from './http/bare-server.ts'
import type { HttpClientQuestions } from './http/load.ts'
import { Peer } from './peer.ts'
import type { Place } from './place.ts'
import type { EnginePlan, EngineQuestions } from './subject/engine-questions.ts'
import type { Workers } from './subject/languages.ts'

/** What was built before the first round. */
export interface Built {
  readonly floor: Floor
  readonly workers: Workers
}

export class Site {
  readonly place: Place
  readonly floor: Floor
  readonly workers: Workers
  /** In the order in which they end: who calls goes first. */
  readonly #client = new Later(() => Peer.start<HttpClientQuestions>(script('http/client-process.ts'), this.place))
  readonly #bareServer = new Later(() => Peer.start<BareServerQuestions>(script('http/bare-server.ts'), this.place))
  readonly #engines = new Map<string, Later<Peer<EngineQuestions>>>()

  constructor(place: Place, { floor, workers }: Built) {
    this.place = place
    this.floor = floor
    this.workers = workers
  }

  /**
   * An engine with these programs, the same for all cases of a round that ask for the same. It is fresh each round:
   * rounds differ by more than noise when code was optimised another way.
   */
  engine(programs: readonly ProgramOptions[], { http = false } = {}): Promise<Peer<EngineQuestions>> {
    const plan = JSON.stringify({ programs, http } satisfies EnginePlan)
    const found = this.#engines.get(plan)
    if (found !== undefined) return found.get()
    const later = new Later(() => Peer.start<EngineQuestions>(script('subject/engine-process.ts'), this.place, [plan]))
    this.#engines.set(plan, later)
    return later.get()
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
