import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { lock } from './lock.ts'

describe('lock', () => {
  const faults = (wanted: string, locked: string) =>
    found(lock, {
      'packages/a/package.json': `{"dependencies": {"b": "${wanted}"}}`,
      'package-lock.json': `{"packages": {"packages/a": {"dependencies": {"b": "${locked}"}}}}`,
    })

  it('finds a lock file that says otherwise, and a version that is not exact', () => {
    expect(faults('1.2.3', '1.2.3')).toEqual([])
    expect(faults('1.2.3', '1.2.2')).toEqual(['package-lock.json'])
    expect(faults('^1.2.3', '^1.2.3')).toEqual(['packages/a/package.json'])
  })
})
