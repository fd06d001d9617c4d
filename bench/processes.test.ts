import { describe, expect, it } from 'vitest'
import { cpuUs, memoryOf, ownCpuUs } from './processes.ts'

describe('the CPU time of a process', () => {
  it('rises by what it takes, and is that of all its threads together', () => {
    const [before, ownBefore] = [cpuUs(process.pid), ownCpuUs()]
    let sum = 0
    while (ownCpuUs() < ownBefore + 50_000) sum += Math.sqrt(sum + 1)
    expect(sum).toBeGreaterThan(0)
    expect(cpuUs(process.pid)).toBeGreaterThan(before)
  })

  it('is refused of a process that is not there', () => {
    expect(() => cpuUs(2 ** 30)).toThrow('ENOENT')
  })
})

describe('the memory of a process', () => {
  it('counts shared pages in full as RSS, by their share as PSS', () => {
    const { rssMb, pssMb } = memoryOf(process.pid)
    expect(pssMb).toBeGreaterThan(0)
    expect(rssMb).toBeGreaterThanOrEqual(pssMb)
  })
})
