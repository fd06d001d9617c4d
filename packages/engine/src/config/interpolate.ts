/** `${VAR}` and `${VAR:-default}` in texts of the config. Pure: the environment is a parameter. */
import type { Parsed } from './units.ts'

/** Variables by name; undefined: not set. */
export type Environment = Readonly<Record<string, string | undefined>>

const REFERENCE = /\$(\$)(?=\{)|\$\{([^}]*)(\}?)/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Replaces every `${VAR}` by its value and `${VAR:-text}` by its value, or by `text` when VAR is unset or empty.
 * `$${` stands for a plain `${`. What comes in is not looked at again, so a value cannot name another variable.
 */
export function interpolate(text: string, environment: Environment): Parsed<string> {
  let problem: string | undefined
  const value = text.replace(REFERENCE, (whole, escaped: string | undefined, inside: string, end: string) => {
    if (escaped !== undefined) return '$'
    if (end === '') {
      problem ??= `"${whole}" has no closing }; write $\${ for a plain \${`
      return whole
    }
    const at = inside.indexOf(':-')
    const name = at === -1 ? inside : inside.slice(0, at)
    if (!NAME.test(name)) {
      problem ??= `"${whole}" does not name a variable; write \${NAME} or \${NAME:-default}`
      return whole
    }
    const found = environment[name]
    if (at !== -1) return found === undefined || found === '' ? inside.slice(at + 2) : found
    if (found === undefined) problem ??= `the environment has no ${name}; set it, or write \${${name}:-default}`
    return found ?? ''
  })
  return problem === undefined ? { value } : { problem }
}
