import { describe, expect, it } from 'vitest'
import { loadText, parseLoad, parseSamples, samplesBytes } from './load.ts'

const load = { callee: 'go.echo', count: 10_000, inFlight: 8, batch: 1, bytes: 960, first: 7 }

describe('a load as text', () => {
  it('is six words, which the workers of all languages read in this order', () => {
    expect(loadText(load)).toBe('go.echo 10000 8 1 960 7')
    expect(parseLoad(loadText(load))).toEqual(load)
  })

  it.each(['', 'go.echo 1 1 1 0', 'go.echo 1 1 1 0 0 0', 'go.echo 1 1 1 0 x', 'go.echo 1 1 1 0 -1'])(
    'is refused when it is “%s”',
    (text) => {
      expect(() => parseLoad(text)).toThrow('is no load')
    },
  )
})

describe('samples as bytes', () => {
  it('are a time of 8 bytes and samples of 4, little-endian', () => {
    const bytes = samplesBytes({ elapsedNs: 0x1_0000_0002, samplesNs: Uint32Array.of(1, 0xffff_ffff) })
    expect([...bytes]).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255])
    expect(parseSamples(bytes)).toEqual({ elapsedNs: 0x1_0000_0002, samplesNs: Uint32Array.of(1, 0xffff_ffff) })
  })

  it('are read wherever they lie in a buffer', () => {
    const within = new Uint8Array(15)
    within.set(samplesBytes({ elapsedNs: 5, samplesNs: Uint32Array.of(9) }), 3)
    expect(parseSamples(within.subarray(3))).toEqual({ elapsedNs: 5, samplesNs: Uint32Array.of(9) })
  })

  it('are refused when they are cut', () => {
    expect(() => parseSamples(new Uint8Array(7))).toThrow('7 bytes are no samples')
    expect(() => parseSamples(new Uint8Array(13))).toThrow('13 bytes are no samples')
  })
})
