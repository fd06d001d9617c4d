import { expect, test } from 'vitest'
import { ManualClock } from '../testing/schedule.ts'
import { Flusher } from './flusher.ts'
import { FlushingClock } from './flushing-clock.ts'

test('what the ring of an alarm brought is written when it has rung, and a cancelled alarm does nothing', () => {
  const manual = new ManualClock(5)
  const flusher = new Flusher(() => {})
  const clock = new FlushingClock(manual, flusher)
  const events: string[] = []
  clock.alarm(10, () => {
    events.push('rung')
    flusher.add({ flush: () => events.push('flushed') })
  })
  clock.alarm(20, () => events.push('never')).cancel()
  manual.advance(30)
  expect(events).toEqual(['rung', 'flushed'])
  expect(clock.nowUs()).toBe(35)
})

test('a flush goes on until nobody has anything to write, and asking twice in a turn is one flush', () => {
  const turns: (() => void)[] = []
  const flusher = new Flusher((flush) => turns.push(flush))
  let left = 3
  const channel = {
    flush: () => {
      left -= 1
      if (left > 0) flusher.add(channel)
    },
  }
  flusher.add(channel)
  flusher.ask()
  flusher.ask()
  expect(turns).toHaveLength(1)
  turns[0]!()
  expect(left).toBe(0)
})
