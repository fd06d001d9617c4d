/** One idea per file. Sizes are a ratchet: a file above the limit is listed, and may only shrink. */
import type { Offence, Rule } from '../rule.ts'
import { isGenerated, type Tree } from '../tree.ts'

const LINES_MAX = 400
const LINES_EXPECTED = 250
const CODE = ['.ts', '.py', '.go', '.c', '.cc', '.cpp', '.h', '.hpp', '.sh']
export const RATCHET = 'tools/tidy/sizes.json'

/** Path → lines, of the code files that have more than `limit`. */
function longerThan(tree: Tree, limit: number): Map<string, number> {
  const found = new Map<string, number>()
  for (const { path, text } of tree.ending(...CODE)) {
    const lines = text.split('\n').length - 1
    if (lines > limit && !isGenerated(path)) found.set(path, lines)
  }
  return found
}

function listed(tree: Tree): Record<string, number> {
  return JSON.parse(tree.file(RATCHET)?.text ?? '{}') as Record<string, number>
}

export const sizes: Rule = {
  name: 'sizes',
  asks: `A file has at most ${LINES_MAX} lines; those listed in ${RATCHET} may only shrink.`,
  check(tree) {
    const offences: Offence[] = []
    const [now, limits] = [longerThan(tree, LINES_MAX), listed(tree)]
    for (const [path, lines] of now) {
      const limit = limits[path] ?? LINES_MAX
      if (lines > limit) offences.push({ path, message: `has ${lines} lines, at most ${limit}: split it by idea` })
    }
    for (const [path, limit] of Object.entries(limits)) {
      const lines = now.get(path)
      if (lines === undefined || lines < limit) {
        offences.push({
          path: RATCHET,
          message: `${path} has shrunk below ${limit} lines: \`make fix\` lowers the list`,
        })
      }
    }
    return offences
  },
  warnings: (tree) =>
    [...longerThan(tree, LINES_EXPECTED)].map(([path, lines]) => ({
      path,
      message: `has ${lines} lines, more than ${LINES_EXPECTED}: is it still one idea?`,
    })),
  fix(tree) {
    const now = longerThan(tree, LINES_MAX)
    const lowered = Object.entries(listed(tree)).flatMap(([path, limit]) => {
      const lines = now.get(path)
      return lines === undefined ? [] : [[path, Math.min(lines, limit)] as const]
    })
    return { [RATCHET]: `${JSON.stringify(Object.fromEntries(lowered), undefined, 2)}\n` }
  },
}
