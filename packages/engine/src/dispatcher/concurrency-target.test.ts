import { expect, test } from 'vitest'
import { ConcurrencyTarget, TARGET_INITIAL } from './concurrency-target.ts'

/** What a simulated program does. Times in microseconds. */
interface Model {
  /** Time of a call when `open` calls run. */
  readonly callUs: (open: number) => number
  /** Callers that each call again at once; 0: arrivals at `arrivalUs`. */
  readonly callers: number
  readonly arrivalUs?: (index: number) => number
}

/** Runs `seconds` of a model under a target; what the last second brought. */
function simulate(model: Model, seconds: number, target = new ConcurrencyTarget()) {
  let now = 0
  let waiting = 0
  let arrivals = 0
  let nextArrivalUs = model.arrivalUs?.(0) ?? Number.POSITIVE_INFINITY
  const open: { endUs: number; startUs: number }[] = []
  let last = 0
  let openSum = 0
  const start = (): void => {
    while (waiting > 0 && open.length < target.value) {
      waiting -= 1
      const call = { startUs: now, endUs: now + model.callUs(open.length + 1) }
      const at = open.findIndex((other) => other.endUs > call.endUs)
      open.splice(at === -1 ? open.length : at, 0, call)
    }
  }
  const arrive = (): void => {
    waiting += 1
    target.arrived(now)
    start()
  }
  for (let i = 0; i < model.callers; i += 1) arrive()
  while (now < seconds * 1e6) {
    if (nextArrivalUs < (open[0]?.endUs ?? Number.POSITIVE_INFINITY)) {
      now = nextArrivalUs
      arrivals += 1
      nextArrivalUs = now + model.arrivalUs!(arrivals)
      arrive()
      continue
    }
    const call = open.shift()!
    now = call.endUs
    if (now > (seconds - 1) * 1e6) {
      last += 1
      openSum += open.length + 1
    }
    target.ended(now, now - call.startUs, waiting > 0)
    if (model.callers > 0) arrive()
    start()
  }
  return { perSecond: last, open: openSum / last, target }
}

/** `cores` calls advance at full speed; more share them. */
const computing = (us: number, cores: number) => (open: number) => us * Math.max(1, open / cores)

test('callers that wait raise it until all run, when calls only sleep', () => {
  const { perSecond, target } = simulate({ callUs: () => 20_000, callers: 500 }, 3)
  expect(target.value).toBeGreaterThanOrEqual(500)
  expect(perSecond).toBeGreaterThan(0.97 * 25_000) // They end in lumps of 500: one may fall beyond the last second.
})

test('calls that compute get about as many as there are processors, at the same throughput', () => {
  const { perSecond, open } = simulate({ callUs: computing(1_000, 4), callers: 500 }, 20)
  expect(perSecond).toBeGreaterThan(0.9 * 4_000)
  expect(open).toBeLessThan(24)
  expect(open).toBeGreaterThanOrEqual(3)
})

test('calls that queue inside the workers ask for another worker with the first window', () => {
  const target = new ConcurrencyTarget()
  let asked = 0
  target.limited = () => {
    asked += 1
  }
  // One worker with one thread: 1 ms each, one after the other, whatever is open.
  for (let i = 1; i <= 40; i += 1) {
    target.arrived(i * 1_000)
    target.ended(i * 1_000, 1_000, true)
  }
  expect(asked).toBe(1)
})

test('without waiting it falls towards what the calls need, and is never below 1', () => {
  const busy = simulate({ callUs: () => 20_000, callers: 500 }, 3).target
  const calm = simulate({ callUs: () => 20_000, callers: 0, arrivalUs: () => 10_000 }, 60, busy)
  expect(calm.target.value).toBeLessThan(10)
  const rare = simulate({ callUs: () => 100, callers: 0, arrivalUs: () => 900_000 }, 300, calm.target)
  expect(rare.target.value).toBeGreaterThanOrEqual(1)
})

test('arrivals in pairs count by their number, not by the gap between two', () => {
  // Two calls at once every 20 ms: 100 a second, so that 2 are open on average.
  const pairs = (index: number): number => (index % 2 === 0 ? 1 : 19_999)
  const { target } = simulate({ callUs: () => 20_000, callers: 0, arrivalUs: pairs }, 30)
  expect(target.value).toBeLessThanOrEqual(10)
})

test('a pause fades what was learnt, down to where it began', () => {
  const target = new ConcurrencyTarget()
  simulate({ callUs: () => 20_000, callers: 500 }, 3, target)
  target.arrived(600_000_000)
  expect(target.value).toBe(TARGET_INITIAL)
})

test('however low the target, a worker of quick calls has enough of them not to idle, and one of long calls few', () => {
  const quick = simulate({ callUs: computing(1_000, 1), callers: 100 }, 5).target
  expect(quick.part(1_000)).toBe(16)
  const long = simulate({ callUs: computing(60_000, 1), callers: 0, arrivalUs: () => 500_000 }, 60).target
  expect(long.part(1_000)).toBe(1)
  expect(long.part(1)).toBe(long.value)
})
