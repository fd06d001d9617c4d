import { describe, expect, test } from 'vitest'
import { brokenLinks, ruleReferences } from './references.ts'
import { chapter, ruleText } from './testing.ts'

/** The references of a source file as `line id`. */
function named(text: string): string[] {
  return ruleReferences({ path: 'packages/x/src/a.ts', text }).map(({ line, id }) => `${line} ${id}`)
}

describe('a reference to a rule', () => {
  test('is the first argument of broken, on the same line or the next', () => {
    expect(named("\nreturn broken('a-b', 'text')\nreturn broken(\n  'c-d',\n  'text')")).toEqual(['2 a-b', '3 c-d'])
  })

  test('is the value of a property called rule', () => {
    expect(named("return { rule: 'a-b', message: 'x' }")).toEqual(['1 a-b'])
  })

  test('is what a comment calls a rule, one or several', () => {
    expect(named('/** Rule `a-b`. */\n// Follows the rules `c-d`, `e-f` and `g-h`, not `i-j`.')).toEqual([
      '1 a-b',
      '2 c-d',
      '2 e-f',
      '2 g-h',
    ])
  })

  test('is found where a comment breaks the line', () => {
    expect(named('/**\n * Follows the rules `a-b` and\n * `c-d`. The rule\n * `e-f` too.\n */')).toEqual([
      '2 a-b',
      '3 c-d',
      '4 e-f',
    ])
  })

  test('is not an empty rule, a variable or inline code that is called something else', () => {
    expect(named("x = { rule: '' }; y = { rule }; broken(rule, text) // the field `call-id`")).toEqual([])
  })
})

describe('a link between chapters', () => {
  const exists = (path: string): boolean => path.startsWith('spec/')
  const links = (text: string): string[] =>
    brokenLinks(
      [chapter(text, 'spec/README.md'), chapter(`# 4 Calls\n\n## Ids of calls\n\n${ruleText()}`)],
      exists,
    ).map(({ line, message }) => `${line}: ${message}`)

  test('to a rule, a heading, an anchor set by hand or another site is fine', () => {
    expect(
      links(
        '[a](4-calls.md#call-one-final) [b](4-calls.md#ids-of-calls) [c](#x) [d](https://example.com/#y) [e](4-calls.md)\n<a id="x"></a>',
      ),
    ).toEqual([])
  })

  test('to an anchor that does not exist is refused', () => {
    expect(links('\n[a](4-calls.md#call-two-final)')).toEqual([
      '2: link to 4-calls.md#call-two-final: spec/4-calls.md has no heading call-two-final',
    ])
  })

  test('to a file that does not exist is refused', () => {
    expect(brokenLinks([chapter('[a](12-none.md)')], () => false)[0]?.message).toBe(
      'link to 12-none.md: there is no spec/12-none.md',
    )
  })

  test('inside a fenced block is no link', () => {
    expect(links('```text\n[a](4-calls.md#none)\n```')).toEqual([])
  })
})
