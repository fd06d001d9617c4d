import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { generated } from './generated.ts'

describe('generated', () => {
  it('asks for a mark on every generated file', () => {
    const file = 'packages/a/src/generated/b/c.ts'
    expect(found(generated, { [file]: '' })).toEqual([file])
    const attributes = 'packages/*/src/generated/** linguist-generated\n'
    expect(found(generated, { [file]: '', '.gitattributes': attributes })).toEqual([])
  })
})
