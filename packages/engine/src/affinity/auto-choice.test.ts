import { describe, expect, test } from 'vitest'
import { AUTO_REST_US_MAX, AUTO_REST_US_MIN, AUTO_WINDOW_US } from '../base/limits.ts'
import { ManualClock } from '../testing/schedule.ts'
import type { Placement } from './arrangement.ts'
import { AutoChoice } from './auto-choice.ts'

/** What a load gives at a placement: messages by second, and processors that engine and workers use. */
interface Pace {
  readonly messages: number
  readonly processors: number
}
type Load = Readonly<Record<Placement, Pace>>

const LOOK_US = 10_000
const every = (pace: Pace): Load => ({ pack: pace, spread: pace, kernel: pace })
const load = (pack: number, spread: number, kernel: number, processors = 1): Load => ({
  pack: { messages: pack, processors },
  spread: { messages: spread, processors },
  kernel: { messages: kernel, processors },
})

/** A choice under loads that last for so long, on a clock that is moved by looks. Notes each placement it moves to. */
class Scene {
  readonly clock = new ManualClock(0)
  readonly choice = new AutoChoice()
  readonly moves: Placement[] = []
  /** Time spent at each placement. */
  readonly spentUs = { pack: 0, spread: 0, kernel: 0 }

  /** `others`: how much of the engine's processor they use. */
  play(load: Load, us: number, others = 0): this {
    const end = this.clock.nowUs() + us
    while (this.clock.nowUs() < end) {
      const before = this.choice.placement
      const { messages, processors } = load[before]
      this.clock.advance(LOOK_US)
      this.spentUs[before] += LOOK_US
      const placement = this.choice.look({
        elapsedUs: LOOK_US,
        usedUs: processors * LOOK_US,
        homeBusyUs: Math.min(1, processors + others) * LOOK_US,
        messages: (messages * LOOK_US) / 1_000_000,
      })
      if (placement !== before) this.moves.push(placement)
    }
    return this
  }
}

const IDLE = every({ messages: 0, processors: 0 })

describe('while one processor is enough', () => {
  test('it stays packed and tries nothing', () => {
    expect(new Scene().play(every({ messages: 30_000, processors: 0.84 }), 10_000_000).moves).toEqual([])
  })

  test('half a window of full use is too short, two windows are not', () => {
    const full = load(50_000, 10_000, 10_000)
    expect(new Scene().play(full, AUTO_WINDOW_US / 2).play(IDLE, 10_000_000).moves).toEqual([])
    expect(new Scene().play(full, AUTO_WINDOW_US * 2).moves[0]).toBe('spread')
  })
})

describe('when one processor is not enough', () => {
  test('the others are tried in turn, and the one that gets further holds', () => {
    const scene = new Scene().play(load(50_000, 90_000, 60_000), 900_000)
    expect(scene.moves).toEqual(['spread', 'kernel', 'pack', 'spread'])
    expect(new Scene().play(load(50_000, 60_000, 90_000), 900_000).moves.at(-1)).toBe('kernel')
  })

  test('what brings less than a tenth does not hold', () => {
    expect(new Scene().play(load(50_000, 54_000, 54_000), 900_000).moves).toEqual(['spread', 'kernel', 'pack'])
  })

  test('a placement that is clearly worse is given up early, and trials become rarer', () => {
    const scene = new Scene().play(load(50_000, 15_000, 20_000), 60_000_000)
    expect(scene.choice.placement).toBe('pack')
    // At the most one trial in each rest, and rests double.
    const trials = Math.ceil(Math.log2(AUTO_REST_US_MAX / AUTO_REST_US_MIN)) + 2
    expect(scene.moves.filter((one) => one === 'spread').length).toBeLessThanOrEqual(trials)
    expect(scene.spentUs.pack / 60_000_000).toBeGreaterThan(0.99)
  })

  test('a load that grows by as little as more calls in flight do is tried anew after the shortest rest', () => {
    const few = load(600_000, 100_000, 100_000)
    const many = load(850_000, 1_200_000, 900_000)
    const scene = new Scene().play(few, AUTO_REST_US_MAX) // By now it rests for long.
    const tried = scene.moves.length
    scene.play(every({ messages: 700_000, processors: 1 }), AUTO_REST_US_MIN + 2 * AUTO_WINDOW_US) // No other load.
    expect(scene.moves).toHaveLength(tried)
    scene.play(many, AUTO_REST_US_MIN + 4 * AUTO_WINDOW_US)
    expect(scene.choice.placement).toBe('spread')
  })

  test('a load that grows during a trial is not taken for the merit of what is tried', () => {
    const scene = new Scene().play(load(50_000, 50_000, 50_000), AUTO_WINDOW_US + LOOK_US)
    expect(scene.choice.placement).toBe('spread')
    scene.play(load(100_000, 90_000, 90_000), 700_000)
    expect(scene.moves.at(-1)).toBe('pack')
  })

  test('where few messages come, processor time tells', () => {
    const compute: Load = {
      pack: { messages: 10, processors: 1 },
      spread: { messages: 10, processors: 1 },
      kernel: { messages: 10, processors: 2 },
    }
    const scene = new Scene().play(compute, 2_500_000)
    expect(scene.choice.placement).toBe('kernel')
  })

  test('others on its processor count, too, unless it hardly needs it', () => {
    const almostIdle = load(3_000, 9_000, 9_000, 0.19)
    expect(new Scene().play(almostIdle, 3_000_000, 0.8).moves).toEqual([])
    const starved = load(8_000, 20_000, 20_000, 0.4)
    expect(new Scene().play(starved, 3_000_000).moves).toEqual([])
    expect(new Scene().play(starved, 3_000_000, 0.6).moves).toContain('spread')
  })
})

describe('after it spread', () => {
  const wide = load(50_000, 90_000, 60_000, 1.5)

  test('it stays while more than half a processor is used, and comes back below', () => {
    const scene = new Scene().play(wide, 900_000)
    expect(scene.choice.placement).toBe('spread')
    const moves = scene.moves.length
    scene.play(every({ messages: 80_000, processors: 0.61 }), 10_000_000)
    expect(scene.moves.length).toBe(moves)
    scene.play(every({ messages: 80_000, processors: 0.59 }), AUTO_WINDOW_US * 2)
    expect(scene.choice.placement).toBe('pack')
  })

  test('idle it comes back within the shortest rest, however long the last one was', () => {
    const scene = new Scene().play(wide, 60_000_000).play(IDLE, AUTO_REST_US_MIN + AUTO_WINDOW_US * 2)
    expect(scene.choice.placement).toBe('pack')
    expect(scene.play(IDLE, 60_000_000).choice.placement).toBe('pack')
  })

  test('a load for which packing is better is found without a pause', () => {
    const scene = new Scene().play(wide, 60_000_000)
    expect(scene.choice.placement).toBe('spread')
    scene.play(load(50_000, 15_000, 15_000), AUTO_REST_US_MIN + 1_000_000)
    expect(scene.choice.placement).toBe('pack')
  })

  test('the same load makes it no see-saw', () => {
    const scene = new Scene().play(wide, 60_000_000)
    expect(scene.spentUs.spread / 60_000_000).toBeGreaterThan(0.95)
  })
})
