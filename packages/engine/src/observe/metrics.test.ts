import { REASONS } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { EngineMetrics, FunctionMetrics } from './metrics.ts'

describe('EngineMetrics', () => {
  it('gives the same object for the same function and another for another', () => {
    const metrics = new EngineMetrics()
    const add = metrics.ofFunction('add')
    expect(metrics.ofFunction('add')).toBe(add)
    expect(metrics.ofFunction('sub')).not.toBe(add)
    expect([...metrics.functions()].map((each) => each.function)).toEqual(['add', 'sub'])
  })
})

describe('FunctionMetrics', () => {
  it('counts each reason on its own and all of them together', () => {
    const metrics = new FunctionMetrics('add')
    for (const reason of Object.values(REASONS)) {
      metrics.failure(reason.name)
      metrics.failure(reason.name)
    }
    for (const reason of Object.values(REASONS)) expect(metrics.failed[reason.value]).toBe(2)
    expect(metrics.failures).toBe(2 * Object.keys(REASONS).length)
    expect(metrics.ok).toBe(0)
  })

  it('counts beyond 32 bits', () => {
    const metrics = new FunctionMetrics('add')
    metrics.failed[REASONS.queue_full.value] = 2 ** 32 - 1
    metrics.failure('queue_full')
    expect(metrics.failed[REASONS.queue_full.value]).toBe(2 ** 32)
  })
})
