import { expect, test } from 'vitest'
import {
  PIPE_POLL_EARLY_LOOKS,
  PIPE_POLL_EARLY_ROUNDS,
  PIPE_POLL_HELD_REST,
  PIPE_POLL_HELD_US,
  PIPE_POLL_MISSES_MAX,
  PIPE_POLL_REST_US,
  PIPE_POLL_ROUNDS_MAX,
} from '../base/limits.ts'
import { PipePoller, type PolledPipe } from './pipe-poller.ts'

/** The pipe from a worker that answers when it is let run, or as it is written to. */
class FakePipe implements PolledPipe {
  isListed = false
  there = 0
  looks = 0
  taken = 0
  /** What the engine does with what was taken. */
  onTaken: () => void = () => {}

  look(): boolean {
    this.looks += 1
    if (this.there === 0) return false
    this.taken += this.there
    this.there = 0
    this.onTaken()
    return true
  }
}

/** Workers on one processor: `run` is what happens while the engine lets them. Time moves only as the test says. */
function processor() {
  const world = {
    now: 0,
    yields: 0,
    oneProcessor: true,
    run: (): void => {},
    nowUs: () => world.now,
    yieldProcessor: () => {
      world.yields += 1
      world.run()
    },
  }
  return world
}

test('what a worker answers while it is let run makes the next turn, with no event between', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const [first, second] = [new FakePipe(), new FakePipe()]
  world.run = () => {
    if (world.yields === 1) first.there = 1
    if (world.yields === 2) second.there = 1
  }
  first.onTaken = () => poller.wrote(second)
  poller.wrote(first)
  poller.turned()
  expect([first.taken, second.taken]).toEqual([1, 1])
  expect(world.yields).toBe(2)
  expect(second.looks).toBe(2) // Once before it was let run, once after.
  expect(first.looks).toBe(2) // Not again: nobody wrote to it.
})

test('a worker that answers as it is written to is read before anybody is let run', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  pipe.there = 1
  poller.wrote(pipe)
  poller.turned()
  expect(pipe.taken).toBe(1)
  expect(world.yields).toBe(0)
})

test('each pipe is looked at once in a round, however often it was written to', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  for (let writes = 0; writes < 5; writes += 1) poller.wrote(pipe)
  poller.turned()
  expect(pipe.looks).toBe(2)
  poller.wrote(pipe)
  poller.turned()
  expect(pipe.looks).toBe(4)
})

test('the event loop gets its turn after a number of rounds, however fast answers come', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  pipe.there = 1
  pipe.onTaken = () => {
    pipe.there = 1
    poller.wrote(pipe)
  }
  for (let turn = 1; turn <= 3; turn += 1) {
    poller.wrote(pipe)
    poller.turned()
    expect(pipe.taken).toBe(turn * PIPE_POLL_ROUNDS_MAX)
  }
})

test('a turn within a round is not polled for', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const [outer, inner] = [new FakePipe(), new FakePipe()]
  outer.there = 1
  outer.onTaken = () => {
    poller.wrote(inner)
    poller.turned() // As a reader does whose bytes come while another pipe's are handed on.
    expect(inner.looks).toBe(0)
  }
  poller.wrote(outer)
  poller.turned()
  expect(inner.looks).toBeGreaterThan(0)
})

test('it rests when nobody answers, and tries again', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  const turns = (count: number): number => {
    const before = world.yields
    for (let turn = 0; turn < count; turn += 1) {
      poller.wrote(pipe)
      poller.turned()
    }
    return world.yields - before
  }
  expect(turns(100)).toBe(PIPE_POLL_MISSES_MAX)
  world.now += PIPE_POLL_REST_US - 1
  expect(turns(100)).toBe(0)
  world.now += 1
  expect(turns(100)).toBe(PIPE_POLL_MISSES_MAX)
})

test('after a worker has held the processor it rests for a multiple of that time, though the answer was there', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  const held = PIPE_POLL_HELD_US + 1
  world.run = () => {
    world.now += held
    pipe.there = 1
  }
  pipe.onTaken = () => poller.wrote(pipe)
  poller.wrote(pipe)
  poller.turned()
  expect(world.yields).toBe(1)
  expect(pipe.taken).toBe(1)
  world.now += PIPE_POLL_HELD_REST * held - 1
  poller.wrote(pipe)
  poller.turned()
  expect(world.yields).toBe(1)
  world.now += 1
  poller.wrote(pipe)
  poller.turned()
  expect(world.yields).toBe(2)
})

test('one that runs for less does not', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  world.run = () => {
    world.now += PIPE_POLL_HELD_US
    pipe.there = 1
  }
  pipe.onTaken = () => poller.wrote(pipe)
  poller.wrote(pipe)
  poller.turned()
  expect(pipe.taken).toBe(PIPE_POLL_ROUNDS_MAX)
})

test('where workers never answer as they are written to, it looks before only now and then', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  world.run = () => {
    pipe.there = 1
  }
  for (let round = 0; round < PIPE_POLL_EARLY_ROUNDS; round += 1) {
    poller.wrote(pipe)
    poller.turned()
  }
  expect(pipe.taken).toBe(PIPE_POLL_EARLY_ROUNDS)
  expect(pipe.looks).toBe(PIPE_POLL_EARLY_ROUNDS + PIPE_POLL_EARLY_LOOKS)
})

test('with more than one processor it looks at nothing, and again when there is one', () => {
  const world = processor()
  const poller = new PipePoller(world)
  const pipe = new FakePipe()
  world.oneProcessor = false
  poller.wrote(pipe)
  poller.turned()
  expect([pipe.looks, world.yields]).toEqual([0, 0])
  world.oneProcessor = true
  poller.wrote(pipe)
  poller.turned()
  expect(pipe.looks).toBe(2)
})
