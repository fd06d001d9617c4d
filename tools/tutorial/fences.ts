/** The fenced blocks of a Markdown file, in order, with what their info strings say. Pure. */

export interface Fence {
  /** First word after the fence, such as `perl`. */
  readonly language: string
  /** The other words, `key=value`; a word alone has the value ''. */
  readonly attributes: ReadonlyMap<string, string>
  /** Line of the opening fence, from 1. */
  readonly line: number
  /** Heading of level 2 above it; empty before the first. */
  readonly step: string
  /** The lines between the fences, each with its line feed. */
  readonly text: string
}

/** Throws when a fence is never closed. */
export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = []
  const lines = markdown.split('\n')
  let step = ''
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!
    if (line.startsWith('## ')) step = line.slice(3).trim()
    const opening = /^(`{3,})(\S.*)?$/.exec(line)
    if (opening === null) continue
    const end = lines.indexOf(opening[1]!, at + 1)
    if (end === -1) throw new Error(`line ${at + 1}: this fence is never closed`)
    const [language = '', ...words] = (opening[2] ?? '').trim().split(/\s+/)
    const text = lines
      .slice(at + 1, end)
      .map((one) => `${one}\n`)
      .join('')
    fences.push({ language, attributes: attributesOf(words), line: at + 1, step, text })
    at = end
  }
  return fences
}

function attributesOf(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const equals = word.indexOf('=')
      return equals === -1 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)]
    }),
  )
}
