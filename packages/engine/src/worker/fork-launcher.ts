/** Starts workers by forking them from a zygote of their program, where that is wanted and works, and plainly otherwise. */
import type { Placement } from '../affinity/arrangement.ts'
import { ZYGOTE_FAILURES_MAX } from '../base/limits.ts'
import type { Flusher } from '../channel/flusher.ts'
import type {
  Clock,
  ForkGroup,
  LaunchedWorker,
  Launcher,
  LaunchRequest,
  LinkPipes,
  OfferedLink,
  PayloadStore,
  ProcessListener,
} from '../world.ts'
import type { Fifos } from './fifos.ts'
import { ForkedWorker } from './forked-worker.ts'
import { LateWorker } from './late-worker.ts'
import type { LocalLauncher } from './local-launcher.ts'
import { Zygote } from './zygote.ts'

/** What makes a zygote of a command that makes workers. */
const ZYGOTE_OPTION = '--zygote'

/** What is kept for one version of a program. */
interface Home {
  /** The one that forks; undefined: the next launch starts one. */
  zygote: Zygote | undefined
  /** Zygotes in a row that ended before they were ready. */
  failures: number
  /** No more launches come. */
  released: boolean
}

export class ForkLauncher implements Launcher {
  readonly ringFault: string | undefined
  readonly #inner: LocalLauncher
  readonly #clock: Clock
  readonly #flusher: Flusher
  readonly #token: () => string
  readonly #homes = new Map<ForkGroup, Home>()
  /** Zygotes whose process has not ended. */
  readonly #zygotes = new Set<Zygote>()
  #zygotesMade = 0
  #onAllEnded: (() => void) | undefined

  /** `inner` starts zygotes, and workers that are not forked; `token` makes a secret for HELLO. */
  constructor(inner: LocalLauncher, clock: Clock, flusher: Flusher, token: () => string) {
    this.#inner = inner
    this.ringFault = inner.ringFault
    this.#clock = clock
    this.#flusher = flusher
    this.#token = token
  }

  get placement(): Placement | undefined {
    return this.#inner.placer?.placement
  }

  get payloads(): PayloadStore | undefined {
    return this.#inner.payloads
  }

  offerLink(name: string): OfferedLink {
    return this.#inner.offerLink(name)
  }

  openLink(inPath: string, outPath: string): LinkPipes {
    return this.#inner.openLink(inPath, outPath)
  }

  launch(request: LaunchRequest, listener: ProcessListener): LaunchedWorker {
    if (request.forkOf === undefined) return this.#inner.launch(request, listener)
    const zygote = this.#zygoteFor(request.forkOf, request, listener)
    if (zygote === undefined) return this.#inner.launch(request, listener)
    let fifos: Fifos
    try {
      // Other names than a plain start has: a child that nobody told of must not find the channel that replaced its own.
      fifos = this.#inner.fifos(`forked-${request.workerId}`)
    } catch {
      return this.#inner.launch(request, listener) // Which meets the same error, and tells it.
    }
    return this.#fork(zygote, request, listener, fifos)
  }

  release(group: ForkGroup): void {
    const home = this.#homes.get(group)
    if (home === undefined) return
    home.released = true
    // With children it ends after the last of them, so that each exit is told.
    if (home.zygote?.size === 0) home.zygote.drain()
    if (home.zygote === undefined) this.#homes.delete(group)
  }

  async close(): Promise<void> {
    for (const zygote of this.#zygotes) zygote.drain()
    if (this.#zygotes.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onAllEnded = resolve
      })
    }
    await this.#inner.close()
  }

  #fork(zygote: Zygote, request: LaunchRequest, listener: ProcessListener, fifos: Fifos): LaunchedWorker {
    const late = new LateWorker()
    let worker: ForkedWorker | undefined
    const order = {
      channelIn: fifos.inPath,
      channelOut: fifos.outPath,
      token: request.token,
      forked: (pid: number) => {
        const { placer, polling } = this.#inner
        worker = new ForkedWorker(pid, fifos, this.#clock, listener, placer?.add(pid), polling)
        late.become(worker)
      },
      failed: () => {
        // A child that nobody told of finds no reader, or the end of its channel, and exits.
        fifos.discard()
        const { earlySignal } = late
        if (earlySignal === undefined) late.become(this.#inner.launch(request, listener))
        else queueMicrotask(() => listener.onExit({ code: null, signal: earlySignal }, undefined))
      },
      exited: (exitCode: number) => worker?.exited(exitCode),
      orphaned: () => worker?.orphaned(),
    }
    late.onEarlySignal = () => {
      if (zygote.cancel(order)) order.failed()
    }
    zygote.fork(order)
    return late
  }

  /** The zygote of a group, started now if it has none; undefined: it cannot have one. */
  #zygoteFor(group: ForkGroup, request: LaunchRequest, listener: ProcessListener): Zygote | undefined {
    let home = this.#homes.get(group)
    if (home === undefined) {
      home = { zygote: undefined, failures: 0, released: false }
      this.#homes.set(group, home)
    }
    if (home.zygote === undefined && home.failures < ZYGOTE_FAILURES_MAX) this.#start(home, group, request, listener)
    return home.zygote
  }

  #start(home: Home, group: ForkGroup, request: LaunchRequest, listener: ProcessListener): void {
    this.#zygotesMade += 1
    const name = `zygote-${this.#zygotesMade}`
    let isReady = false
    const zygote = new Zygote(
      {
        clock: this.#clock,
        flusher: this.#flusher,
        launch: (own, told) => this.#inner.launch(own, told, name),
        ready: () => {
          isReady = true
          home.failures = 0
        },
        lost: (why) => {
          if (home.zygote === zygote) home.zygote = undefined
          if (home.released) this.#homes.delete(group)
          if (why === undefined) return
          if (!isReady) home.failures += 1
          listener.onOutput(
            'stderr',
            `the zygote of program ${group.program} ${why}; its workers are started without it`,
          )
        },
        ended: () => {
          this.#zygotes.delete(zygote)
          if (this.#zygotes.size === 0) this.#onAllEnded?.()
        },
        idle: () => {
          if (home.released) zygote.drain()
        },
        output: (stream, line) => listener.onOutput(stream, line),
      },
      {
        ...request,
        command: [...request.command, ZYGOTE_OPTION],
        token: this.#token(),
        forkOf: undefined,
        payloadFiles: false, // Its children would find it in their environment.
        rings: false, // It carries no calls.
        pausable: false, // Its children are stopped by signals: a freezer around it would hold all of them.
      },
    )
    home.zygote = zygote
    this.#zygotes.add(zygote)
  }
}
