import { describe, expect, it } from 'vitest'
import { parseOptions, UsageError } from './options.ts'
import { allowedCores } from './place.ts'

describe('parseOptions', () => {
  it('makes 7 rounds, 3 with --quick, and as many as are asked for', () => {
    expect(parseOptions([]).rounds).toBe(7)
    expect(parseOptions(['--quick']).rounds).toBe(3)
    expect(parseOptions(['--quick', '--rounds', '1']).rounds).toBe(1)
  })

  it('takes every case without --only', () => {
    expect(parseOptions([]).only).toBeUndefined()
    expect(parseOptions(['--only', '^internal']).only?.test('external')).toBe(false)
  })

  it('pins to a core that this process may use', () => {
    expect(allowedCores()).toContain(parseOptions([]).core)
  })

  it.each([
    [['--rounds', '0'], '--rounds 0 is no whole number from 1 to 100'],
    [['--rounds', '101'], '--rounds 101 is no whole number from 1 to 100'],
    [['--rounds', '1.5'], '--rounds 1.5'],
    [['--core', '65535'], '--core 65535 is not one of'],
    [['--only', '('], '--only: '],
    [['--max-regression', '5'], '--max-regression needs --compare FILE'],
    [['--compare', 'x', '--max-regression', '-1'], 'max-regression'],
    [['--fast'], "'--fast'"],
  ])('refuses %j', (words, message) => {
    expect(() => parseOptions(words)).toThrow(UsageError)
    expect(() => parseOptions(words)).toThrow(message)
  })

  it('keeps a whole run alone', () => {
    expect(parseOptions(['--record']).record).toBe(true)
    expect(() => parseOptions(['--record', '--quick'])).toThrow(/leave out --quick/)
    expect(() => parseOptions(['--record', '--only', 'poll'])).toThrow(/leave out --only/)
    expect(() => parseOptions(['--record', '--profile', 'poll'])).toThrow(/leave out --profile/)
  })
})
