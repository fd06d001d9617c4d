import { expect, test } from 'vitest'
import { pattern, Random } from './random.ts'

test('a pattern is what the fixture describes', () => {
  const wanted: number[] = []
  let x = 7n
  for (let i = 0; i < 5; i += 1) {
    x = (x * 1_664_525n + 1_013_904_223n) % 2n ** 32n
    wanted.push(Number(x >> 24n))
  }
  expect([...pattern(5, 7)]).toEqual(wanted)
})

test('one seed gives each case numbers of its own, and the same ones each time', () => {
  expect(new Random(1, 'a').u32()).toBe(new Random(1, 'a').u32())
  expect(new Random(1, 'a').u32()).not.toBe(new Random(1, 'b').u32())
  expect(new Random(1, 'a').u32()).not.toBe(new Random(2, 'a').u32())
})
