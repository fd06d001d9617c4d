/** What a search printed → whether that is as it should be. Pure. */

/** The twins that a model's text lists, each as the option that makes it. */
export function twinsOf(text: string): string[] {
  return [...text.matchAll(/^ \* {3}(-DBROKEN_[A-Z_]+) /gm)].map((match) => match[1]!)
}

/** Undefined when the search went as it should; otherwise what is wrong. `broken`: it must find an error. */
export function judgeSearch(text: string, broken: boolean): string | undefined {
  const errors = text.match(/errors: (\d+)/)?.[1]
  if (errors === undefined) return `the search came to no end: ${text.trim().split('\n').at(-1) ?? 'it said nothing'}`
  if (broken) return errors === '0' ? 'SPIN finds no error in it' : undefined
  if (errors !== '0') return text.match(/^pan:1: (.*)$/m)?.[1] ?? 'SPIN finds an error'
  // A search that was cut off has proved nothing.
  if (/max search depth too small|search not completed|out of memory/i.test(text)) return 'the search was cut off'
  return undefined
}
