import type { EngineMetrics } from '../observe/metrics.ts'
import type { LinkOffer } from '../options.ts'
import type { FunctionRegistry } from '../registry/function-registry.ts'
import type { Alarm, Launcher, LinkPipes } from '../world.ts'
import type { LinkParts } from './link-parts.ts'
import { LinkServer } from './link-server.ts'
import { Peer } from './peer.ts'

/** All other engines of a host, as one of them sees them: those that it calls, and those that call it. */
export class Peers {
  readonly #parts: LinkParts
  readonly #peers = new Map<number, Peer>()
  readonly #servers = new Map<number, LinkServer>()
  /** Names of the other engines' functions: none of them is offered on. */
  readonly #theirs = new Set<string>()
  #launcher: Launcher | undefined
  #closed = false

  constructor(parts: LinkParts) {
    this.#parts = parts
    for (const plan of parts.options.peers) {
      this.#peers.set(plan.index, new Peer(plan, parts))
      for (const { name } of plan.functions) this.#theirs.add(name)
    }
  }

  /** The counters of all links. */
  get metrics(): EngineMetrics {
    return this.#parts.metrics
  }

  /** FIFOs can be made. Nothing is done before. */
  open(launcher: Launcher): void {
    this.#launcher = launcher
    this.#parts.options.opened()
  }

  /** Another engine is up, maybe anew, and can open links. */
  up(index: number): void {
    // One without functions is never called.
    if (this.#launcher !== undefined) this.#peers.get(index)?.up(this.#launcher)
  }

  /** Another engine has ended. `why`: for people. */
  down(index: number, why: string): void {
    this.#servers.get(index)?.close()
    this.#servers.delete(index)
    this.#peers.get(index)?.down(why)
  }

  /** Another engine offers a link, to call this one by; it takes the place of the one that it had. */
  serve(from: number, { inPath, outPath, token }: LinkOffer): void {
    this.#servers.get(from)?.close()
    this.#servers.delete(from)
    if (this.#closed || this.#launcher === undefined) return
    let pipes: LinkPipes
    try {
      pipes = this.#launcher.openLink!(inPath, outPath)
    } catch (error) {
      // It ended meanwhile, or will offer another one when this has had no answer.
      this.#parts.warn(from, `its link could not be opened: ${(error as Error).message}`)
      return
    }
    this.#servers.set(from, new LinkServer(from, this.#parts, pipes, token, this.#own(this.#parts.registry)))
  }

  /** Resolves when no engine has calls open any more, or after `timeoutUs` microseconds: until then others may need this one. */
  async quiet(timeoutUs: number): Promise<void> {
    const { options, clock } = this.#parts
    let alarm: Alarm | undefined
    const late = new Promise<void>((resolve) => {
      alarm = clock.alarm(timeoutUs, resolve)
    })
    await Promise.race([options.quiet(), late])
    alarm?.cancel()
  }

  /** Lets all links go. */
  close(): void {
    this.#closed = true
    for (const server of this.#servers.values()) server.close()
    this.#servers.clear()
    for (const peer of this.#peers.values()) peer.close()
  }

  #own(registry: FunctionRegistry): { name: string; timeoutUs: number }[] {
    const own: { name: string; timeoutUs: number }[] = []
    for (const { name, timeoutUs } of registry.all()) if (!this.#theirs.has(name)) own.push({ name, timeoutUs })
    return own
  }
}
