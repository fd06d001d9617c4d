import { expect, test } from 'vitest'
import { Dice, ManualClock } from '../testing/schedule.ts'
import { Call } from './call.ts'
import { DEADLINE_FAR_US, DEADLINE_RESOLUTION_US, Deadlines } from './deadlines.ts'

const MS = 1_000
const SECOND = 1_000_000

function callDue(atUs: number): Call {
  const call = new Call()
  call.deadlineUs = atUs
  return call
}

/** Deadlines with the times at which each call expired. */
function watch(clock = new ManualClock()): { clock: ManualClock; deadlines: Deadlines; expired: Map<Call, number> } {
  const expired = new Map<Call, number>()
  const deadlines = new Deadlines(clock, (call) => {
    expect(expired.has(call)).toBe(false)
    expired.set(call, clock.nowUs())
  })
  return { clock, deadlines, expired }
}

test.each([
  1,
  999,
  MS,
  255 * MS,
  256 * MS,
  257 * MS,
  SECOND,
  65 * SECOND,
  DEADLINE_FAR_US,
  3_600 * SECOND,
  0xffff_ffff,
])('a deadline in %i µs expires at its time, never early and at most one resolution late', (us) => {
  const { clock, deadlines, expired } = watch()
  const call = callDue(clock.nowUs() + us)
  deadlines.add(call)
  clock.advance(us - 1)
  expect(expired.size).toBe(0)
  clock.advance(1 + DEADLINE_RESOLUTION_US)
  expect(expired.size).toBe(1)
  expect(expired.get(call)).toBeGreaterThanOrEqual(call.deadlineUs)
  expect(deadlines.size).toBe(0)
  expect(clock.nextUs).toBeUndefined()
})

test('a near deadline is in time after a far one was sorted in again', () => {
  const { clock, deadlines, expired } = watch(new ManualClock(0))
  deadlines.add(callDue(100 * SECOND))
  clock.advance(90 * MS)
  const near = callDue(clock.nowUs() + 240 * MS)
  deadlines.add(near)
  deadlines.add(callDue(clock.nowUs() + 400 * MS))
  clock.advance(400 * MS)
  expect(expired.get(near)! - near.deadlineUs).toBeLessThanOrEqual(DEADLINE_RESOLUTION_US)
})

test('a call added while a bucket is handled does not expire with it, whatever its distance', () => {
  const clock = new ManualClock(0)
  const late: number[] = []
  const deadlines: Deadlines = new Deadlines(clock, (call) => {
    late.push(clock.nowUs() - call.deadlineUs)
    if (late.length < 600) deadlines.add(callDue(clock.nowUs() + late.length * MS))
  })
  deadlines.add(callDue(MS))
  clock.advance(600 * 600 * MS)
  expect(late).toHaveLength(600)
  for (const us of late) expect(us).toBeGreaterThanOrEqual(0)
  for (const us of late) expect(us).toBeLessThanOrEqual(2 * DEADLINE_RESOLUTION_US)
})

test('after a long sleep everything that is due expires, and nothing that is not', () => {
  const clock = new ManualClock(0)
  // A process that was stopped: alarms come late, all at once.
  let stopped = true
  const rings: (() => void)[] = []
  const sleepy = {
    nowUs: () => clock.nowUs(),
    alarm: (us: number, ring: () => void) => clock.alarm(us, () => (stopped ? rings.push(ring) : ring())),
  }
  const expired: Call[] = []
  const deadlines = new Deadlines(sleepy, (call) => expired.push(call))
  const due = Array.from({ length: 50 }, (_, i) => callDue(SECOND + i * 3 * SECOND))
  const notDue = callDue(400 * SECOND)
  for (const call of [...due, notDue]) deadlines.add(call)
  clock.advance(300 * SECOND)
  stopped = false
  for (const ring of rings) ring()
  expect(new Set(expired)).toEqual(new Set(due))
  clock.advance(101 * SECOND)
  expect(expired).toContain(notDue)
})

test('a call may take others out while it expires', () => {
  const clock = new ManualClock(0)
  const calls = Array.from({ length: 20 }, () => callDue(5 * MS))
  const expired: Call[] = []
  const deadlines: Deadlines = new Deadlines(clock, (call) => {
    expired.push(call)
    for (const other of calls) if (!expired.includes(other) && expired.length < 3) deadlines.remove(other)
  })
  for (const call of calls) deadlines.add(call)
  clock.advance(10 * MS)
  expect(expired).toHaveLength(1)
  expect(deadlines.size).toBe(0)
})

test('removing what is not watched changes nothing', () => {
  const { clock, deadlines } = watch()
  const call = callDue(clock.nowUs() + MS)
  deadlines.remove(call)
  deadlines.add(call)
  deadlines.remove(call)
  deadlines.remove(call)
  expect(deadlines.size).toBe(0)
})

test.each([1, 2, 3, 4, 5])('does what a naive list does, for thousands of random moves (seed %i)', (seed) => {
  const dice = new Dice(seed)
  const { clock, deadlines, expired } = watch(new ManualClock(dice.below(10 ** 9)))
  const watched = new Set<Call>()
  const spans = [50, 3 * MS, 300 * MS, 20 * SECOND, 70 * SECOND, 300 * SECOND]
  for (let move = 0; move < 6_000; move += 1) {
    if (dice.below(3) > 0) {
      const call = callDue(clock.nowUs() + 1 + dice.below(dice.pick(spans)))
      watched.add(call)
      deadlines.add(call)
    } else if (dice.once(2)) {
      const call = dice.pick([...watched, callDue(1)])
      watched.delete(call)
      deadlines.remove(call)
    } else {
      clock.advance(dice.below(dice.pick(spans)))
    }
    const now = clock.nowUs()
    for (const call of watched) {
      const late = now - call.deadlineUs
      if (expired.has(call)) {
        expect(expired.get(call)).toBeGreaterThanOrEqual(call.deadlineUs)
        watched.delete(call)
      } else {
        expect(late).toBeLessThanOrEqual(2 * DEADLINE_RESOLUTION_US)
      }
    }
    expect(deadlines.size).toBe(watched.size)
  }
  clock.advance(400 * SECOND)
  expect(deadlines.size).toBe(0)
  deadlines.close()
  expect(clock.nextUs).toBeUndefined()
})
