/** The real world: the system's clock, processes of this host, bits from the system's generator. */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { AffinityError, Placer } from './affinity/placer.ts'
import { openProcessors } from './affinity/processors.ts'
import { RING_CELLS } from './base/limits.ts'
import { openDirectCalls } from './channel/direct-calls.ts'
import { Flusher } from './channel/flusher.ts'
import { FlushingClock } from './channel/flushing-clock.ts'
import { PipePoller } from './channel/pipe-poller.ts'
import type { Polling } from './channel/pipe-reader.ts'
import { RingPoller } from './channel/ring-poller.ts'
import { SharedMemory } from './channel/shared-memory.ts'
import { WakePipe } from './channel/wake-pipe.ts'
import { systemClock } from './observe/clock.ts'
import type { RingIdle } from './options.ts'
import { ForkLauncher } from './worker/fork-launcher.ts'
import { LocalLauncher, type LocalRings } from './worker/local-launcher.ts'
import { PayloadPlace } from './worker/payload-place.ts'
import { defaultRuntimeBase } from './worker/runtime-base.ts'
import { RuntimeDirectory } from './worker/runtime-directory.ts'
import type { AffinityWish, Random, World } from './world.ts'

/** How the engine of a local world works, beyond what its own options say. */
export interface LocalWorldOptions {
  /**
   * Whether the engine reads the pipes of those that it has just written to ahead of the event loop, while it and its workers
   * share one processor. Needs the package koffi; without it the event loop reads alone. Default true.
   */
  readonly pollPipes?: boolean
}

/** Makes a world of this host. Nothing is started or written before `openLauncher`. */
export function createLocalWorld({ pollPipes = true }: LocalWorldOptions = {}): World {
  const soon = (flush: () => void): void => {
    setImmediate(flush)
  }
  return {
    clock: systemClock,
    random: systemRandom(),
    soon,
    next: (run) => process.nextTick(run),
    openLauncher: async (runtimeDirectory, payloadFiles, rings, affinity) => {
      const base = runtimeDirectory ?? defaultRuntimeBase()
      const runtime = await RuntimeDirectory.create(base, randomBytes(8).toString('hex'))
      let payloads: PayloadPlace | undefined
      let placer: Placer | undefined
      try {
        placer = affinity === undefined ? undefined : await openPlacer(affinity, soon)
        payloads = payloadFiles === false ? undefined : await PayloadPlace.find(payloadFiles.directory, runtime, token)
      } catch (error) {
        placer?.close()
        runtime.close()
        throw error
      }
      const opened = rings === undefined ? undefined : openRings(rings, soon, placer)
      const polling = pollPipes ? openPolling(placer) : undefined
      const local = new LocalLauncher(runtime, payloads, opened, placer, polling)
      const flusher = new Flusher(soon)
      return new ForkLauncher(local, new FlushingClock(systemClock, flusher), flusher, token)
    },
  }
}

/** What rings need; or why there are none, with the fix. */
function openRings(idle: RingIdle, soon: (turn: () => void) => void, placer: Placer | undefined): LocalRings | string {
  const memory = SharedMemory.open(RING_CELLS)
  if (typeof memory === 'string') return memory
  const processors = placer === undefined ? availableParallelism() : 0
  const world = {
    nowUs: () => systemClock.nowUs(),
    soon,
    get processors() {
      return placer?.width ?? processors
    },
  }
  const poller = new RingPoller(world, idle)
  placer?.onWidth.push(() => poller.shareOut())
  return { memory, poller, wakes: WakePipe.open() }
}

/** What reads pipes ahead of the event loop; undefined where engine and workers never share one processor, or koffi is missing. */
function openPolling(placer: Placer | undefined): Polling | undefined {
  if (placer === undefined && availableParallelism() > 1) return undefined
  const calls = openDirectCalls()
  if (typeof calls === 'string') return undefined
  const width = (): number => placer?.width ?? 1
  const world = {
    nowUs: () => systemClock.nowUs(),
    yieldProcessor: () => calls.yieldProcessor(),
    oneProcessor: width() === 1,
  }
  placer?.onWidth.push(() => {
    world.oneProcessor = width() === 1
  })
  return { poller: new PipePoller(world), calls }
}

/** Places the engine's process. Throws `AffinityError`, with the fix. */
async function openPlacer(
  { affinity, progress, tell }: AffinityWish,
  soon: (turn: () => void) => void,
): Promise<Placer> {
  const processors = openProcessors()
  if (typeof processors === 'string') throw new AffinityError(processors)
  const placer = await Placer.open(
    { processors, clock: systemClock, soon, progress, warn: (text) => tell('warn', text) },
    affinity,
  )
  if (processors.allowed.length === 1) {
    tell(
      'warn',
      `affinity ${affinity} is the same as pack: this process may use one processor, ${processors.allowed[0]}`,
    )
  }
  tell('info', `affinity ${affinity}: ${placer.description}`)
  return placer
}

/** xorshift128, seeded by the system: ids of traces and spans must differ, not be secret. Tokens come from the system. */
export function systemRandom(): Random {
  const seed = randomBytes(16)
  return seededRandom([seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8), seed.readInt32LE(12) | 1], token)
}

/** A fresh secret, from the system's generator. */
function token(): string {
  return randomBytes(16).toString('hex')
}

/** A generator with a known start, for tests; `token` makes its tokens, from its own bits by default. */
export function seededRandom(seed: readonly [number, number, number, number], token?: () => string): Random {
  let [x, y, z, w] = seed
  const u32 = (): number => {
    let t = x ^ (x << 11)
    t ^= t >>> 8
    x = y
    y = z
    z = w
    w = (w ^ (w >>> 19) ^ t) | 0
    return w >>> 0
  }
  const ownToken = (): string => Array.from({ length: 4 }, () => u32().toString(16).padStart(8, '0')).join('')
  return { u32, token: token ?? ownToken }
}
