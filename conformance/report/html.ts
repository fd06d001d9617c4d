/** Reports as one self-contained HTML page: a matrix of who was judged against the rules. Pure: makes text. */
import { isObservable, RULES, type Rule } from '../runner/rules.ts'
import { describeResult } from './console.ts'
import type { Report, ReportResult } from './model.ts'

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid #ddd; padding: .3rem .5rem; text-align: left; vertical-align: top }
thead th { position: sticky; top: 0; background: #fff } td.v { text-align: center; white-space: nowrap }
.pass { background: #dff3e0 } .fail { background: #f8d0cf; font-weight: 600 } .warning, .expected-fail { background: #fdf0c8 }
.inconclusive, .unexpected-pass { background: #eadcf8 } .none, .not-applicable { color: #888 }
code { font-size: 13px } pre { background: #f6f6f6; padding: .7rem; overflow-x: auto; font-size: 12px } small { color: #666 }
@media (prefers-color-scheme: dark) { body, thead th { background: #161616; color: #ddd } pre { background: #222 } th, td { border-color: #333 }
.pass { background: #17391b } .fail { background: #5a1d1b } .warning, .expected-fail { background: #4b3d10 } .inconclusive, .unexpected-pass { background: #3b2756 } }
`

type Mark =
  | 'pass'
  | 'fail'
  | 'warning'
  | 'expected-fail'
  | 'unexpected-pass'
  | 'inconclusive'
  | 'not-applicable'
  | 'none'

/** One page for one report or several; a rule that no case judged shows a dash. */
export function html(reports: readonly Report[]): string {
  const heads = reports.map((one) => `<th>${escaped(one.name)}<br><small>${one.side}</small></th>`).join('')
  const rows = [...RULES.values()].map((rule) => row(rule, reports)).join('\n')
  const failures = reports.flatMap((report) => report.results.filter(isNotable).map((one) => section(report, one)))
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Millrace conformance</title><style>${STYLE}</style>
<h1>Millrace conformance</h1>
<ul>${reports.map(summary).join('')}</ul>
<table><thead><tr><th>Rule</th>${heads}</tr></thead><tbody>
${rows}
</tbody></table>
${failures.length > 0 ? `<h2>Failures</h2>\n${failures.join('\n')}` : '<p>No failures.</p>'}
</html>
`
}

function summary(report: Report): string {
  const counts = Object.entries(report.totals)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
  const faults = report.faults.map((fault) => `<br><strong>${escaped(fault)}</strong>`).join('')
  return `<li><strong>${escaped(report.name)}</strong> (${report.side}): ${counts.join(', ')}; ${(report.ms / 1000).toFixed(1)} s, seed ${report.seed}, ${escaped(report.started)}${faults}</li>`
}

function row(rule: Rule, reports: readonly Report[]): string {
  const cells = reports.map((report) => cell(rule, report)).join('')
  const about = `<code id="${rule.id}">${rule.id}</code> <small>${rule.level}${rule.feature === undefined ? '' : `, ${rule.feature}`}</small><br>${escaped(rule.text)}`
  return `<tr><td>${about}</td>${cells}</tr>`
}

function cell(rule: Rule, report: Report): string {
  if (!rule.roles.includes(report.side)) return '<td class="v none"></td>'
  const results = report.results.filter((one) => one.rules.includes(rule.id) || one.failure?.rule === rule.id)
  const mark = markOf(rule.id, results, report)
  const title = results.map((one) => `${one.case}: ${one.verdict}`).join('\n')
  const word = mark === 'none' ? (isObservable(rule) ? '–' : 'not observable') : mark
  return `<td class="v ${mark}" title="${escaped(title)}">${word}<br><small>${results.length || ''}</small></td>`
}

/** The worst that the cases of a rule say of it; a failure that is about another rule does not count. */
function markOf(rule: string, results: readonly ReportResult[], report: Report): Mark {
  const failed = results.find((one) => one.verdict === 'fail' && one.failure?.rule === rule)
  if (failed !== undefined) return failed.warning && !report.strict ? 'warning' : 'fail'
  for (const verdict of ['unexpected-pass', 'inconclusive', 'expected-fail'] as const) {
    if (results.some((one) => one.verdict === verdict)) return verdict
  }
  if (results.some((one) => one.verdict === 'pass')) return 'pass'
  return results.some((one) => one.verdict === 'not-applicable') ? 'not-applicable' : 'none'
}

function isNotable(one: ReportResult): boolean {
  return one.verdict !== 'pass' && one.verdict !== 'not-applicable'
}

function section(report: Report, one: ReportResult): string {
  return `<h3>${escaped(report.name)}: ${escaped(one.case)}</h3><pre>${escaped(describeResult(one, report.strict))}</pre>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
