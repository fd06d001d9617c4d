import { describe, expect, it } from 'vitest'
import { interpolate } from './interpolate.ts'

const ENVIRONMENT = { A: 'one', EMPTY: '', TRICK: `\${A}` }

describe('interpolate', () => {
  it.each([
    ['plain $A and $ alone', 'plain $A and $ alone'],
    [`x\${A}y\${A}`, 'xoneyone'],
    [`\${EMPTY}`, ''],
    [`\${NONE:-}`, ''],
    [`\${NONE:-http://h:1/}`, 'http://h:1/'],
    [`\${EMPTY:-x}`, 'x'],
    [`\${A:-x}`, 'one'],
    [`$\${A}`, `\${A}`],
    [`\${TRICK}`, `\${A}`],
  ])('makes %j into %j', (text, value) => {
    expect(interpolate(text, ENVIRONMENT)).toEqual({ value })
  })

  it.each([
    [`\${NONE}`, `the environment has no NONE; set it, or write \${NONE:-default}`],
    [`\${A`, `"\${A" has no closing }; write $\${ for a plain \${`],
    [`\${1A}`, `"\${1A}" does not name a variable; write \${NAME} or \${NAME:-default}`],
    [`\${}`, `"\${}" does not name a variable; write \${NAME} or \${NAME:-default}`],
  ])('refuses %j and says what to write', (text, problem) => {
    expect(interpolate(text, ENVIRONMENT)).toEqual({ problem })
  })
})
