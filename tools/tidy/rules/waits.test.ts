import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { waits } from './waits.ts'

describe('waits', () => {
  it('finds waiting for time in a test of each language, and nowhere else', () => {
    expect(found(waits, { 'a.test.ts': 'await new Promise((done) => setTimeout(done, 5))' })).toEqual(['a.test.ts:1'])
    expect(found(waits, { 'a_test.go': '\ntime.Sleep(1)' })).toEqual(['a_test.go:2'])
    expect(found(waits, { 'tests/test_a.py': 'time.sleep(1)' })).toEqual(['tests/test_a.py:1'])
    expect(found(waits, { 'a.ts': 'setTimeout(f, 5)' })).toEqual([])
  })
})
