/** The change log keeps the shape of keepachangelog.com, so that people and release tools can read it. */
import { headings, withoutCode } from '../markdown-text.ts'
import type { Offence, Rule } from '../rule.ts'

const PATH = 'CHANGELOG.md'
const SECTIONS = new Set(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'])
const RELEASE = /^\[\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?\] - \d{4}-\d{2}-\d{2}$/

export const changelog: Rule = {
  name: 'changelog',
  asks: `${PATH} has [Unreleased] first, dated releases below it, and the six usual sections.`,
  check(tree) {
    const file = tree.file(PATH)
    if (file === undefined) return [{ path: PATH, message: 'is missing' }]
    const offences: Offence[] = []
    const all = headings(file.text)
    const releases = all.filter((heading) => heading.level === 2)
    if (releases[0]?.title !== '[Unreleased]') {
      offences.push({ path: PATH, message: 'the first release is not “## [Unreleased]”' })
    }
    for (const { title, line } of releases.slice(1)) {
      if (RELEASE.test(title)) continue
      offences.push({ path: PATH, line, message: `“${title}” is not like “[1.2.3] - 2026-01-31”` })
    }
    const dates = releases.slice(1).map(({ title }) => title.slice(-10))
    if (dates.some((date, at) => at > 0 && date > dates[at - 1]!)) {
      offences.push({ path: PATH, message: 'an older release stands above a newer one' })
    }
    for (const { level, title, line } of all) {
      if (level === 3 && !SECTIONS.has(title)) {
        offences.push({ path: PATH, line, message: `“${title}” is none of ${[...SECTIONS].join(', ')}` })
      }
    }
    // Below a section there is a list, nothing else.
    const begin = all.find((heading) => heading.level === 3)?.line ?? Number.POSITIVE_INFINITY
    withoutCode(file.text)
      .split('\n')
      .forEach((text, at) => {
        if (at < begin || text.trim() === '' || /^(#{2,3} |- | {2,}\S|\[[^\]]+\]: )/.test(text)) return
        offences.push({ path: PATH, line: at + 1, message: 'is neither heading nor list: one “- ” line for a change' })
      })
    return offences
  },
}
