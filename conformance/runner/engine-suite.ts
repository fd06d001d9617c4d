/** Runs cases against an engine, each on an engine of its own. */
import type { Case } from './case-types.ts'
import { EngineStage, type EngineUnderTest } from './engine-stage.ts'
import { CaseFailure, Inconclusive } from './failure.ts'
import { Random } from './random.ts'
import { isAbsolute } from './rules.ts'
import type { Finding, Outcome } from './run-case.ts'
import { StepRunner } from './steps.ts'
import type { SuiteOptions } from './suite.ts'
import { Values } from './values.ts'

export async function runEngineSuite(engine: EngineUnderTest, options: SuiteOptions): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const waiting = [...options.cases]
  const lane = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const outcome = await runEngineCase(engine, one, options.seed)
      outcomes.set(one.id, outcome)
      options.onOutcome?.(outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, lane))
  return options.cases.map((one) => outcomes.get(one.id)!)
}

export async function runEngineCase(engine: EngineUnderTest, one: Case, seed: number): Promise<Outcome> {
  const began = performance.now()
  const values = new Values(new Random(seed, one.id))
  const stage = new EngineStage(engine, one)
  const steps = new StepRunner(one, values, stage)
  let finding: Finding | undefined
  let reason: string | undefined
  try {
    await stage.start()
    await steps.run(one.steps)
    if (stage.faults[0] !== undefined) throw stage.faults[0]
    if (steps.assertions === 0) throw new CaseFailure(one.rules[0]!, 'no-assertion', 'the case asserted nothing')
  } catch (error) {
    const thrown = stage.faults[0] ?? error
    if (thrown instanceof CaseFailure) finding = { rule: thrown.rule, code: thrown.code, message: thrown.message }
    else if (thrown instanceof Inconclusive) reason = thrown.message
    else reason = `the harness failed: ${(thrown as Error).stack ?? String(thrown)}`
  }
  await stage.dispose()
  const verdict = finding !== undefined ? 'fail' : reason !== undefined ? 'inconclusive' : 'pass'
  return {
    case: one,
    verdict,
    warning: finding !== undefined && !isAbsolute(finding.rule),
    ...(finding !== undefined && { failure: finding }),
    ...(reason !== undefined && { reason }),
    assertions: steps.assertions,
    ms: performance.now() - began,
    transcript: verdict === 'pass' ? [] : stage.transcript.entries(),
    stderr: verdict === 'pass' ? '' : stage.stderr.slice(-2_000),
    after: [],
  }
}
