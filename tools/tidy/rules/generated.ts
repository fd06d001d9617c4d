/** What a tool wrote is marked, so that a review shows its source and not its diff. */
import { matchesGlob } from 'node:path'
import type { Rule } from '../rule.ts'
import { isGenerated } from '../tree.ts'

const PATH = '.gitattributes'

export const generated: Rule = {
  name: 'generated',
  asks: `Every generated file is marked linguist-generated in ${PATH}.`,
  check(tree) {
    const lines = (tree.file(PATH)?.text ?? '').split('\n')
    const marked = lines.filter((line) => / linguist-generated$/.test(line)).map((line) => line.split(' ')[0]!)
    return tree.files
      .filter(({ path }) => isGenerated(path) && !path.startsWith('tools/'))
      .filter(({ path }) => !marked.some((pattern) => matchesGlob(path, pattern)))
      .map(({ path }) => ({ path, message: `is generated: mark it in ${PATH} as linguist-generated` }))
  },
}
