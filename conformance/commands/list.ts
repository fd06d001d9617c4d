/** `list`: the cases, with their rules. */
import { parseArgs } from 'node:util'
import { loadCases } from '../runner/case-file.ts'
import { choose } from './options.ts'

export function list(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true, default: [] },
      rule: { type: 'string', multiple: true, default: [] },
      level: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const cases = choose(loadCases(), values.case, values.rule, values.level)
  if (values.json) {
    console.log(
      JSON.stringify(
        cases.map(({ id, title, side, rules, needs }) => ({ id, title, side, rules, needs })),
        null,
        2,
      ),
    )
    return 0
  }
  for (const one of cases) {
    const needs = one.needs.length === 0 ? 'core' : one.needs.join(', ')
    console.log(`${one.id}\n  ${one.title}\n  ${one.side}, ${needs}; ${one.rules.join(', ')}`)
  }
  console.log(`${cases.length} cases`)
  return 0
}
