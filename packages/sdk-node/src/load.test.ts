import { describe, expect, it } from 'vitest'
import { fn } from './function.ts'
import { selectFunctions } from './load.ts'

const greet = fn('greet', (name: string) => `Hello, ${name}`)
const entry = '/somewhere/hello.ts'

function names(namespace: Record<string, unknown>, more: { handler?: string; name?: string } = {}): string[] {
  return selectFunctions(namespace, { entry, ...more }).map((one) => one.name)
}

describe('selectFunctions', () => {
  it('takes what fn made by its own name, and plain functions by that of their export', () => {
    function plain(): void {}
    expect(names({ hi: greet, plain, number: 1, Class: class {}, $odd: () => 1 })).toEqual(['greet', 'plain'])
  })

  it("takes the default export by the file's base name, unless it has a name of its own", () => {
    expect(names({ default: () => 1 })).toEqual(['hello'])
    expect(names({ default: greet })).toEqual(['greet'])
    const plain = (): void => {}
    expect(names({ default: plain, plain })).toEqual(['plain'])
  })

  it('takes one by its export or its function name, under another name if wanted', () => {
    const namespace = { hi: greet, other: () => 1 }
    expect(names(namespace, { handler: 'hi' })).toEqual(['greet'])
    expect(names(namespace, { handler: 'greet', name: 'welcome' })).toEqual(['welcome'])
    expect(names({ greet }, { name: 'welcome' })).toEqual(['welcome'])
  })

  it('says in one line what the file exports and what may have been meant', () => {
    const namespace = { hi: greet, other: () => 1 }
    expect(() => names(namespace, { handler: 'gret' })).toThrow(
      'hello.ts has no export "gret": it exports hi (function greet), other. Did you mean "greet"?',
    )
    expect(() => names(namespace, { handler: 'something' })).toThrow(/exports hi \(function greet\), other\.$/)
    expect(() => names({}, { handler: 'x' })).toThrow('hello.ts has no export "x": it exports no function')
    expect(() => names({ a: 1 })).toThrow('hello.ts exports no function: export one, such as')
    expect(() => names(namespace, { name: 'x' })).toThrow(
      '--name x needs --handler: hello.ts exports hi (function greet), other',
    )
    expect(() => names(namespace, { handler: 'hi', name: 'a b' })).toThrow('"a b" can\'t name a function')
  })

  it('refuses two functions of one name', () => {
    expect(() => names({ hi: greet, greet: () => 1 })).toThrow('hello.ts exports two functions named "greet"')
  })
})
