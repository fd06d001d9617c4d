/** The processes of one round at one place: started when first needed, ended together. */
import { join } from 'node:path'
import type { Floor } from './floor.ts'
import type { BareServerQuestions } from './http/bare-server.ts'
import type { HttpClientQuestions } from './http/load.ts'
import { Peer } from './peer.ts'
import type { Place } from './place.ts'
import type { EngineQuestions } from './subject/engine-questions.ts'

export class Site {
  readonly place: Place
  readonly floor: Floor
  /** In the order in which they end: who calls goes first. */
  readonly #client = new Later(() => Peer.start<HttpClientQuestions>(script('http/client-process.ts'), this.place))
  readonly #bareServer = new Later(() => Peer.start<BareServerQuestions>(script('http/bare-server.ts'), this.place))
  readonly #engine = new Later(() => Peer.start<EngineQuestions>(script('subject/engine-process.ts'), this.place))

  constructor(place: Place, floor: Floor) {
    this.place = place
    this.floor = floor
  }

  /** A fresh engine with its workers: rounds differ by more than noise when code was optimised another way. */
  engine(): Promise<Peer<EngineQuestions>> {
    return this.#engine.get()
  }

  bareServer(): Promise<Peer<BareServerQuestions>> {
    return this.#bareServer.get()
  }

  client(): Promise<Peer<HttpClientQuestions>> {
    return this.#client.get()
  }

  async end(): Promise<void> {
    for (const later of [this.#client, this.#bareServer, this.#engine]) await later.started?.end()
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
