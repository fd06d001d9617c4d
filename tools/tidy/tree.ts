/** The repository as the rules see it: text files by path, read once. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'

/** Folders that hold what was installed, built or measured. */
const FOLDERS_LEFT_OUT = new Set([
  '.git',
  '.setup',
  '.tools',
  '.venv',
  '__pycache__',
  'build',
  'dist',
  'node_modules',
  'out',
])

const TEXT_EXTENSIONS = new Set([
  '.ts',
  '.js',
  '.mjs',
  '.json',
  '.md',
  '.yaml',
  '.yml',
  '.py',
  '.go',
  '.mod',
  '.c',
  '.cc',
  '.cpp',
  '.h',
  '.hpp',
  '.txt',
  '.cmake',
  '.proto',
  '.toml',
  '.sh',
  '.pml',
  '.svg',
  '.html',
  '.css',
  '',
])

export interface SourceFile {
  /** From the repository's top folder, with `/`. */
  readonly path: string
  readonly text: string
}

export class Tree {
  /** Sorted by path. */
  readonly files: readonly SourceFile[]
  readonly #byPath: ReadonlyMap<string, SourceFile>
  readonly #folders = new Set<string>()

  constructor(files: readonly SourceFile[]) {
    this.files = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    this.#byPath = new Map(files.map((file) => [file.path, file]))
    for (const { path } of files) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        this.#folders.add(path.slice(0, end))
      }
    }
  }

  file(path: string): SourceFile | undefined {
    return this.#byPath.get(path)
  }

  /** Whether `path` names a file or a folder. */
  has(path: string): boolean {
    return path === '' || this.#byPath.has(path) || this.#folders.has(path)
  }

  /** The files whose path ends in one of `endings`. */
  ending(...endings: readonly string[]): SourceFile[] {
    return this.files.filter((file) => endings.some((ending) => file.path.endsWith(ending)))
  }
}

/** Reads the tree below `root`. Files that hold no text are there with an empty one. */
export function readTree(root: string): Tree {
  const files: SourceFile[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!FOLDERS_LEFT_OUT.has(entry.name)) walk(path)
      } else if (entry.isFile()) {
        const isText = TEXT_EXTENSIONS.has(extname(entry.name))
        files.push({ path, text: isText ? readFileSync(join(root, path), 'utf8') : '' })
      }
    }
  }
  walk('')
  return new Tree(files)
}

/** Whether a tool wrote the file: nobody reads it line by line, so rules of style pass it by. */
export function isGenerated(path: string): boolean {
  const name = basename(path)
  return (
    /(^|\/)(generated|gen|_gen|vectors)\//.test(path) ||
    /_gen\.go$/.test(name) ||
    path === 'package-lock.json' ||
    path === 'spec/requirements.json'
  )
}

/** What stands beside the code it tests and is no test itself: only tests import it. */
const TEST_SUPPORT = [
  /^packages\/protocol\/src\/golden\.ts$/,
  /^packages\/engine\/src\/gateway\/(scripted-door|http-test-client)\.ts$/,
]

/** Whether the file runs in tests, fuzzers and benchmarks only. */
export function isForTests(path: string): boolean {
  return /\.(test|fuzz|bench)\.ts$/.test(path) || TEST_SUPPORT.some((pattern) => pattern.test(path))
}

/** Line number, from 1, of a place in a text. */
export function lineAt(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
