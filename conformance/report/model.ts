/** A run as plain data: what `report.schema.json` describes, and every other form is made of. */

import { RULES, ruleLink } from '../runner/rules.ts'
import type { Finding, Outcome, Verdict } from '../runner/run-case.ts'
import type { TranscriptEntry } from '../runner/transcript.ts'
import { applyKnown, type KnownFailing } from './known-failing.ts'

/** Version of the report's form. */
export const REPORT_VERSION = 1

export interface ReportResult {
  readonly case: string
  readonly title: string
  readonly rules: readonly string[]
  /** Features that it needs; none: core. */
  readonly needs: readonly string[]
  readonly verdict: Verdict
  /** The failed rule is not absolute: counts only with --strict. */
  readonly warning: boolean
  readonly failure?: Finding & { readonly text: string; readonly link: string }
  readonly reason?: string
  readonly assertions: number
  readonly ms: number
  readonly transcript: readonly TranscriptEntry[]
  readonly stderr: string
  /** Cases that ran on the same process before this one. */
  readonly after: readonly string[]
  /** The command that runs this case again. */
  readonly replay: string
}

export interface Report {
  readonly report: typeof REPORT_VERSION
  readonly protocol: 1
  /** Who was judged, as the caller named it. */
  readonly name: string
  readonly side: 'worker' | 'engine'
  readonly command: readonly string[]
  readonly seed: number
  readonly strict: boolean
  readonly started: string
  readonly ms: number
  readonly totals: Readonly<Record<Verdict | 'warning', number>>
  readonly results: readonly ReportResult[]
  /** Entries of the known-failing list that met no failing case, and other faults of the run as a whole. */
  readonly faults: readonly string[]
}

export interface ReportInput {
  readonly name: string
  readonly side: 'worker' | 'engine'
  readonly command: readonly string[]
  readonly seed: number
  readonly strict: boolean
  readonly started: Date
  readonly ms: number
  readonly outcomes: readonly Outcome[]
  readonly known: readonly KnownFailing[]
  /** Whether every case ran: only then is an entry that met nothing stale. */
  readonly whole: boolean
}

/** Makes the report of a run; verdicts are those after the known-failing list was held against them. */
export function makeReport(input: ReportInput): Report {
  const { outcomes, faults } = applyKnown(input.outcomes, input.known, input.whole)
  const totals: Record<Verdict | 'warning', number> = {
    pass: 0,
    fail: 0,
    'expected-fail': 0,
    'unexpected-pass': 0,
    'not-applicable': 0,
    inconclusive: 0,
    warning: 0,
  }
  for (const one of outcomes)
    totals[one.verdict === 'fail' && one.warning && !input.strict ? 'warning' : one.verdict] += 1
  const executed = outcomes.reduce((sum, one) => sum + one.assertions, 0)
  return {
    report: REPORT_VERSION,
    protocol: 1,
    name: input.name,
    side: input.side,
    command: input.command,
    seed: input.seed,
    strict: input.strict,
    started: input.started.toISOString(),
    ms: Math.round(input.ms),
    totals,
    results: outcomes.map((one) => resultOf(one, input)),
    faults: executed === 0 ? [...faults, 'no assertion was executed: nothing was judged'] : faults,
  }
}

function resultOf(one: Outcome, input: ReportInput): ReportResult {
  const { failure } = one
  const rule = failure === undefined ? undefined : RULES.get(failure.rule)
  return {
    case: one.case.id,
    title: one.case.title,
    rules: one.case.rules,
    needs: one.case.needs,
    verdict: one.verdict,
    warning: one.warning,
    ...(failure !== undefined && {
      failure: { ...failure, text: rule?.text ?? '', link: rule === undefined ? '' : ruleLink(rule) },
    }),
    ...(one.reason !== undefined && { reason: one.reason }),
    assertions: one.assertions,
    ms: Math.round(one.ms),
    transcript: one.transcript,
    stderr: one.stderr,
    after: one.after,
    replay: replay(one, input),
  }
}

function replay(one: Outcome, input: ReportInput): string {
  const cases = [...one.after, one.case.id].map((id) => `--case ${id}`).join(' ')
  return `millrace-conformance run ${input.side} --seed ${input.seed} --jobs 1 ${cases} -- ${input.command.map(quoted).join(' ')}`
}

function quoted(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Exit code of a run: 0 all is well, 1 a case failed, 2 something could not be judged. */
export function exitCodeOf(report: Report): 0 | 1 | 2 {
  const { fail, inconclusive, 'unexpected-pass': unexpected } = report.totals
  if (fail > 0 || unexpected > 0) return 1
  return inconclusive > 0 || report.faults.length > 0 ? 2 : 0
}
