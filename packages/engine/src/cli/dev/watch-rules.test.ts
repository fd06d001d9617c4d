import { describe, expect, it } from 'vitest'
import type { Program } from '../../config/programs.ts'
import { isIgnored, programsOf, watchRule } from './watch-rules.ts'

function program(name: string, entry: string | undefined, command: string[] = [], cwd = '/p'): Program {
  return { options: { name, command, cwd }, entry, source: '', first: undefined }
}
const FILES = new Set(['/p/bin/sum', '/p/w/worker.py', '/usr/bin/env'])
const isFile = (path: string) => FILES.has(path)

describe('watchRule', () => {
  it('watches the directory of an entry for its sources', () => {
    const rule = watchRule(program('a', '/p/f/a.ts'), isFile)
    expect(rule.roots).toEqual(['/p/f'])
    expect(rule.suffixes).toEqual(['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'])
  })

  it.each([
    [['./bin/sum'], '/p', ['/p/bin']],
    [['python3', '-u', 'worker.py'], '/p/w', ['/p/w']],
    [['/usr/bin/env', 'sum'], '/p', []],
  ])('watches for the command %j the directories of the files that it names', (command, cwd, roots) => {
    const rule = watchRule(program('a', undefined, command, cwd), isFile)
    expect(rule.roots).toEqual(roots)
    expect(rule.suffixes).toBeUndefined()
  })
})

describe('isIgnored', () => {
  it.each([
    ['/p/out/f/node_modules/x/y.ts', true],
    ['/p/out/f/.git/HEAD', true],
    ['/p/out/f/dist/a.js', true],
    ['/p/out/f/out', true],
    ['/p/out/f/.a.ts.swp', true],
    ['/p/out/f/a.ts~', true],
    ['/p/out/f/debug.log', true],
    ['/p/out/f', false],
    ['/p/out/f/a.ts', false],
    ['/p/out/f/lib/outer.ts', false],
  ])('looks below the root alone: %s is ignored: %s', (path, expected) => {
    expect(isIgnored(path, ['/p/out/f'])).toBe(expected)
  })
})

describe('programsOf', () => {
  const a = program('a', '/p/f/a.ts')
  const b = program('b', '/p/f/b.ts')
  const other = program('other', '/p/ff/x.ts')
  const sum = program('sum', undefined, ['./bin/sum'])
  const rules = [a, b, other, sum].map((one) => watchRule(one, isFile))

  it.each([
    ['/p/f/a.ts', [a, b]],
    ['/p/f/lib/deep.json', [a, b]],
    ['/p/f/notes.txt', []],
    ['/p/ff/x.ts', [other]],
    ['/p/bin/sum', [sum]],
    ['/p/elsewhere.ts', []],
  ])('of %s are all those whose code it may be', (path, expected) => {
    expect(programsOf(path, rules)).toEqual(expected)
  })
})
