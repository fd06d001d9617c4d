import { expect, test } from 'vitest'
import { arrange, idleTicks, parseProcessors, processorList, processorMask, quietest } from './arrangement.ts'

test.each([
  ['0', [0]],
  ['0-3,8\n', [0, 1, 2, 3, 8]],
  ['5,62-65', [5, 62, 63, 64, 65]],
])('the list %j names each processor, and is named by it', (list, processors) => {
  expect(parseProcessors(list)).toEqual(processors)
  expect(parseProcessors(processorList(processors))).toEqual(processors)
})

test('a mask has bit N % 8 of byte N / 8 for processor N, in whole words of 8 bytes', () => {
  expect([...processorMask([0, 9, 63])]).toEqual([1, 2, 0, 0, 0, 0, 0, 0x80])
  expect([...processorMask([64])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
})

const STAT = (first: string, second: string): string =>
  `cpu  9 9 9 99 9 0 0 0 0 0\ncpu0 1 2 3 ${first} 0 0 0 0 0\ncpu11 1 2 3 ${second} 0 0 0 0 0\nintr 5 0 4\n`

test('a processor that waits for a disk is idle, and the sum of all is no processor', () => {
  expect([...idleTicks(STAT('40 2', '7 0'))]).toEqual([
    [0, 42],
    [11, 7],
  ])
})

test('the quietest is the one that was idle longest in between, whatever it was before; of several the last', () => {
  const before = idleTicks(STAT('1000 0', '7 0'))
  expect(quietest([0, 11], before, idleTicks(STAT('1003 0', '11 0')))).toBe(11)
  expect(quietest([0, 11], before, idleTicks(STAT('1005 0', '11 0')))).toBe(0)
  expect(quietest([0, 11], before, idleTicks(STAT('1004 0', '11 0')))).toBe(11)
  expect(quietest([0], before, idleTicks(STAT('1000 0', '99 0')))).toBe(0)
})

test('packed all are at home; spread the workers are on all others; where the kernel puts them, on all', () => {
  expect(arrange('pack', [2, 3, 5], 3)).toEqual({ engine: [3], workers: [3], helpers: [2, 5] })
  expect(arrange('spread', [2, 3, 5], 3)).toEqual({ engine: [3], workers: [2, 5], helpers: [2, 5] })
  const all = [2, 3, 5]
  expect(arrange('kernel', all, 3)).toEqual({ engine: all, workers: all, helpers: all })
})

test('with one processor spread is the same as pack, and all are there', () => {
  expect(arrange('pack', [4], 4)).toEqual({ engine: [4], workers: [4], helpers: [4] })
  expect(arrange('spread', [4], 4)).toEqual(arrange('pack', [4], 4))
})
