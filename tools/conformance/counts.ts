/** Verdicts of the suite → passed, failed, skipped. Pure. */

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 }

export function plus(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** A report's verdicts. Only `pass` and an expected failure pass; `not-applicable` is no test; the rest has failed. */
export function verdictCounts(report: { readonly results: readonly { readonly verdict: string }[] }): Counts {
  let counts = NONE
  for (const { verdict } of report.results) {
    if (verdict === 'pass' || verdict === 'expected-fail') counts = plus(counts, { ...NONE, passed: 1 })
    else if (verdict !== 'not-applicable') counts = plus(counts, { ...NONE, failed: 1 })
  }
  return counts
}

/** What a command that only says how it went counts: the mutants it says were killed, or itself as one. */
export function mutantCounts(output: string, code: number | null): Counts {
  const killed = Number(output.match(/(\d+) killed/)?.[1] ?? 1)
  return code === 0 ? { ...NONE, passed: killed } : { ...NONE, passed: Math.max(0, killed - 1), failed: 1 }
}
