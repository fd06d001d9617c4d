/** How many tests a suite ran, read from what its runner printed. No I/O. */

/** Which runner's words to read. */
export type CountBy = 'exit-code' | 'closing-line' | 'vitest-json' | 'unittest' | 'go-json' | 'ctest'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 }

/** The last of our own closing lines in `text`: `12 passed, 0 failed, 1 skipped`. */
function countClosingLine(text: string): Counts {
  const last = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1)
  if (last === undefined) return NOTHING
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3]) }
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

function countVitest(text: string): Counts {
  if (text === '') return NOTHING
  const report = JSON.parse(text) as VitestReport
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** Python's unittest: `Ran 12 tests in 0.1s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`. */
function countUnittest(text: string): Counts {
  const ran = Number(/^Ran (\d+) tests? in /m.exec(text)?.[1] ?? 0)
  const closing = [...text.matchAll(/^(?:OK|FAILED)(?: \((.*)\))?$/gm)].at(-1)?.[1] ?? ''
  const figure = (name: string) => Number(new RegExp(`(?:^|, )${name}=(\\d+)`).exec(closing)?.[1] ?? 0)
  // A test with failing subtests counts each of them, so failures alone may exceed what ran.
  const failed = figure('failures') + figure('errors') + figure('unexpected successes')
  const skipped = figure('skipped')
  return { passed: Math.max(0, ran - failed - skipped), failed, skipped }
}

/** `go test -json`: one record a line; a package's own record has no `Test`. */
function countGo(text: string): Counts {
  const counts = { pass: 0, fail: 0, skip: 0 }
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue
    const record = JSON.parse(line) as { Action?: string; Test?: string }
    if (record.Test === undefined) continue
    if (record.Action === 'pass' || record.Action === 'fail' || record.Action === 'skip') counts[record.Action] += 1
  }
  return { passed: counts.pass, failed: counts.fail, skipped: counts.skip }
}

/** One line a test: ` 1/3 Test #1: name ....   Passed    0.01 sec`. */
function countCtest(text: string): Counts {
  let [passed, failed, skipped] = [0, 0, 0]
  for (const [line] of text.matchAll(/^ *\d+\/\d+ Test +#\d+: .*$/gm)) {
    if (/ Passed +[\d.]+ sec/.test(line)) passed += 1
    else if (/\*\*\*(?:Skipped|Not Run \(Disabled\))/.test(line)) skipped += 1
    else failed += 1
  }
  return { passed, failed, skipped }
}

const READERS: Record<Exclude<CountBy, 'exit-code'>, (text: string) => Counts> = {
  'closing-line': countClosingLine,
  'vitest-json': countVitest,
  unittest: countUnittest,
  'go-json': countGo,
  ctest: countCtest,
}

/**
 * Counts a suite that ended. `text`: what its runner printed (for vitest: its JSON report; '' when it wrote none).
 * The exit code has the last word: a suite that failed has at least one failed test, and one that ran no test failed.
 */
export function count(countBy: CountBy, text: string, succeeded: boolean): Counts {
  if (countBy === 'exit-code') return succeeded ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 }
  const counts = READERS[countBy](text)
  const ranNothing = counts.passed + counts.failed === 0
  if (counts.failed === 0 && (!succeeded || ranNothing)) return { ...counts, failed: 1 }
  return counts
}
