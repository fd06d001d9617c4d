/**
 * Judges the four SDKs' fixtures by the whole suite at each level of isolation that shuts off; `make test` has the core level.
 *
 *   node --conditions=millrace-source tools/proof/isolation.ts
 *
 * The last line counts the verdicts. Exit codes: 0 all is well, 1 otherwise, also when the host cannot give a level.
 */
import { judge } from '../conformance/judge.ts'
import { shutSubjects } from '../conformance/subject.ts'
import { buildFixtures } from '../fixtures/fixtures.ts'

const { passed, failed, skipped } = judge(shutSubjects(buildFixtures(), []))
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed === 0 ? 0 : 1
