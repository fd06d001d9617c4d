import { expect, test } from 'vitest'
import { restartDelayUs } from './backoff.ts'

test('the pause doubles from 50 ms with each loss in a row, up to 10 s and no further', () => {
  expect([0, 1, 2, 3, 8, 9, 10, 1_000_000].map(restartDelayUs)).toEqual([
    50_000, 50_000, 100_000, 200_000, 6_400_000, 10_000_000, 10_000_000, 10_000_000,
  ])
})
