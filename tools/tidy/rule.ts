/** What every house rule is. */
import { lineAt, type SourceFile, type Tree } from './tree.ts'

export interface Offence {
  readonly path: string
  /** From 1; left out when the whole file is meant. */
  readonly line?: number
  /** What is wrong and how to mend it, in one line. */
  readonly message: string
}

export interface Rule {
  readonly name: string
  /** What it asks, in one sentence. */
  readonly asks: string
  /** Every offence in the tree. */
  check(tree: Tree): Offence[]
  /** What is worth a look and fails nothing. */
  warnings?(tree: Tree): Offence[]
  /** What `--fix` writes: path → text. Only what is already true; a rule never rewrites code. */
  fix?(tree: Tree): Record<string, string>
}

/** An offence at each match of `pattern`, which must have the flag g. */
export function offencesAt(file: SourceFile, pattern: RegExp, message: (match: string) => string): Offence[] {
  return [...file.text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(file.text, match.index),
    message: message(match[0]),
  }))
}
