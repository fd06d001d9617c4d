import { describe, expect, it } from 'vitest'
import { withTable } from './readme-table.ts'

const row = { language: 'Perl', file: 'perl/worker.pl', lines: 150, rules: 34 }

describe('withTable', () => {
  it('puts the table between the marks, and nothing changes the second time', () => {
    const once = withTable('a\n<!-- counted -->\nold\n<!-- /counted -->\nb\n', [row])
    expect(once).toContain(
      '| Perl     | [perl/worker.pl](perl/worker.pl) | 150   | 34              |\n\n<!-- /counted -->\nb\n',
    )
    expect(once).not.toContain('old')
    expect(withTable(once, [row])).toBe(once)
  })

  it.each(['no marks', '<!-- /counted --><!-- counted -->'])('refuses a README with %s', (readme) => {
    expect(() => withTable(readme, [])).toThrow('has no <!-- counted -->')
  })
})
