/** Tests wait for events, never for time. */
import { offencesAt, type Rule } from '../rule.ts'

const TESTS = /\.test\.ts$|_test\.go$|(^|\/)test_\w+\.py$|_test\.(cc|cpp)$|^packages\/[\w-]+\/test\//
const WAITS = /\bsetTimeout\(|\bsetInterval\(|\btimers\/promises\b|\btime\.Sleep\(|\bsleep_(?:for|until)\(|\bsleep\(/g

/** Tests that may, each with why no event could be waited for. */
const ALLOWED: ReadonlyMap<string, string> = new Map([])

export const waits: Rule = {
  name: 'waits',
  asks: 'A test waits for an event, never for time.',
  check: (tree) =>
    tree.files
      .filter(({ path }) => TESTS.test(path) && !path.startsWith('tools/tidy/') && !ALLOWED.has(path))
      .flatMap((file) => offencesAt(file, WAITS, (match) => `${match.replace('(', '')} in a test: wait for the event`)),
}
