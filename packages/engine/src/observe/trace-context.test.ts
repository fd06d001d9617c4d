import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent, toHex } from './trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('parseTraceparent', () => {
  it('reads the ids and the flags of version 00', () => {
    const context = parseTraceparent(`00-${TRACE}-${SPAN}-01`)
    expect(context && toHex(context.traceId)).toBe(TRACE)
    expect(context && toHex(context.spanId)).toBe(SPAN)
    expect(context?.flags).toBe(1)
  })

  it('keeps the sampled and the random bit and drops the six others', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-ff`)?.flags).toBe(3)
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-fc`)?.flags).toBe(0)
  })

  it.each([
    ['a later version as long as version 00', `cc-${TRACE}-${SPAN}-01`],
    ['a later version with more after a dash', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
    ['a later version with a dash at the end', `cc-${TRACE}-${SPAN}-01-`],
  ])('reads %s', (_, header) => {
    expect(parseTraceparent(header)?.flags).toBe(1)
  })

  it.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more after the flags', `00-${TRACE}-${SPAN}-01-`],
    ['a later version with more and no dash', `cc-${TRACE}-${SPAN}-01.what`],
    ['one character less', `00-${TRACE}-${SPAN}-0`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a digit that is none in the trace id', `00-g${TRACE.slice(1)}-${SPAN}-01`],
    ['a digit that is none in the span id', `00-${TRACE}-.${SPAN.slice(1)}-01`],
    ['a digit that is none in the flags', `00-${TRACE}-${SPAN}-0x`],
    ['a digit that is none in the version', `.0-${TRACE}-${SPAN}-01`],
    ['a character beyond ASCII', `00-é${TRACE.slice(1)}-${SPAN}-01`],
    ['underscores for dashes', `00_${TRACE}_${SPAN}_01`],
    ['two headers joined', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['a blank before it', ` 00-${TRACE}-${SPAN}-01`],
  ])('ignores %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})

describe('formatTraceparent', () => {
  it('writes what parseTraceparent reads', () => {
    expect(formatTraceparent(TRACE, SPAN, 1)).toBe(`00-${TRACE}-${SPAN}-01`)
    expect(parseTraceparent(formatTraceparent(TRACE, SPAN, 0))?.flags).toBe(0)
  })
})

describe('toHex', () => {
  it('writes every byte as two lower-case digits', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(toHex(all)).toBe(Buffer.from(all).toString('hex'))
    expect(toHex(all, 254, 256)).toBe('feff')
  })
})
