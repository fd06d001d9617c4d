/** Code blocks of a Markdown text that are the text of a file: a line `<!-- file: PATH -->`, then the block. Pure. */

/** One block. */
export interface FileBlock {
  /** From the repository's top folder. */
  readonly path: string
  readonly text: string
}

/** Throws an Error when a marker has no block behind it. */
export function fileBlocks(markdown: string): FileBlock[] {
  return [...markdown.matchAll(/^<!-- file: (\S+) -->\n([\s\S]*?)(?=^<!-- file: |$(?![\s\S]))/gm)].map((match) => {
    const [, path, rest] = match
    const block = rest!.match(/^\s*```[a-z]*\n([\s\S]*?)^```$/m)
    if (block === null) throw new Error(`no code block follows the marker of ${path}`)
    return { path: path!, text: block[1]! }
  })
}
