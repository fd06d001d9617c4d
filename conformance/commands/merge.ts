/** `report`: one HTML matrix of several JSON reports. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describeReport } from '../report/console.ts'
import { html } from '../report/html.ts'
import { exitCodeOf, type Report } from '../report/model.ts'
import schema from '../report.schema.json' with { type: 'json' }
import { UsageError } from './options.ts'

export function merge(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { html: { type: 'string' }, json: { type: 'string' } },
  })
  if (positionals.length === 0) throw new UsageError('name the reports: report FILE.json ... --html OUT.html')
  const validate = new Ajv2020({ allErrors: true }).compile(schema)
  const reports = positionals.map((path) => {
    const document = JSON.parse(readFileSync(path, 'utf8')) as unknown
    if (!validate(document)) {
      const faults = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`)
      throw new UsageError(`${path} is no report of this version: ${faults.slice(0, 3).join('; ')}`)
    }
    return document as unknown as Report
  })
  for (const report of reports) console.log(describeReport(report))
  if (values.html !== undefined) writeFileSync(values.html, html(reports))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, null, 2)}\n`)
  return Math.max(...reports.map(exitCodeOf))
}
