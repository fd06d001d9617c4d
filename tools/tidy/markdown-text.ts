/** Just enough of Markdown for the rules: headings and links outside code. No I/O. */

export interface Heading {
  readonly level: number
  readonly title: string
  /** From 1. */
  readonly line: number
  /** As the forge makes it from the title; the second of equal ones ends in `-1`. */
  readonly anchor: string
}

export interface Link {
  readonly target: string
  /** From 1. */
  readonly line: number
}

/** The text with code blanked out, line for line. */
export function withoutCode(text: string): string {
  const blank = (match: string) => match.replace(/[^\n]/g, ' ')
  return text
    .replace(/^( {0,3})(```+|~~~+)[^\n]*\n[\s\S]*?^ {0,3}\2[^\n]*$/gm, blank)
    .replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, blank)
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

export function headings(text: string): Heading[] {
  const seen = new Map<string, number>()
  const lines = text.split('\n')
  return withoutCode(text)
    .split('\n')
    .flatMap((line, at) => {
      const marks = /^(#{1,6}) /.exec(line)?.[1]
      if (marks === undefined) return []
      // From the whole text: a title may have code in it, whose letters count in the anchor.
      const title = (lines[at] ?? '')
        .slice(marks.length)
        .trim()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      const anchor = anchorOf(title)
      const times = seen.get(anchor) ?? 0
      seen.set(anchor, times + 1)
      return [{ level: marks.length, title, line: at + 1, anchor: times === 0 ? anchor : `${anchor}-${times}` }]
    })
}

/** Targets of inline links, pictures and reference definitions. */
export function links(text: string): Link[] {
  return withoutCode(text)
    .split('\n')
    .flatMap((line, at) => {
      const inline = [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((match) => match[1]!)
      const definition = /^ {0,3}\[[^\]]+\]:\s+(\S+)/.exec(line)?.[1]
      return [...inline, ...(definition === undefined ? [] : [definition])].map((target) => ({ target, line: at + 1 }))
    })
}
