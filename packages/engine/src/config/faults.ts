/** What is wrong with a project, told so that its writer can mend it: where, what, and the fix. */
import { distance } from 'fastest-levenshtein'

/** A place in a text file; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One thing that is wrong. */
export interface Fault {
  /** Where; undefined when it is not in a file. */
  readonly place: Place | undefined
  /** One line for people, with the fix. */
  readonly message: string
}

/** Thrown by `loadConfig` and `planPrograms`; holds every fault found, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const ordered = faults.toSorted((a, b) => rank(a) - rank(b))
    super(ordered.map(faultLine).join('\n'))
    this.faults = ordered
  }
}

/** Lines and columns as one number; no line of a config is near a million characters long. */
function rank(fault: Fault): number {
  return fault.place === undefined ? 0 : fault.place.line * 1_000_000 + fault.place.column
}

/** `file:line:column: message`, which editors and terminals make clickable. */
export function faultLine(fault: Fault): string {
  const { place, message } = fault
  return place === undefined ? message : `${place.file}:${place.line}:${place.column}: ${message}`
}

/** A suggestion changes at most this share of the word, and never more than this many letters. */
const SUGGESTION_SHARE_MAX = 0.5
const SUGGESTION_LETTERS_MAX = 3

/** The known word that `word` most likely was meant to be; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(SUGGESTION_LETTERS_MAX, Math.max(1, Math.floor(word.length * SUGGESTION_SHARE_MAX))) + 1
  for (const candidate of known) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase())
    if (letters < least) {
      least = letters
      best = candidate
    }
  }
  return best
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const suggestion = nearest(word, known)
  return suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
}
