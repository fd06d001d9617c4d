/** A small tree and what a rule finds in it, for the rules' tests. */
import type { Rule } from './rule.ts'
import { Tree } from './tree.ts'

/** A tree of these files: path → text. */
export const tree = (files: Record<string, string>): Tree =>
  new Tree(Object.entries(files).map(([path, text]) => ({ path, text })))

/** What the rule finds in these files, as `path:line`, or `path` where the whole file is meant. */
export const found = (rule: Rule, files: Record<string, string>): string[] =>
  rule.check(tree(files)).map(({ path, line }) => (line === undefined ? path : `${path}:${line}`))
