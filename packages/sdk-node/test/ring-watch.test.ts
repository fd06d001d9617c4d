import { RING_POLL_US_MAX } from '@millrace/protocol'
import { expect, test } from 'vitest'
import { RingWatch, type Watched } from '../src/ring-watch.ts'

/** A ring that has messages when the test says so. */
class FakeRing implements Watched {
  there = 0
  taken = 0
  looks = 0
  flag = 0
  pollUs = 0
  /** Comes between the last look and the setting of the flag. */
  beforeFlag: () => void = () => {}

  look(): boolean {
    this.looks += 1
    const found = this.there > 0
    this.taken += this.there
    this.there = 0
    return found
  }

  sleeps(): boolean {
    this.beforeFlag()
    this.flag = 1
    if (this.there > 0) this.flag = 0
    return this.flag === 1
  }

  wakes(): void {
    this.flag = 0
  }
}

/** Time that moves by `stepUs` with each turn of the event loop, and turns that the test takes. */
function stage(pollUs: number, stepUs = 1) {
  let now = 1_000
  const turns: (() => void)[] = []
  const ring = new FakeRing()
  ring.pollUs = pollUs
  const watch = new RingWatch(ring, { nowUs: () => now, later: (turn) => void turns.push(turn) })
  return {
    ring,
    watch,
    turns,
    /** Takes at most that many turns, or until nobody asks for one. Returns how many were taken. */
    run: (most = 5_000): number => {
      let taken = 0
      for (; turns.length > 0 && taken < most; taken += 1) {
        now += stepUs
        turns.shift()!()
      }
      return taken
    },
  }
}

test('it looks once in each turn for as long as the engine says, then sets the flag and takes no turn any more', () => {
  const { ring, watch, run, turns } = stage(50)
  watch.kick()
  expect(run()).toBe(50)
  expect([ring.looks, ring.flag, turns.length]).toEqual([50, 1, 0])
})

test('with no time to poll it sleeps after one look', () => {
  const { ring, watch, run } = stage(0)
  watch.kick()
  expect(run()).toBe(1)
  expect(ring.flag).toBe(1)
})

test('what the engine says is taken up to the longest that a worker may poll', () => {
  const { watch, run } = stage(0xffff_ffff)
  watch.kick()
  expect(run()).toBe(RING_POLL_US_MAX)
})

test('a message that comes begins the time anew, and the engine may change it meanwhile', () => {
  const { ring, watch, run } = stage(50)
  watch.kick()
  expect(run(40)).toBe(40)
  ring.there = 1
  expect(run(1 + 49)).toBe(50)
  expect([ring.taken, ring.flag]).toEqual([1, 0])
  expect(run()).toBe(1)
  expect(ring.flag).toBe(1)
  watch.kick()
  expect([ring.flag, run(10)]).toEqual([0, 10])
  ring.pollUs = 5
  expect(run()).toBe(1)
})

test('a message that comes just before the flag is set is taken without WAKE', () => {
  const { ring, watch, run } = stage(0)
  ring.beforeFlag = () => {
    ring.there = 1
    ring.beforeFlag = () => {}
  }
  watch.kick()
  expect(run()).toBe(3) // Looks, finds it in the next turn, and sleeps in the third.
  expect([ring.taken, ring.flag]).toEqual([1, 1])
})

test('a kick while it is awake asks for no second turn', () => {
  const { watch, turns } = stage(50)
  watch.kick()
  watch.kick()
  expect(turns).toHaveLength(1)
})

test('stopped, it looks no more, whoever kicks it', () => {
  const { ring, watch, run, turns } = stage(50)
  watch.kick()
  watch.stop()
  run()
  watch.kick()
  expect([ring.looks, turns.length]).toEqual([0, 0])
  const asleep = stage(50)
  asleep.watch.stop()
  asleep.watch.kick()
  expect(asleep.turns).toHaveLength(0)
})
