/** The examples of the README run. */
import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FifoEngine, Workshop } from './fifo-engine.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const files = new Map([...README.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map((match) => [match[1]!, match[2]!]))

let workshop: Workshop
let engine: FifoEngine | undefined

beforeEach(() => {
  workshop = new Workshop()
  for (const [name, text] of files) workshop.file(name, text)
})

afterEach(() => {
  engine?.leave()
  engine?.child.kill('SIGKILL')
  engine = undefined
  workshop.remove()
})

describe('README', () => {
  it('serves hello.ts and kinds.ts', async () => {
    engine = new FifoEngine(workshop, ['kinds.ts'])
    expect(await engine.welcome()).toEqual(['count', 'first-above', 'reverse', 'upper', 'user'])
    engine.invoke('user', 2, '1')
    expect(await engine.result()).toEqual({ id: '1', name: 'Ada' })
    const other = new Workshop()
    other.file('hello.ts', files.get('hello.ts')!)
    engine.child.kill('SIGKILL')
    engine = new FifoEngine(other, ['hello.ts'])
    expect(await engine.welcome()).toEqual(['greet', 'welcome'])
    other.remove()
  })

  it('passes its own tests in hello.test.ts', () => {
    symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(workshop.path, 'node_modules'))
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=millrace-source', 'hello.test.ts'], {
      cwd: workshop.path,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})
