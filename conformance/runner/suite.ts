/** Runs many cases at once, as many as there are processors, and keeps their outcomes in the order of the cases. */
import type { Case } from './case-types.ts'
import { type Outcome, WorkerRunner } from './run-case.ts'
import type { WorkerUnderTest } from './worker-stage.ts'

export interface SuiteOptions {
  readonly cases: readonly Case[]
  readonly seed: number
  /** Cases at once, 1 or more. */
  readonly jobs: number
  /** Told of each outcome as it comes. */
  readonly onOutcome?: (outcome: Outcome) => void
}

/** Runs cases against a worker. Each of `jobs` lanes has processes of its own. */
export async function runWorkerSuite(worker: WorkerUnderTest, options: SuiteOptions): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const waiting = [...options.cases]
  const lane = async (): Promise<void> => {
    const runner = new WorkerRunner(worker, options.seed)
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const outcome = await runner.run(one)
      outcomes.set(one.id, outcome)
      options.onOutcome?.(outcome)
    }
    await runner.close()
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, lane))
  return options.cases.map((one) => outcomes.get(one.id)!)
}
