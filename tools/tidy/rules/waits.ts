/** Tests wait for events, never for time. */
import { offencesAt, type Rule } from '../rule.ts'

const TESTS = /\.test\.ts$|_test\.go$|(^|\/)test_\w+\.py$|_test\.(cc|cpp)$|^packages\/[\w-]+\/test\//
const WAITS = /\bsetTimeout\(|\bsetInterval\(|\btimers\/promises\b|\btime\.Sleep\(|\bsleep_(?:for|until)\(|\bsleep\(/g

/** Tests that may, each with why no event could be waited for. */
const ALLOWED: ReadonlyMap<string, string> = new Map([
  ['sdks/cpp/tests/kit_test.cpp', 'the handler under test sleeps until its deadline; the test waits for the outcome'],
  ['sdks/cpp/tests/scenario_calls_test.cpp', 'SLEEP of the fixture, which a CANCEL ends; the test waits for messages'],
  ['sdks/cpp/tests/scenario_launch_test.cpp', 'SLEEP of the fixture keeps a call open; the test waits for messages'],
  ['sdks/python/tests/test_internal_calls_async.py', 'asyncio.sleep(0) gives up one turn of the loop, no time'],
  ['sdks/python/tests/test_lifecycle.py', 'asyncio.sleep(0) gives up one turn of the loop, no time'],
])

export const waits: Rule = {
  name: 'waits',
  asks: 'A test waits for an event, never for time.',
  check: (tree) =>
    tree.files
      .filter(({ path }) => TESTS.test(path) && !path.startsWith('tools/tidy/') && !ALLOWED.has(path))
      .flatMap((file) => offencesAt(file, WAITS, (match) => `${match.replace('(', '')} in a test: wait for the event`)),
}
