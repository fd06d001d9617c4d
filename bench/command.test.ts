import { describe, expect, it } from 'vitest'
import { isOnPath, runCommand } from './command.ts'

describe('isOnPath', () => {
  it('finds a program by its name, and none that is not there', () => {
    expect(isOnPath('sh')).toBe(true)
    expect(isOnPath('no-program-has-this-name')).toBe(false)
  })
})

describe('runCommand', () => {
  it('gives what a program prints, with variables of its own', async () => {
    expect(await runCommand(['sh', '-c', 'printf "%s" "$BENCH_WORD"'], { BENCH_WORD: 'hello' })).toBe('hello')
  })

  it("fails with the program's own words, and names one that is not installed", async () => {
    await expect(runCommand(['sh', '-c', 'echo broken >&2; exit 3'])).rejects.toThrow('sh failed: broken')
    await expect(runCommand(['no-program-has-this-name'])).rejects.toThrow('is not installed')
  })
})
