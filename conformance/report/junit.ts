/** A report as JUnit XML, for CI. Pure: makes text. */
import { describeResult } from './console.ts'
import type { Report, ReportResult } from './model.ts'

export function junit(report: Report): string {
  const suites = new Map<string, ReportResult[]>()
  for (const one of report.results) {
    const area = one.case.split('/')[0]!
    suites.set(area, [...(suites.get(area) ?? []), one])
  }
  const body = [...suites].map(([area, results]) => suite(report, area, results)).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="millrace-conformance ${escaped(report.name)}" time="${report.ms / 1000}">\n${body}\n</testsuites>\n`
}

function suite(report: Report, area: string, results: readonly ReportResult[]): string {
  const count = (test: (one: ReportResult) => boolean): number => results.filter(test).length
  const failures = count((one) => isFailure(one, report))
  const errors = count((one) => one.verdict === 'inconclusive')
  const skipped = count((one) => one.verdict === 'not-applicable')
  const cases = results.map((one) => testcase(report, area, one)).join('\n')
  return `  <testsuite name="${escaped(area)}" tests="${results.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">\n${cases}\n  </testsuite>`
}

function testcase(report: Report, area: string, one: ReportResult): string {
  const head = `    <testcase classname="${escaped(`${report.name}.${report.side}.${area}`)}" name="${escaped(one.case)}" time="${one.ms / 1000}"`
  const properties = `<properties><property name="rules" value="${escaped(one.rules.join(' '))}"/></properties>`
  const text = escaped(describeResult(one, report.strict))
  const inner = isFailure(one, report)
    ? `<failure type="${escaped(one.failure === undefined ? one.verdict : `${one.failure.rule}/${one.failure.code}`)}" message="${escaped(one.failure?.message ?? one.reason ?? '')}">${text}</failure>`
    : one.verdict === 'inconclusive'
      ? `<error type="inconclusive" message="${escaped(one.reason ?? '')}">${text}</error>`
      : one.verdict === 'not-applicable'
        ? `<skipped message="${escaped(one.reason ?? '')}"/>`
        : ''
  return `${head}>${properties}${inner}</testcase>`
}

function isFailure(one: ReportResult, report: Report): boolean {
  if (one.verdict === 'unexpected-pass') return true
  return one.verdict === 'fail' && (!one.warning || report.strict)
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?')
}
