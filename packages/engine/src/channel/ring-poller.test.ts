import { expect, test } from 'vitest'
import { type Polled, RingPoller } from './ring-poller.ts'

/** A ring that has messages when the test says so. */
class FakeRing implements Polled {
  there = 0
  taken = 0
  looks = 0
  flag = 0
  workerAwake = false
  pollUs = -1
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

  setPollUs(us: number): void {
    this.pollUs = us
  }
}

/** Time that moves by one microsecond with each look at it, and turns that the test takes. */
function world(processors = 4) {
  let now = 0
  const turns: (() => void)[] = []
  return {
    nowUs: () => {
      now += 1
      return now
    },
    soon: (turn: () => void) => void turns.push(turn),
    processors,
    /** Takes turns until nobody asks for one. Returns how many; more than `most` is one too many. */
    run: (most: number): number => {
      let taken = 0
      for (; turns.length > 0 && taken <= most; taken += 1) turns.shift()!()
      return taken
    },
  }
}

test('it sleeps when nothing came for as long as it polls, with the flag of every ring set', () => {
  const outside = world()
  const poller = new RingPoller(outside, { spinUs: 50 })
  const rings = [new FakeRing(), new FakeRing()]
  for (const ring of rings) poller.add(ring)
  expect(rings.map((ring) => ring.flag)).toEqual([0, 0])
  expect(outside.run(100)).toBeGreaterThan(1) // Others get their turns between.
  expect(rings[1]!.looks).toBeGreaterThan(30)
  expect(rings[1]!.looks).toBeLessThan(60)
  expect(rings.map((ring) => ring.flag)).toEqual([1, 1])
})

test('park: it looks, and sleeps in the same turn when there is nothing', () => {
  const outside = world()
  const poller = new RingPoller(outside, 'park')
  const ring = new FakeRing()
  poller.add(ring)
  expect(outside.run(10)).toBe(0)
  expect([ring.flag, ring.pollUs]).toEqual([1, 0])
})

test('what came before the flag was set is taken, and it sleeps only afterwards', () => {
  const outside = world()
  const poller = new RingPoller(outside, 'park')
  const ring = new FakeRing()
  ring.beforeFlag = () => {
    ring.there = 1
    ring.beforeFlag = () => {}
  }
  poller.add(ring)
  expect(ring.flag).toBe(0)
  outside.run(10)
  expect([ring.taken, ring.flag]).toEqual([1, 1])
})

test('a kick wakes it, clears the flags and takes what is there', () => {
  const outside = world()
  const poller = new RingPoller(outside, { spinUs: 20 })
  const ring = new FakeRing()
  poller.add(ring)
  outside.run(100)
  ring.there = 3
  poller.kick()
  expect([ring.taken, ring.flag]).toEqual([3, 0])
  outside.run(100)
  expect(ring.flag).toBe(1)
})

test('a ring that is removed is looked at no more', () => {
  const outside = world()
  const poller = new RingPoller(outside, { spinUs: 20 })
  const ring = new FakeRing()
  poller.add(ring)
  poller.remove(ring)
  ring.there = 1
  outside.run(100)
  expect(ring.taken).toBe(0)
})

test('auto: it polls only while the workers that are awake, and it, have a processor each', () => {
  const outside = world(2)
  const poller = new RingPoller(outside, 'auto')
  const rings = [new FakeRing(), new FakeRing()]
  for (const ring of rings) {
    ring.workerAwake = true
    poller.add(ring)
  }
  outside.run(100)
  expect(rings.map((ring) => ring.pollUs)).toEqual([0, 0])
  rings[1]!.looks = 0
  poller.kick()
  outside.run(100)
  expect(rings[1]!.looks).toBe(1)
  rings[0]!.workerAwake = false
  poller.kick()
  outside.run(100)
  expect(rings[1]!.looks).toBeGreaterThan(30)
  poller.remove(rings[0]!)
  expect(rings[1]!.pollUs).toBeGreaterThan(0)
})
