import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { os } from './os.ts'

const ENGINE = 'packages/engine/src'

describe('os', () => {
  const inside = (text: string, file = 'call/call.ts') => found(os, { [`${ENGINE}/${file}`]: text })

  it('finds modules, globals and clocks in a file that is not listed', () => {
    for (const text of [
      "import { readFileSync } from 'node:fs'",
      "import http from 'node:http'",
      'setTimeout(() => {}, 1)',
      'const at = Date.now()',
      'const at = new Date()',
      'const chance = Math.random()',
      'process.exit(1)',
    ]) {
      expect(inside(text), text).toEqual([`${ENGINE}/call/call.ts:1`])
    }
  })

  it('passes what only computes, types, and the same words in comments, strings and members', () => {
    for (const text of [
      "import { join } from 'node:path'",
      "import { isIPv6 } from 'node:net'",
      "import type { Socket } from 'node:net'",
      '// setTimeout(0) and process.exit(1)',
      "const text = 'Date.now()'",
      'clock.setTimeout(1); worker.process.exit()',
      'const at = new Date(5)',
      'function end(process: Process) { process.exit(1) }',
      'const { process } = launched; on(() => process.exit(1))',
      'const software = process.versions.node',
    ]) {
      expect(inside(text), text).toEqual([])
    }
  })

  it('passes the listed files and tests', () => {
    expect(inside("import 'node:fs'", 'channel/pipe-reader.ts')).toEqual([])
    expect(inside("import 'node:fs'", 'call/call.test.ts')).toEqual([])
    expect(inside("import 'node:fs'", 'channel/channel.ts')).toEqual([`${ENGINE}/channel/channel.ts:1`])
  })
})
