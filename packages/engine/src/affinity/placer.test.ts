import { expect, onTestFinished, test } from 'vitest'
import { AUTO_WINDOW_US, PLACE_AGAIN_US, PLACE_WATCH_US } from '../base/limits.ts'
import type { Affinity } from '../options.ts'
import { ManualClock } from '../testing/schedule.ts'
import { AffinityError, Placer } from './placer.ts'
import type { Processors } from './processors.ts'

const ENGINE = 1
const [WORKER, CHILD] = [20, 21]

/** Three processors of which the second is the quietest, an engine, and a worker with a child. */
class Host implements Processors {
  readonly pid = ENGINE
  readonly allowed = [0, 1, 2]
  readonly clock = new ManualClock()
  /** What was placed where, in order; 0 is the calling thread. */
  readonly placed: string[] = []
  readonly warnings: string[] = []
  /** Processes that cannot be placed. */
  readonly stuck = new Set<number>()
  turns: (() => void)[] = []
  messages = 0
  /** How busy the engine is, in processors. */
  busy = 0
  /** Whether there is no descriptor to look by. */
  isOut = false
  #looks = 0

  idle(): ReadonlyMap<number, number> {
    this.#looks += 1
    return new Map(this.allowed.map((number) => [number, number === 1 ? this.#looks * 5 : this.#looks]))
  }

  placeThread(processors: readonly number[]): string | undefined {
    this.placed.push(`0 on ${processors}`)
    return undefined
  }

  place(pid: number, processors: readonly number[], helpers?: readonly number[]): string | undefined {
    if (this.stuck.has(pid)) return 'no right'
    this.placed.push(`${pid} on ${processors}${helpers === undefined ? '' : `, helpers on ${helpers}`}`)
    return undefined
  }

  family(pid: number): number[] {
    if (this.isOut) throw new Error('EMFILE: too many open files')
    return pid === WORKER ? [WORKER, CHILD] : [pid]
  }

  usedUs(pid: number): number {
    if (this.isOut) throw new Error('EMFILE: too many open files')
    return pid === ENGINE ? this.clock.nowUs() * this.busy : 0
  }

  /** A placer that is closed after the test. */
  async open(affinity: Affinity): Promise<Placer> {
    const opening = Placer.open(
      {
        processors: this,
        clock: this.clock,
        soon: (turn) => void this.turns.push(turn),
        progress: () => this.messages,
        warn: (text) => void this.warnings.push(text),
      },
      affinity,
    )
    this.clock.advance(PLACE_WATCH_US)
    const placer = await opening
    onTestFinished(() => placer.close())
    return placer
  }

  /** What was placed since the last time. */
  take(): string[] {
    return this.placed.splice(0)
  }
}

test('the engine goes on the quietest processor, and back on all by close, once', async () => {
  const host = new Host()
  const placer = await host.open('pack')
  expect(host.take()).toEqual(['1 on 1, helpers on 0,2'])
  expect(placer.width).toBe(1)
  placer.close()
  placer.close()
  expect(host.take()).toEqual(['1 on 0,1,2'])
})

test('spread: a worker is started on the processors of workers, and placed there again with its child when it is ready', async () => {
  const host = new Host()
  const placer = await host.open('spread')
  host.take()
  expect(placer.width).toBe(3)
  const worker = placer.spawn(() => {
    host.placed.push('start')
    return placer.add(WORKER)
  })
  expect(host.take()).toEqual(['0 on 0,2', 'start', '0 on 1'])
  worker.ready()
  expect(host.take()).toEqual([`${WORKER} on 0,2, helpers on 0,2`, `${CHILD} on 0,2, helpers on 0,2`])
  worker.gone()
  worker.ready()
  expect(host.take()).toEqual([])
})

test('a worker is placed once more when its threads have their names, unless it is gone', async () => {
  const host = new Host()
  const placer = await host.open('pack')
  const worker = placer.add(WORKER)
  const other = placer.add(30)
  worker.ready()
  other.ready()
  host.take()
  other.gone()
  host.clock.advance(PLACE_AGAIN_US)
  for (const turn of host.turns.splice(0)) turn()
  expect(host.take()).toEqual([`${WORKER} on 1, helpers on 0,2`, `${CHILD} on 1, helpers on 0,2`])
  expect(host.clock.nextUs).toBeUndefined()
})

test('packed a worker starts where the engine is, and nobody is moved for it', async () => {
  const host = new Host()
  const placer = await host.open('pack')
  host.take()
  expect(placer.spawn(() => 'started')).toBe('started')
  expect(host.take()).toEqual([])
})

test('the engine is back in its place when a start throws', async () => {
  const host = new Host()
  const placer = await host.open('spread')
  host.take()
  expect(() =>
    placer.spawn(() => {
      throw new Error('no descriptors')
    }),
  ).toThrow('no descriptors')
  expect(host.take()).toEqual(['0 on 0,2', '0 on 1'])
})

test('a process that cannot be placed is told by its number, and the others are placed', async () => {
  const host = new Host()
  const placer = await host.open('pack')
  host.take()
  host.stuck.add(WORKER)
  placer.add(WORKER).ready()
  expect(host.warnings).toEqual([`affinity: process ${WORKER} stays where it is: no right`])
  expect(host.take()).toEqual([`${CHILD} on 1, helpers on 0,2`])
})

test('without a descriptor to look by the engine goes on, says so once, and looks again', async () => {
  const host = new Host()
  const placer = await host.open('auto')
  const worker = placer.add(WORKER)
  host.isOut = true
  host.clock.advance(AUTO_WINDOW_US * 20)
  expect(host.warnings).toEqual(['affinity: there is nothing to decide by: EMFILE: too many open files'])
  worker.ready()
  expect(host.warnings.length).toBe(1)
  host.isOut = false
  host.busy = 1
  while (placer.placement === 'pack') host.clock.advance(AUTO_WINDOW_US)
  expect(placer.placement).toBe('spread')
})

test('an engine that cannot be placed does not start, and the next one may', async () => {
  const host = new Host()
  host.stuck.add(ENGINE)
  await expect(host.open('pack')).rejects.toThrow(new AffinityError('affinity: the engine cannot be placed: no right'))
  host.stuck.clear()
  expect((await host.open('pack')).placement).toBe('pack')
})

test('auto: a busy engine is tried elsewhere, one family in a turn; after close nobody looks any more', async () => {
  const host = new Host()
  const placer = await host.open('auto')
  placer.add(WORKER).ready()
  placer.add(30).ready()
  host.clock.advance(PLACE_AGAIN_US)
  for (let turns = host.turns; turns.length > 0; turns = host.turns) {
    host.turns = []
    for (const turn of turns) turn()
  }
  host.take()
  let widths = 0
  placer.onWidth.push(() => {
    widths += 1
  })
  host.busy = 1
  while (placer.placement === 'pack') host.clock.advance(AUTO_WINDOW_US)
  expect(placer.placement).toBe('spread')
  expect(widths).toBe(1)
  expect(host.take()).toEqual(['1 on 1, helpers on 0,2', '30 on 0,2, helpers on 0,2'])
  for (const turn of host.turns.splice(0)) turn()
  expect(host.take()).toEqual([`${WORKER} on 0,2, helpers on 0,2`, `${CHILD} on 0,2, helpers on 0,2`])
  placer.close()
  expect(host.clock.nextUs).toBeUndefined()
})
