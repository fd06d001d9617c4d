/** A report for people at a terminal. Pure: makes text. */
import { dumpEntry } from './dump.ts'
import type { Report, ReportResult } from './model.ts'

/** Messages shown of a failure: the last ones. */
const MESSAGES_SHOWN = 6

/** One failed, unexpected or inconclusive result, with all that helps to mend it. */
export function describeResult(result: ReportResult, strict: boolean): string {
  const word = result.verdict === 'fail' && result.warning && !strict ? 'WARNING' : result.verdict.toUpperCase()
  const lines = [`${word} ${result.case}: ${result.title}`]
  if (result.failure !== undefined) {
    const { rule, code, message, text, link } = result.failure
    lines.push(`  ${code}: ${message}`, `  rule ${rule}: ${text}`, `  ${link}`)
  }
  if (result.reason !== undefined) lines.push(`  ${result.reason}`)
  if (result.transcript.length > 0) {
    lines.push(`  last messages (${result.transcript.length} kept in the report):`)
    for (const entry of result.transcript.slice(-MESSAGES_SHOWN))
      lines.push(...dumpEntry(entry).map((line) => `  ${line}`))
  }
  if (result.stderr.trim() !== '') {
    lines.push('  standard error of the side under test:', ...tail(result.stderr).map((line) => `    ${line}`))
  }
  lines.push(`  again: ${result.replay}`)
  return lines.join('\n')
}

/** The summary: totals, what must be looked at, and the seed. */
export function describeReport(report: Report): string {
  const { totals } = report
  const counts = Object.entries(totals)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
  const lines = [
    `${report.name} (${report.side}): ${counts.join(', ')}; ${(report.ms / 1000).toFixed(1)} s, seed ${report.seed}`,
  ]
  const left = report.results.filter((one) => one.verdict === 'not-applicable')
  if (left.length > 0) {
    const reasons = new Map<string, number>()
    for (const one of left) reasons.set(one.reason ?? '', (reasons.get(one.reason ?? '') ?? 0) + 1)
    for (const [reason, count] of reasons) lines.push(`  ${count} not applicable: ${reason}`)
  }
  for (const fault of report.faults) lines.push(`  FAULT: ${fault}`)
  return lines.join('\n')
}

function tail(text: string): string[] {
  return text.trimEnd().split('\n').slice(-8)
}
