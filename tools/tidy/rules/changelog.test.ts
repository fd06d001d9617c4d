import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { changelog } from './changelog.ts'

describe('changelog', () => {
  const GOOD = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing\n  that is good.\n\n## [0.1.0] - 2026-01-31\n'
  const faults = (text: string) => found(changelog, { 'CHANGELOG.md': text })

  it('passes the usual shape', () => expect(faults(GOOD)).toEqual([]))

  it('finds a missing file, an undated release, an unknown section and prose among the changes', () => {
    expect(found(changelog, {})).toEqual(['CHANGELOG.md'])
    expect(faults(GOOD.replace('[Unreleased]', '[Next]'))).toEqual(['CHANGELOG.md'])
    expect(faults(GOOD.replace(' - 2026-01-31', ''))).toEqual(['CHANGELOG.md:10'])
    expect(faults(GOOD.replace('Added', 'News'))).toEqual(['CHANGELOG.md:5'])
    expect(faults(GOOD.replace('- A thing', 'A thing'))).toEqual(['CHANGELOG.md:7'])
    expect(faults(`${GOOD}\n## [0.2.0] - 2026-02-28\n`)).toEqual(['CHANGELOG.md'])
  })
})
