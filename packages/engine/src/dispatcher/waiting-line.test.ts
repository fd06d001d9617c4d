import { expect, test } from 'vitest'
import { Call } from '../call/call.ts'
import { Dice } from '../testing/schedule.ts'
import { WaitingLine } from './waiting-line.ts'

test('calls leave in the order in which they came', () => {
  const line = new WaitingLine()
  const calls = Array.from({ length: 5 }, () => new Call())
  for (const call of calls) line.push(call)
  for (const call of calls) {
    expect(line.first).toBe(call)
    line.remove(call)
    expect(call.line).toBeUndefined()
  }
  expect(line.first).toBeUndefined()
  expect(line.size).toBe(0)
})

test.each([1, 2, 3])('does what an array does, for thousands of random moves (seed %i)', (seed) => {
  const dice = new Dice(seed)
  const line = new WaitingLine()
  const model: Call[] = []
  const spare: Call[] = []
  for (let move = 0; move < 5_000; move += 1) {
    if (model.length === 0 || dice.once(2)) {
      const call = spare.pop() ?? new Call()
      line.push(call)
      model.push(call)
    } else {
      const [call] = model.splice(dice.below(model.length), 1)
      line.remove(call!)
      spare.push(call!)
    }
    expect(line.size).toBe(model.length)
    expect(line.first).toBe(model[0])
  }
  for (const call of model) {
    expect(line.first).toBe(call)
    line.remove(call)
  }
})
