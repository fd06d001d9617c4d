import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { places } from './places.ts'

describe('places', () => {
  it('finds a path of one machine, also in quotes and behind a scheme', () => {
    for (const text of ['cd /home/ada/millrace', '"/Users/ada"', 'file:///root/x']) {
      expect(found(places, { 'a.md': text }), text).toEqual(['a.md:1'])
    }
    expect(found(places, { 'a.md': 'docs/home/page and ./work/x and `/tmp/x`' })).toEqual([])
  })

  it('finds the host of a package registry', () => {
    expect(found(places, { 'a.md': `\n${['registry', 'example', 'org'].join('.')}` })).toEqual(['a.md:2'])
    expect(found(places, { 'a.md': 'example.org and registry.ts' })).toEqual([])
  })
})
