import { describe, expect, test } from 'vitest'
import { lint, type Material } from './lint.ts'
import { registryOf } from './requirements.ts'
import { parseRules } from './rules.ts'
import { chapter, ruleText } from './testing.ts'

const prose = [chapter(ruleText()), chapter('# Changelog\n', 'spec/CHANGELOG.md')]
const clean: Material = {
  prose,
  sources: [],
  vectors: [],
  features: ['streaming'],
  earlier: undefined,
  exists: () => true,
}

/** The faults of a material that is clean but for `change`, as `file:line: message`. */
function faults(change: Partial<Material>): string[] {
  return lint({ ...clean, ...change }).faults.map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

describe('the linter', () => {
  test('finds nothing in clean material and counts it', () => {
    const report = lint(clean)
    expect(report.faults).toEqual([])
    expect(report.rules.map((rule) => rule.id)).toEqual(['call-one-final'])
  })

  test('finds a rule of the wrong form', () => {
    expect(faults({ prose: [chapter(ruleText({ sentence: 'A callee MUST send and MUST end.' })), prose[1]!] })).toEqual(
      ['spec/4-calls.md:1: rule call-one-final: has 2 keywords (MUST, MUST): make it 2 rules'],
    )
  })

  test('finds a rule of a feature that does not exist', () => {
    expect(faults({ prose: [chapter(ruleText({ more: '*Feature:* flying' })), prose[1]!] })).toEqual([
      'spec/4-calls.md:1: rule call-one-final: there is no feature flying in spec/layout.yaml',
    ])
  })

  test('finds code that names a rule which does not exist', () => {
    const sources = [
      { path: 'packages/x/src/a.ts', text: "\nbroken('call-one-final', '')\nbroken('call-two-finals', '')\n" },
    ]
    expect(faults({ sources })).toEqual([
      'packages/x/src/a.ts:3: there is no rule call-two-finals in spec/: mend the name, or write the rule',
    ])
  })

  test('finds a golden vector that names a rule which does not exist', () => {
    const text =
      '{\n{"id":"a","rules":["call-one-final","call-a-b"]},\n{"id":"b","rules":["call-one-final"],"rule":"call-c-d"}\n}'
    expect(faults({ vectors: [{ path: 'spec/vectors/calls.json', text }] })).toEqual([
      'spec/vectors/calls.json:2: there is no rule call-a-b in spec/: mend the name, or write the rule',
      'spec/vectors/calls.json:3: there is no rule call-c-d in spec/: mend the name, or write the rule',
    ])
  })

  test('finds an example that breaks a rule which does not exist', () => {
    const block =
      '```message\n# engine to worker: PING, breaks message-reserved-zero\n20 00 00 00 00 00 00 00 01\n```\n'
    expect(faults({ prose: [...prose, chapter(block, 'spec/1-messages.md')] })).toEqual([
      'spec/1-messages.md:1: there is no rule message-reserved-zero in spec/: mend the name, or write the rule',
    ])
  })

  test('finds an example that is not what it claims to be', () => {
    expect(faults({ prose: [...prose, chapter('```message\n20\n```\n', 'spec/1-messages.md')] })).toEqual([
      'spec/1-messages.md:1: a message begins with "# worker to engine: TYPE" or "# engine to worker: TYPE"',
    ])
  })

  test('finds a link to nothing', () => {
    expect(faults({ prose: [...prose, chapter('[x](4-calls.md#y)', 'spec/README.md')] })).toEqual([
      'spec/README.md:1: link to 4-calls.md#y: spec/4-calls.md has no heading y',
    ])
  })

  test('finds a rule whose text changed without a word', () => {
    const before = ruleText({ sentence: 'A callee MAY send one final message.' })
    const earlier = registryOf(parseRules([chapter(before)]).rules).requirements
    expect(faults({ earlier })).toEqual([
      expect.stringMatching(/^spec\/4-calls.md:1: rule call-one-final changed its text/),
    ])
  })

  test('finds a rule that is gone without a word', () => {
    const earlier = registryOf(
      parseRules([chapter(ruleText() + ruleText({ id: 'call-any-order' }))]).rules,
    ).requirements
    expect(faults({ earlier })).toEqual([
      'spec/CHANGELOG.md:1: rule call-any-order is gone: name it under "### Retired", or bring it back',
    ])
  })

  test('finds a changelog that is missing', () => {
    expect(faults({ prose: [prose[0]!] })).toEqual([
      'spec/CHANGELOG.md:1: is missing: changes of rules are named there',
    ])
  })

  test('tells faults by file and line', () => {
    const two = chapter('MAY\n\nMAY\n', 'spec/9-limits.md')
    const found = faults({ prose: [two, chapter('MAY\n', 'spec/1-messages.md'), ...prose] })
    expect(found.map((fault) => fault.replace(/: .*/, ''))).toEqual([
      'spec/1-messages.md:1',
      'spec/9-limits.md:1',
      'spec/9-limits.md:3',
    ])
  })
})
