/** Documents: one title each, and links that lead somewhere. */
import { posix } from 'node:path'
import { headings, links } from '../markdown-text.ts'
import type { Offence, Rule } from '../rule.ts'
import type { SourceFile, Tree } from '../tree.ts'

function titleOffences(file: SourceFile): Offence[] {
  const titles = headings(file.text).filter((heading) => heading.level === 1)
  if (titles.length === 1 && file.text.startsWith('# ')) return []
  return [{ path: file.path, message: `has ${titles.length} titles: begin with one \`# Title\`, and have no other` }]
}

function linkOffences(tree: Tree, file: SourceFile): Offence[] {
  return links(file.text).flatMap(({ target, line }) => {
    if (/^[a-z][a-z+.-]*:/.test(target)) return []
    const [place = '', anchor] = decodeURI(target).split('#')
    const path =
      place === '' ? file.path : posix.normalize(posix.join(posix.dirname(file.path), place)).replace(/\/$/, '')
    // What a tool builds is there only after it ran.
    if (path.startsWith('out/')) return []
    if (path !== '.' && !tree.has(path)) return [{ path: file.path, line, message: `${target} leads nowhere` }]
    if (anchor === undefined || !path.endsWith('.md')) return []
    const text = tree.file(path)?.text ?? ''
    const known = headings(text).some((heading) => heading.anchor === anchor) || text.includes(`id="${anchor}"`)
    return known ? [] : [{ path: file.path, line, message: `${target}: ${path} has no such heading` }]
  })
}

export const markdown: Rule = {
  name: 'markdown',
  asks: 'A document has one title, and its links lead somewhere.',
  check: (tree) => tree.ending('.md').flatMap((file) => [...titleOffences(file), ...linkOffences(tree, file)]),
}
