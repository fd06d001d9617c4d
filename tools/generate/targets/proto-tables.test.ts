import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fieldsOf, protoTable } from './proto-tables.ts'

const root = join(import.meta.dirname, '../../..')

describe('the tables of proto messages', () => {
  it('have number, type and the comment above each field', () => {
    const text = 'message A {\n  // One.\n  // Two.\n  repeated B bs = 3;\n  uint32 c = 1;\n}\n'
    expect(fieldsOf(text, 'A')).toEqual([
      { number: 3, name: 'bs', type: 'repeated B', doc: 'One. Two.' },
      { number: 1, name: 'c', type: 'uint32', doc: '' },
    ])
  })

  it('know maps', () => {
    expect(fieldsOf('message A {\n  map<string, string> env = 5;\n}\n', 'A')).toEqual([
      { number: 5, name: 'env', type: 'map<string, string>', doc: '' },
    ])
  })

  it('refuse a line that they would leave out', () => {
    expect(() => fieldsOf('message A {\n  oneof x {\n  }\n}\n', 'A')).toThrow('is not understood: oneof x {')
  })

  it('find a message in whichever file it stands, and say when there is none', () => {
    expect(protoTable(root, 'Hello')).toContain(
      '| 1 | `token` | `string` | MILLRACE_TOKEN as it was given at launch. |',
    )
    expect(protoTable(root, 'Nothing')).toBeUndefined()
  })
})
