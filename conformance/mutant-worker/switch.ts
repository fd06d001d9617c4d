/** Which mutant this process is: the one word that makes a good worker a broken one. */

const NAME = process.env.MILLRACE_MUTANT ?? ''

/** Whether this process is that mutant. */
export function is(name: string): boolean {
  return NAME === name
}

/** Whether this process lets messages pass that break a rule. */
export function isLax(rule: string): boolean {
  return NAME === `lax-${rule}`
}
