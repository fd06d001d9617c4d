import { describe, expect, it } from 'vitest'
import { count } from './counts.ts'

describe('count', () => {
  it('takes a suite without tests of its own as one test', () => {
    expect(count('exit-code', '', true)).toEqual({ passed: 1, failed: 0, skipped: 0 })
    expect(count('exit-code', '', false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('reads the last of our closing lines and only whole lines', () => {
    const text = '1 passed, 0 failed, 0 skipped\nnoise 9 passed, 9 failed, 9 skipped\n4 passed, 1 failed, 2 skipped\n'
    expect(count('closing-line', text, false)).toEqual({ passed: 4, failed: 1, skipped: 2 })
  })

  it('counts a vitest test that waits to be written as skipped', () => {
    const text = '{"numPassedTests":7,"numFailedTests":0,"numPendingTests":1,"numTodoTests":2}'
    expect(count('vitest-json', text, true)).toEqual({ passed: 7, failed: 0, skipped: 3 })
  })

  it('fails a vitest run that wrote no report', () => {
    expect(count('vitest-json', '', true)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('fails a run whose tests passed but whose exit code is not 0', () => {
    const text = '{"numPassedTests":7,"numFailedTests":0,"numPendingTests":0,"numTodoTests":0}'
    expect(count('vitest-json', text, false)).toEqual({ passed: 7, failed: 1, skipped: 0 })
  })

  it('adds failures and errors of unittest and takes them and the skipped from what ran', () => {
    const text = 'Ran 10 tests in 0.003s\n\nFAILED (failures=1, errors=2, skipped=3)\n'
    expect(count('unittest', text, false)).toEqual({ passed: 4, failed: 3, skipped: 3 })
    expect(count('unittest', 'Ran 1 test in 0.1s\n\nOK\n', true)).toEqual({ passed: 1, failed: 0, skipped: 0 })
  })

  it('fails a unittest run that found no test', () => {
    expect(count('unittest', 'Ran 0 tests in 0.000s\n\nNO TESTS RAN\n', true).failed).toBe(1)
  })

  it('counts tests of go, not packages, and skips lines that are no record', () => {
    const text = [
      'go: some notice',
      '{"Action":"run","Package":"p","Test":"TestA"}',
      '{"Action":"pass","Package":"p","Test":"TestA"}',
      '{"Action":"skip","Package":"p","Test":"TestB"}',
      '{"Action":"pass","Package":"p"}',
    ].join('\n')
    expect(count('go-json', text, true)).toEqual({ passed: 1, failed: 0, skipped: 1 })
  })

  it('fails a go package that does not build, which has no test to fail', () => {
    expect(count('go-json', '{"Action":"fail","Package":"p"}', false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('reads ctest line by line: passed, skipped, and everything else as failed', () => {
    const text = [
      '1/4 Test #1: layout ...........   Passed    0.01 sec',
      '2/4 Test #2: vectors ..........***Failed    0.01 sec',
      '3/4 Test #3: ring .............***Skipped   0.00 sec',
      '4/4 Test #4: crash ............***Exception: SegFault  0.11 sec',
    ].join('\n')
    expect(count('ctest', text, false)).toEqual({ passed: 1, failed: 2, skipped: 1 })
  })
})
