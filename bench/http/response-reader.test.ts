import { describe, expect, it } from 'vitest'
import { ResponseReader } from './response-reader.ts'

const LENGTH = 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'

/** Pushes in pieces of `size` bytes; says at which byte answers were whole. */
function wholeAt(reader: ResponseReader, text: string, size: number): number[] {
  const bytes = Buffer.from(text)
  const at: number[] = []
  for (let from = 0; from < bytes.length; from += size) {
    const piece = bytes.subarray(from, from + size)
    if (reader.push(piece)) at.push(from + piece.length)
  }
  return at
}

describe('ResponseReader', () => {
  it.each([
    ['a length', LENGTH],
    ['chunks', CHUNKED],
  ])('finds the end of an answer with %s, cut at every size', (_, text) => {
    for (let size = 1; size <= text.length; size += 1) {
      const reader = new ResponseReader()
      expect(wholeAt(reader, text, size), `pieces of ${size}`).toEqual([text.length])
      expect(reader.bodyBytes).toBe(5)
      expect(wholeAt(reader, text, size), 'once more on the same socket').toEqual([text.length])
    }
  })

  it('takes an answer without a body as whole at the end of its head', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    expect(wholeAt(new ResponseReader(), text, 1)).toEqual([text.length])
  })

  it('refuses any status but 200, bytes after the answer, and a body without an end', () => {
    const push = (text: string) => () => new ResponseReader().push(Buffer.from(text))
    expect(push('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')).toThrow('503 Service Unavailable')
    expect(push(`${LENGTH}x`)).toThrow('more than one answer')
    expect(push('HTTP/1.1 200 OK\r\nX: y\r\n\r\n')).toThrow('neither')
  })
})
