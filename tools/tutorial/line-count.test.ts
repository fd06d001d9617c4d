import { describe, expect, it } from 'vitest'
import { countLines } from './line-count.ts'

describe('countLines', () => {
  it.each([
    ['a.pl', '#!/usr/bin/perl\n# said\n\nuse v5.36;\nmy $x = 1;    # said\n', 2],
    ['a.py', '"""One line."""\n"""Several\nlines."""\nx = 1\n# said\n\ny = """text"""\n', 2],
    ['a.go', '// said\n/* a\nb */\npackage main\n\n', 1],
    ['a.mjs', '/** one */\nconst a = 1 // said\n', 1],
    ['a.cpp', '\n  // said\n#include <map>\n', 1],
  ])('counts what is neither blank nor comment alone in %s', (file, text, lines) => {
    expect(countLines(file, text)).toBe(lines)
  })

  it('refuses a language whose comments it does not know', () => {
    expect(() => countLines('a.lua', '')).toThrow('.lua')
  })
})
