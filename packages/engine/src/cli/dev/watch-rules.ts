/** Which files belong to which program, and which never matter. Pure. */
import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { Program } from '../../config/programs.ts'
import { sourceSuffixes } from '../../config/runtimes.ts'

/** What is watched for one program. */
export interface WatchRule {
  readonly program: Program
  /** Absolute directories, everything below them included. */
  readonly roots: readonly string[]
  /** Suffixes that count; undefined: every file. */
  readonly suffixes: readonly string[] | undefined
}

/** Directories that hold what was made or fetched, not written. Those that begin with a dot are left out as well. */
const DIRECTORIES_IGNORED = new Set(['node_modules', 'dist', 'out', '__pycache__'])
const SUFFIXES_IGNORED = new Set(['.log', '.tmp', '.swp', '.pyc', '.db', '.sqlite'])

/**
 * The rule of a program: the directory of its entry, or for a command those of the files that it names (`isFile` tells
 * which of its words are files).
 */
export function watchRule(program: Program, isFile: (path: string) => boolean): WatchRule {
  const { entry, options } = program
  if (entry !== undefined) return { program, roots: [dirname(entry)], suffixes: sourceSuffixes(entry) }
  const cwd = options.cwd ?? '.'
  const files = options.command
    .filter((word, i) => !word.startsWith('-') && (i > 0 || (word.includes('/') && !isAbsolute(word))))
    .map((word) => resolve(cwd, word))
    .filter(isFile)
  return { program, roots: [...new Set(files.map((file) => dirname(file)))], suffixes: undefined }
}

/** Whether a path is left out, looked at from the root it lies under. */
export function isIgnored(path: string, roots: readonly string[]): boolean {
  const root = rootOf(path, roots)
  if (root === undefined || path === root) return false
  const parts = relative(root, path).split(sep)
  if (parts.some((part) => part.startsWith('.') || DIRECTORIES_IGNORED.has(part))) return true
  const name = basename(path)
  return name.endsWith('~') || SUFFIXES_IGNORED.has(extname(name))
}

/** The programs that a changed file belongs to. */
export function programsOf(path: string, rules: readonly WatchRule[]): Program[] {
  return rules
    .filter((rule) => rootOf(path, rule.roots) !== undefined && !isIgnored(path, rule.roots))
    .filter((rule) => rule.suffixes === undefined || rule.suffixes.includes(extname(path)))
    .map((rule) => rule.program)
}

function rootOf(path: string, roots: readonly string[]): string | undefined {
  return roots.find((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep))
}
