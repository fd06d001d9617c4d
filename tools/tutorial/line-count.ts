/** Counts the lines of a program that say something: neither blank nor comment alone. Pure. */

interface Comments {
  /** What begins a comment that fills the line. */
  readonly line: RegExp
  /** Brackets of comments over several lines. */
  readonly block?: { readonly opens: RegExp; readonly closes: RegExp }
}

const HASH: Comments = { line: /^#/ }
const SLASHES: Comments = { line: /^\/\//, block: { opens: /^\/\*/, closes: /\*\// } }

const BY_SUFFIX: Readonly<Record<string, Comments>> = {
  pl: HASH,
  py: { line: /^#/, block: { opens: /^"""/, closes: /"""$/ } },
  go: SLASHES,
  cpp: SLASHES,
  mjs: SLASHES,
}

/** Throws for a suffix that it does not know. `#!` counts as a comment. */
export function countLines(file: string, text: string): number {
  const suffix = file.slice(file.lastIndexOf('.') + 1)
  const comments = BY_SUFFIX[suffix]
  if (comments === undefined) throw new Error(`${file}: how comments look in .${suffix} files is not known here`)
  let count = 0
  let inBlock = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (inBlock) {
      inBlock = !comments.block!.closes.test(line)
      continue
    }
    if (line === '' || comments.line.test(line)) continue
    if (comments.block?.opens.test(line)) {
      inBlock = !comments.block.closes.test(line.slice(2)) || line.length < 4
      continue
    }
    count += 1
  }
  return count
}
