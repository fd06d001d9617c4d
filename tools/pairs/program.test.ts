import { describe, expect, it } from 'vitest'
import { callProgram, payloadOf, readOutcome } from './program.ts'

describe('the programs of the pairs', () => {
  it('lay out CALL as the fixture reads it', () => {
    expect([...callProgram('go.echo', new Uint8Array([7, 8]))]).toEqual([
      7, 0, 7, 0x67, 0x6f, 0x2e, 0x65, 0x63, 0x68, 0x6f, 0, 0, 0, 0, 2, 0, 0, 0, 7, 8,
    ])
  })

  it('read an ok outcome, a failure, and one that is cut', () => {
    expect(readOutcome(new Uint8Array([0, 2, 0, 0, 0, 7, 8]))).toEqual(new Uint8Array([7, 8]))
    expect(readOutcome(new Uint8Array([1, 3, 5, 0, 0, 0, 2, 0, 0x6e, 0x6f]))).toBe('the call failed with reason 3: no')
    expect(readOutcome(new Uint8Array([0, 3, 0, 0, 0, 7]))).toBe('the outcome is cut: 1 of 3 bytes')
  })

  it('give the pattern of the fixture', () => {
    expect([...payloadOf(3, 0)]).toEqual([60, 71, 209])
  })
})
